"""What a meeting says of itself: written at the desk, read by everybody in the family."""

import re
from html import unescape
from uuid import UUID

import pytest
from sqlalchemy.orm import Session

from bot.meetings import Told, read_meeting_file
from bot.meetings.correcting import correct_meeting
from bot.meetings.files import MeetingFileRefused
from bot.store.database import Database
from bot.store.models import AuditEntry, Meeting
from bot.store.sealing import KeyRing, ServiceKey
from flows.about_meeting import about_meeting
from flows.answers import AboutMeeting, Conversation
from flows.library import audience_for, flow_for
from flows.replay import circumstances
from flows.showing import Showing
from tests.coordinator.browser import Browser
from tests.coordinator.household import LIBRARY, PEOPLE, Household
from tests.promises.ash import Ash, ash_family
from tests.telegram.player import question, where

WRITTEN = {
    "called": "Family network meeting",
    "joining": "0117 496 0123, then 44#",
    "professionals": "Sam Reed, school nurse\nJo Bright, housing",
    "may_be_told": "How Kit can be at home at weekends.",
    "fixed": "Kit sleeps at Marjorie's until April.",
    "open": "Who takes him to football.",
}


def form_of(**changes: str) -> dict[str, str]:
    form = {"title": "Meeting for Kit", "kind": "family_group_conference", "place": "The Old Mill"}
    return {**form, **WRITTEN, **changes}


def page_of(ash: Household) -> str:
    return f"/coordinator/meeting/{ash.made.meeting_id}/about"


@pytest.mark.both_databases
def test_it_is_kept_sealed_and_shown_again(
    odette: Browser, ash: Household, database: Database
) -> None:
    meeting = f"/coordinator/meeting/{ash.made.meeting_id}"
    assert odette.post(page_of(ash), **form_of()) == (303, meeting)
    shown = unescape(odette.see(page_of(ash)))
    for text in WRITTEN.values():
        assert text in shown
    assert "The Old Mill" in odette.see(meeting)
    kept = database.run_now(lambda session: session.get_one(Meeting, ash.made.meeting_id))
    assert kept.sealed_about is not None
    assert b"football" not in kept.sealed_about
    done = database.run_now(
        lambda session: session.query(AuditEntry).filter_by(action="meeting_corrected").count()
    )
    assert done == 1


@pytest.mark.parametrize(
    ("field", "given", "told"),
    [
        ("title", "", "Enter what you know the meeting by"),
        ("kind", "party", "Choose what kind"),
        ("place", "x" * 301, "300 letters"),
        ("called", "x" * 81, "at most 80 letters"),
        ("fixed", "x" * 601, "at most 600 letters"),
        ("open", "turned \u202e round", "at most 600 letters"),
    ],
)
def test_what_cannot_be_used_is_said_and_the_rest_stays(
    odette: Browser, ash: Household, field: str, given: str, told: str
) -> None:
    status, page = odette.post(page_of(ash), **form_of(**{field: given}))
    assert (status, told in page) == (400, True)
    assert f'href="#{field}"' in page
    assert WRITTEN["may_be_told"] in page
    assert "The Old Mill" not in odette.see(f"/coordinator/meeting/{ash.made.meeting_id}")


def test_another_meeting_like_it_says_the_same(odette: Browser, ash: Household) -> None:
    odette.post(page_of(ash), **form_of())
    again = f"/coordinator/meeting/{ash.made.meeting_id}/again"
    [key] = re.findall(r'name="key" value="([^"]+)"', odette.see(again))
    form = {"title": "Review for Kit", "kind": "review", "place": "", "nation": "england"}
    _, to = odette.post(again, key=key, date="2027-06-01", time="10:00", **form)
    about = to.partition("/people")[0] + "/about"
    assert WRITTEN["open"] in unescape(odette.see(about))


def shown_to(role: str, age: str, about: AboutMeeting) -> str:
    machine = LIBRARY.newest(flow_for(role, age))
    conversation = Conversation(
        flow=machine.flow.id, version=1, channel="web", language="en", state=machine.first
    )
    around = circumstances({}).model_copy(update={"about": about})
    showing = Showing(machine, conversation, around, LIBRARY.wording)
    assert machine.flow.audience is audience_for(role, age)
    card = about_meeting(showing)
    return "\n".join(paragraph.text for paragraph in card.paragraphs)


