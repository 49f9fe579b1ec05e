"""The three made-up meetings, all the way: invited, prepared in Telegram and in a browser, read."""

import html
import re
from pathlib import Path
from typing import Any

import httpx
import pytest
from playwright.async_api import Browser

from tests.journeys import web_player
from tests.journeys.script import Script, meeting_files, people_of
from tests.overheard import Overheard
from tests.service import Service
from tests.telegram import player
from tests.telegram.emulator import Emulator

pytestmark = [pytest.mark.asyncio, pytest.mark.browser]


async def prepare(
    person: dict[str, Any],
    links: dict[str, Any],
    telegram: Emulator,
    chromium: Browser,
    until: str = "sent",
) -> Script:
    """One person prepares, in the channel that they were invited to."""
    script = Script(person)
    if person["channel"] == "telegram":
        chat = telegram.person(person["name"], person["language"])
        await player.come_in(chat, links["telegram"]["start"])
        await player.play(chat, script, until=until)
    else:
        page = await web_player.come_in(chromium, links["web"])
        await web_player.play(page, script, until=until)
        await page.context.close()
    return script


async def signed_in(service: Service, made: dict[str, Any]) -> httpx.AsyncClient:
    """The coordinator, in a browser of their own."""
    client = httpx.AsyncClient(base_url=service.address, follow_redirects=True)
    door = await client.get(made["coordinator"]["web"])
    fields = dict(re.findall(r'name="([a-z_]+)" value="([^"]*)"', door.text))
    page = await client.post(made["coordinator"]["web"], data=fields)
    assert page.status_code == 200
    return client


def ids(made: dict[str, Any], service: Service) -> dict[str, str]:
    """The store's ids of the people, by the ids of the file."""
    from sqlalchemy import select

    from bot.store.models import Participant

    rows = service.database.run_now(
        lambda session: session.execute(
            select(Participant.reference, Participant.id, Participant.meeting_id)
        ).all()
    )
    return {row.reference: str(row.id) for row in rows if str(row.meeting_id) == made["meeting"]}


def on_page(text: str, words: str) -> bool:
    """Letter for letter."""
    return words in html.unescape(text)


@pytest.mark.parametrize("path", meeting_files(), ids=lambda path: path.stem)
@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
async def test_a_family_prepares_and_the_coordinator_reads_their_own_words(
    service: Service,
    telegram: Emulator,
    chromium: Browser,
    path: Path,
    nothing_is_overheard: Overheard,
) -> None:
    made = service.meeting(path)
    links = {one["id"]: one for one in made["people"]}
    people = people_of(path)
    *senders, drafter = people
    scripts = {
        person["id"]: await prepare(person, links[person["id"]], telegram, chromium)
        for person in senders
    }
    draft = await prepare(drafter, links[drafter["id"]], telegram, chromium, until="preview")
    assert len(nothing_is_overheard.words) > 20, "the scan at the end knows what was said"
    desk = await signed_in(service, made)
    who = ids(made, service)
    copy = (await desk.get(f"/coordinator/meeting/{made['meeting']}/copy")).text
    for name, script in scripts.items():
        page = (await desk.get(f"/coordinator/summary/{who[name]}")).text
        for step in script.done:
            step = step.removesuffix(".not_to")
            for words in script.words(step):
                assert on_page(page, words), (name, step, words)
                shared = script.shared(step) and not script.person.get("not_to", {}).get(step)
                if step == "name" or len(words) < 12:
                    continue  # names, and single words, may stand on the copy for another reason
                if not script.shared(step):
                    assert not on_page(copy, words), (name, step, words)
                elif shared:
                    assert on_page(copy, words), (name, step, words)
    everything = copy + (await desk.get("/coordinator")).text
    for name in who.values():
        everything += (await desk.get(f"/coordinator/summary/{name}")).text
    everything += (await desk.get(f"/coordinator/meeting/{made['meeting']}")).text
    for step in draft.done:
        for words in draft.words(step):
            if step != "name":
                assert not on_page(everything, words), (drafter["id"], step)
    await desk.aclose()
