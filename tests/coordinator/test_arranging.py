"""A coordinator sets a meeting up at the desk, changes it, and gives people their links."""

import re
from collections.abc import Callable
from datetime import datetime, timedelta
from html import unescape
from uuid import uuid4

import pytest
from sqlalchemy import select

from bot import invitations
from bot.privacy.erase import wipe
from bot.store.database import Database
from bot.store.models import AuditEntry, Meeting, Participant
from bot.store.sealing import KeyRing
from tests.coordinator.browser import Browser
from tests.coordinator.household import NOW, Household, to_the_meeting, words

NEW = "/coordinator/meeting/new"
FORM = {
    "title": "Meeting for Wren",
    "kind": "family_group_conference",
    "date": "2027-03-29",
    "time": "16:30",
    "place": "The Quilting Room, or by phone",
    "nation": "wales",
}
LIST = "Sam Hale, Wren's mum, parent\nWren, herself, young person, 13"
Browsers = Callable[[], Browser]


def made(odette: Browser) -> str:
    """A new meeting's address."""
    status, to = odette.post(NEW, key=key_on(odette.see(NEW)), **FORM)
    assert status == 303
    return to.removesuffix("/people")


def added(odette: Browser, meeting: str, people: str = LIST) -> str:
    """The page with everybody's links."""
    status, look = odette.post(f"{meeting}/people", people=people)
    assert (status, "Add th" in look) == (200, True)
    status, links = odette.post(
        f"{meeting}/people", people=people, seen=seen_on(look), key=key_on(look)
    )
    assert status == 200
    return links


@pytest.mark.both_databases
def test_a_meeting_is_made_with_six_fields_and_its_people_with_one(
    odette: Browser, browser: Browsers, database: Database
) -> None:
    meeting = made(odette)
    links = added(odette, meeting)
    page = odette.see(meeting)
    for told in ("Meeting for Wren", "Sam Hale", "Wren", "29 March 2027", "The Quilting Room"):
        assert told in page
    tokens = re.findall(r"/i/([\w-]+)<", links)
    assert len(tokens) == 2
    assert links.count("t.me/beforehand_bot?start=") == 1, "a child of 13 has the web only"
    opened = database.run_now(
        lambda session: [
            invitations.look_up(session, token, ("web",), datetime.fromisoformat("2026-12-01T00Z"))
            for token in tokens
        ]
    )
    assert all(opened)
    actors = database.run_now(
        lambda session: session.scalars(
            select(AuditEntry.actor).where(AuditEntry.action == "meeting_made")
        ).all()
    )
    assert any(actor.startswith("coordinator:") for actor in actors)


def test_two_quick_taps_make_one_meeting_and_one_of_each_person(
    odette: Browser, database: Database
) -> None:
    key = key_on(odette.see(NEW))
    first = odette.post(NEW, key=key, **FORM)
    assert odette.post(NEW, key=key, **FORM) == (303, "/coordinator/meetings")
    meeting = first[1].removesuffix("/people")
    _, look = odette.post(f"{meeting}/people", people=LIST)
    form = {"people": LIST, "seen": seen_on(look), "key": key_on(look)}
    assert odette.post(f"{meeting}/people", **form)[0] == 200
    assert "added already" in odette.post(f"{meeting}/people", **form)[1]
    titles, people = database.run_now(
        lambda session: (
            session.scalars(select(Meeting.id)).all(),
            session.scalars(select(Participant.reference)).all(),
        )
    )
    assert len(titles) == 2, "and Odette's first one"
    assert people.count("sam") == 1


@pytest.mark.parametrize(
    ("field", "given", "told"),
    [
        ("title", "", "Enter what you know the meeting by"),
        ("date", "", "Enter the day of the meeting"),
        ("date", "2020-01-01", "That time is over"),
        ("date", "2027-02-30", "There is no such day and time"),
        ("date", "29 March", "Enter the day of the meeting"),
        ("time", "", "Enter the time"),
        ("time", "10:00pm", "Enter a time such as 09:30"),
        ("time", "25:00", "Enter a time such as 09:30"),
        ("time", "half nine", "Enter a time such as 09:30"),
        ("kind", "party", "Choose what kind"),
        ("nation", "narnia", "Choose the nation"),
        ("place", "x" * 301, "300 letters"),
    ],
)
def test_what_is_wrong_is_said_and_what_was_typed_stays(
    odette: Browser, field: str, given: str, told: str
) -> None:
    status, page = odette.post(NEW, key="k", **{**FORM, field: given})
    assert (status, told in page) == (400, True)
    assert f'href="#{field}"' in page
    assert FORM["place" if field == "title" else "title"] in page