@pytest.mark.parametrize(
    ("role", "age", "reads"),
    [
        ("parent", "adult", set(WRITTEN)),
        ("family", "adult", set(WRITTEN)),
        ("young_person", "11_15", set(WRITTEN)),
        ("child", "7_10", {"called", "joining", "professionals"}),
    ],
)
def test_everyone_reads_the_same_and_a_child_no_more_than_they_can_use(
    role: str, age: str, reads: set[str]
) -> None:
    shown = shown_to(role, age, AboutMeeting(**WRITTEN))
    assert {name for name, text in WRITTEN.items() if text in shown} == reads


def test_what_was_left_empty_says_nothing() -> None:
    shown = shown_to("parent", "adult", AboutMeeting(fixed="The school stays."))
    assert "What is already fixed:\nThe school stays." in shown
    for silent in ("What is still open", "by phone or video", "What it is called"):
        assert silent not in shown


def test_a_meeting_file_may_say_it_too(database: Database, service_key: ServiceKey) -> None:
    text = (PEOPLE / "meeting-ash.yaml").read_text(encoding="utf-8")
    about = (
        "  about:\n    called: Family network meeting\n    fixed: |\n      One thing.\n      Two.\n"
    )
    read = read_meeting_file(text.replace("people:\n", f"{about}people:\n", 1), "meeting.yaml")
    assert read.meeting.about == AboutMeeting(
        called="Family network meeting", fixed="One thing.\nTwo."
    )
    wrong = "  about:\n    fixed: [one, two]\n    mood: bad\n"
    with pytest.raises(MeetingFileRefused) as refused:
        read_meeting_file(text.replace("people:\n", f"{wrong}people:\n", 1), "meeting.yaml")
    assert "“fixed” must be one text" in str(refused.value)
    assert "“mood” is not known here" in str(refused.value)


class Family:
    """The Ash family's meeting in a running service, told of by its coordinator."""

    def __init__(self, ash: Ash) -> None:
        self.ash = ash

    async def is_told(self, place: str, **about: str) -> Told:
        made, now = UUID(self.ash.made["meeting"]), self.ash.clock()

        def correct(session: Session) -> Told:
            return correct_meeting(
                session,
                KeyRing(session, self.ash.service.service_key),
                LIBRARY.wording,
                made,
                title="Meeting for Kit",
                kind="family_group_conference",
                place=place,
                about=AboutMeeting(**about),
                now=now,
                actor="coordinator",
            )

        return await self.ash.database.run(correct)


@pytest.mark.asyncio
async def test_a_parent_asks_in_telegram_and_hears_of_another_place(
    database: Database, service_key: ServiceKey
) -> None:
    async with ash_family(database, service_key) as ash:
        family = Family(ash)
        await family.is_told("The Old Mill", called="Family network meeting", fixed="School stays.")
        dawn = await ash.in_telegram("dawn", until="worries")
        dawn.says("/meeting")
        card = await dawn.sees("About the meeting")
        assert "The Old Mill" in card.text
        assert "Family network meeting" in card.text
        assert "School stays." in card.text
        dawn.taps("Go on where I was")
        await dawn.quiet()
        assert where(question(dawn))[0] == "worries", "and goes on where she was"

        told = await family.is_told("The Boat House", fixed="School stays.")
        assert told == Told(now=("dawn",), by_you=("craig", "kit", "marjorie"))
        news = await dawn.sees("new place")
        assert "Boat House" not in news.text, "others may see this phone"
        dawn.says("/meeting")
        await dawn.quiet()
        assert "The Boat House" in dawn.last.text
        said = " ".join(message.text for message in dawn.screen)
        assert said.count("at another place now") == 1
        assert await family.is_told("The Boat House", fixed="Nothing.") == Told(), "no news"


@pytest.mark.asyncio
async def test_on_the_web_it_stands_where_the_meeting_is_explained_and_in_the_menu(
    database: Database, service_key: ServiceKey
) -> None:
    async with ash_family(database, service_key) as ash:
        family = Family(ash)
        await family.is_told("The Old Mill", **WRITTEN)
        dawn = await ash.on_the_web("dawn", until="told_purpose")
        await dawn.taps("no")
        assert WRITTEN["fixed"] in unescape(" ".join(dawn.paper.told))
        shown = await dawn.does(command="meeting")
        assert "The Old Mill" in unescape(" ".join(shown.told))
        assert dawn.paper.state == "purpose_explained", "what was asked stays open"
        kit = await ash.on_the_web("kit", until="name")
        await family.is_told("The Boat House", **WRITTEN)
        await kit.see_chat()
        assert [line for line in kit.paper.told if "The Boat House" in line]
