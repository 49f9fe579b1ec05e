"""The three made-up meetings, set up at the desk as a coordinator does it: made, people pasted,
links given; then prepared, and read."""

import html
import re
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest
from sqlalchemy.orm import Session

from bot import staff
from bot.meetings.pasted import write_people
from bot.store.sealing import KeyRing
from tests.journeys.script import Script, Typed, meeting_files, meeting_in, people_of
from tests.papers.reading import read_pdf
from tests.service import Service
from tests.web.visitor import Paper, Visitor

pytestmark = pytest.mark.asyncio


@dataclass
class Desk:
    """A coordinator's browser, and what their hands do in it."""

    visitor: Visitor
    done: Counter[str] = field(default_factory=Counter)

    async def taps(self, path: str) -> str:
        """A link, or a button that only leads somewhere."""
        self.done["taps"] += 1
        return html.unescape((await self.visitor.opens(path)).text)

    async def fills_in(self, path: str, chosen: dict[str, str] | None = None, **typed: str) -> str:
        """Fields, one by one, and the button below them.

        Args:
            chosen: in lists, which mostly stand at what is meant.
        """
        self.done["fields"] += len(typed)
        self.done["taps"] += 1
        data = {**self.visitor.paper.fields, **(chosen or {}), **typed}
        answer = await self.visitor.client.post(path, data=data)
        if answer.status_code == 303:
            answer = await self.visitor.opens(answer.headers["location"])
        self.visitor.paper = Paper(answer.text)
        return html.unescape(answer.text)


async def at_the_desk(service: Service, visitor: Callable[[], Visitor], path: Path) -> Desk:
    """The meeting's own coordinator, invited and signed in by their link."""
    given = meeting_in(path).coordinator

    def invite(session: Session) -> str:
        now = service.clock()
        made = staff.make(
            session,
            KeyRing(session, service.service_key),
            name=given.name,
            email=given.email,
            language="en",
            now=now,
            actor="operator",
        )
        return staff.link(session, made, now, "operator")

    token = service.database.run_now(invite)
    desk = Desk(visitor())
    await desk.taps(f"/coordinator/in/{token}")
    page = await desk.fills_in(f"/coordinator/in/{token}")
    assert "New meeting" in page
    return desk


async def sets_up(desk: Desk, path: Path) -> dict[str, str]:
    """Makes the meeting of a file, and gives everybody's link by their name."""
    file = meeting_in(path)
    await desk.taps("/coordinator/meeting/new")
    await desk.fills_in(
        "/coordinator/meeting/new",
        {"kind": file.meeting.kind, "nation": file.meeting.nation},
        title=file.meeting.title,
        date=f"{file.meeting.starts_at:%Y-%m-%d}",
        time=f"{file.meeting.starts_at:%H:%M}",
        place=file.meeting.place,
    )
    [people] = set(re.findall(r"/coordinator/meeting/[0-9a-f-]+/people", desk.visitor.paper.text))
    listed = write_people(file.people)
    await desk.fills_in(people, people=listed)
    page = await desk.fills_in(people, {"people": listed})
    names = re.findall(r"<h2><bdi>(.*?)</bdi></h2>", page)
    links = re.findall(r'class="key"><bdi dir="ltr">([^<]+)</bdi>', page)
    assert names == [one.name for one in file.people]
    return dict(zip(names, links, strict=True))


async def prepares(visitor: Visitor, person: dict[str, Any], link: str) -> Script:
    """As the web chat's own script would send it."""
    await visitor.come_in(link[link.index("/i/") :])
    script = Script(person)
    while visitor.paper.state != "sent":
        deed = script.next(visitor.paper.state, visitor.paper.choices)
        assert deed is not None, f"the script ends at {visitor.paper.state}"
        said = {"text": deed.text} if isinstance(deed, Typed) else {"choice": deed.choice}
        answer = await visitor.client.post(
            "/chat", data={**visitor.paper.fields, **said}, headers={"X-Enhance": "1"}
        )
        assert answer.status_code == 200
        visitor.paper = Paper(answer.text)
    return script


@pytest.mark.parametrize("path", meeting_files(), ids=lambda path: path.stem)
@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
async def test_set_up_invited_prepared_and_read(
    service: Service, visitor: Callable[[], Visitor], path: Path
) -> None:
    desk = await at_the_desk(service, visitor, path)
    links = await sets_up(desk, path)
    people = people_of(path)
    assert set(links) == {one["name"] for one in people}
    first, *others = people
    await prepares(visitor(), first, links[first["name"]])

    today = await desk.taps("/coordinator")
    [meeting] = set(re.findall(r'href="(/coordinator/meeting/[0-9a-f-]{36})"', today))
    shown = await desk.taps(meeting)
    summaries = re.findall(r'href="(/coordinator/summary/[0-9a-f-]{36})"', shown)
    assert len(set(summaries)) == len(people)
    read = await desk.taps(page_of(shown, first["name"]))
    assert first["says"]["worries"] in read
    # Someone new, from their own link to the first summary on their screen.
    assert desk.done == {"taps": 9, "fields": 5}

    assert await pages_on_paper(desk, page_of(shown, first["name"])) == 1
    for one in others:
        await prepares(visitor(), one, links[one["name"]])
        where = page_of(await desk.taps(meeting), one["name"])
        page = await desk.taps(where)
        assert await pages_on_paper(desk, where) == 1, one["name"]
        said = [words for words in one["says"].values() if isinstance(words, str) and " " in words]
        told = [words for words in said if words in page]
        assert told, one["name"]
    assert UUID(meeting.rpartition("/")[2])


async def pages_on_paper(desk: Desk, summary: str) -> int:
    """Whatever somebody has to say, it is one page to carry."""
    paper = await desk.visitor.client.get(f"{summary}/pdf")
    return read_pdf(paper.content).pages


def page_of(meeting: str, name: str) -> str:
    """Whose summary it is."""
    found = re.search(
        rf'href="(/coordinator/summary/[0-9a-f-]{{36}})"[^>]*><bdi>{re.escape(name)}</bdi>', meeting
    )
    assert found is not None, name
    return found[1]