@pytest.mark.parametrize("typed", ["9:30", "09:30", "09:30:00"])
def test_half_past_nine_is_written_in_more_than_one_way(odette: Browser, typed: str) -> None:
    status, to = odette.post(NEW, key=key_on(odette.see(NEW)), **{**FORM, "time": typed})
    assert status == 303
    assert "09:30" in odette.see(f"{to.removesuffix('/people')}/move")


def test_a_time_that_the_clocks_skip_is_refused(odette: Browser) -> None:
    status, page = odette.post(NEW, key="k", **{**FORM, "date": "2027-03-28", "time": "01:30"})
    assert (status, "When the clocks change" in page) == (400, True)


def test_a_list_with_a_mistake_adds_nobody_and_names_the_line(
    odette: Browser, database: Database
) -> None:
    meeting = made(odette)
    mistaken = f"{LIST}\nGran, her gran, chief"
    status, page = odette.post(f"{meeting}/people", people=mistaken)
    assert status == 400
    assert "Line 3: the role must be" in page
    assert "Gran, her gran, chief" in page
    assert "Add these" not in page
    there = database.run_now(lambda session: session.scalars(select(Participant.reference)).all())
    assert "sam" not in there
    assert odette.post(f"{meeting}/people", people=" ")[0] == 400


def test_a_list_that_was_changed_after_the_look_is_looked_at_again(odette: Browser) -> None:
    meeting = made(odette)
    _, look = odette.post(f"{meeting}/people", people=LIST)
    other = LIST.replace("Sam", "Pam")
    status, page = odette.post(
        f"{meeting}/people", people=other, seen=seen_on(look), key=key_on(look)
    )
    assert (status, "Add these" in page, "/i/" in page) == (200, True, False)


def test_a_meeting_is_moved_and_says_whom_to_tell(odette: Browser, ash: Household) -> None:
    meeting = f"/coordinator/meeting/{ash.made.meeting_id}"
    page = odette.see(f"{meeting}/move")
    assert "Please tell these people yourself" in page
    assert "Marjorie" in page
    assert odette.post(f"{meeting}/move", date="2020-01-01", time="10:00")[0] == 400
    assert odette.post(f"{meeting}/move", date="2027-04-12", time="10:00") == (303, meeting)
    assert "12 April 2027" in odette.see(meeting)


def test_a_meeting_that_was_called_off_is_not_moved(odette: Browser, ash: Household) -> None:
    meeting = f"/coordinator/meeting/{ash.made.meeting_id}"
    assert odette.post(f"{meeting}/call-off") == (303, meeting)
    page = odette.see(meeting)
    assert "This meeting was called off" in page
    assert f"{meeting}/move" not in page
    assert odette.post(f"{meeting}/move", date="2027-04-12", time="10:00")[0] == 400


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "cp1252", "utf-16"])
def test_a_file_from_a_spreadsheet_is_looked_at_row_by_row_before_anybody_is_added(
    odette: Browser, ash: Household, encoding: str
) -> None:
    people = f"/coordinator/meeting/{ash.made.meeting_id}/people"
    rows = ("Name;Relationship;Role;Age", "Zoë Hale;Kit's aunt;family;", "Bo;cousin;young person;")
    file = "\r\n".join(rows)
    form = {"token": odette.token_on(people), "people": "", "key": "k", "seen": ""}
    wrong = odette.ask("POST", people, form=form, file=file.encode(encoding))
    assert wrong.status_code == 400
    assert "Line 3: write the age of a young person" in wrong.text
    mended = file.replace("young person;", "young person;13")
    look = odette.ask("POST", people, form=form, file=mended.encode(encoding)).text
    assert "Zoë Hale" in look
    assert "Add these 2 people" in look
    assert "Zoë Hale" not in odette.see(f"/coordinator/meeting/{ash.made.meeting_id}")
    [typed] = re.findall(r"<textarea[^>]*>(.*?)</textarea>", look, re.S)
    status, links = odette.post(
        people, people=unescape(typed).lstrip("\n"), seen=seen_on(look), key=key_on(look)
    )
    assert (status, len(set(re.findall(r"/i/([\w-]+)<", links)))) == (200, 2)


@pytest.mark.parametrize("file", [b"PK\x03\x04 a spreadsheet itself\x00", b"\x89PNG\r\n\x1a\n\x00"])
def test_what_is_no_list_is_said_to_be_none_and_what_was_typed_stays(
    odette: Browser, ash: Household, file: bytes
) -> None:
    people = f"/coordinator/meeting/{ash.made.meeting_id}/people"
    form = {"token": odette.token_on(people), "people": LIST, "key": "k", "seen": ""}
    answer = odette.ask("POST", people, form=form, file=file)
    assert answer.status_code == 400
    assert "Save the list as CSV" in answer.text
    assert "Sam Hale" in answer.text


def test_a_file_is_taken_where_one_is_asked_for_only(odette: Browser) -> None:
    form = {"token": odette.token_on(NEW), "key": "k", **FORM}
    assert odette.ask("POST", NEW, form=form, file=b"x").status_code == 403


def test_nobody_adds_people_to_anothers_meeting(
    priya: Browser, ash: Household, cedar: Household, database: Database
) -> None:
    theirs = f"/coordinator/meeting/{ash.made.meeting_id}"
    for path, form in (
        (f"{theirs}/people", {"people": LIST}),
        (f"{theirs}/move", {"date": "2027-04-12", "time": "10:00"}),
        (f"{theirs}/call-off", {}),
        (f"/coordinator/person/{ash.id_of('kit')}/new-link", {}),
    ):
        assert priya.post(path, page="/coordinator/account", **form)[0] == 404, path
    kept = database.run_now(lambda session: session.get_one(Meeting, ash.made.meeting_id))
    assert kept.cancelled_at is None


@pytest.mark.both_databases
def test_another_meeting_with_the_same_people_takes_a_day_and_nothing_they_said(
    odette: Browser, ash: Household, database: Database
) -> None:
    ash.sends("dawn", [words("worries", "the landing light", to_the_meeting())])
    database.run_now(
        lambda session: wipe(
            session,
            KeyRing(session, ash.service_key),
            ash.id_of("marjorie"),
            NOW + timedelta(hours=2),
            actor="operator",
        )
    )
    earlier = f"/coordinator/meeting/{ash.made.meeting_id}"
    assert f"{earlier}/again" in odette.see(earlier)
    form = odette.see(f"{earlier}/again")
    for kept in ("Meeting for Kit", "The Quilting Room, Marrow Lane Library"):
        assert kept in form
    status, to = odette.post(f"{earlier}/again", key=key_on(form), **FORM)
    assert status == 303
    look = odette.see(to)
    assert "Take out whoever is not coming" in look
    [area] = re.findall(r"<textarea[^>]*>(.*?)</textarea>", look, re.S)
    people = unescape(area).strip()
    assert ("Dawn" in people, "Marjorie" in people) == (True, False)
    to = to.partition("?")[0]
    status, links = odette.post(to, people=people, seen=seen_on(look), key=key_on(look))
    assert (status, links.count("/i/")) == (200, 3)
    new = odette.see(to.removesuffix("/people"))
    assert "29 March 2027" in new
    assert "the landing light" not in look + links + new


def test_nobody_copies_anothers_meeting_or_its_people(
    priya: Browser, ash: Household, cedar: Household
) -> None:
    own = f"/coordinator/meeting/{cedar.made.meeting_id}/people"
    assert priya.status(f"{own}?from={cedar.made.meeting_id}") == 200
    answers = {
        priya.get(f"{own}?from={asked}").status_code
        for asked in (ash.made.meeting_id, uuid4(), "x")
    }
    assert answers == {404}


def key_on(page: str) -> str:
    found = re.search(r'name="key" value="([\w-]+)"', page)
    return found[1] if found else ""


def seen_on(page: str) -> str:
    found = re.search(r'name="seen" value="(\w+)"', page)
    return found[1] if found else ""
