"""Making, showing, moving and calling off a meeting, on both databases."""

import json
from datetime import datetime, timedelta
from functools import partial

import pytest
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from bot.meetings import (
    MeetingCancelled,
    MeetingUnknown,
    StartRefused,
    Told,
    as_json,
    cancel_meeting,
    make_meeting,
    move_meeting,
    read_meeting_file,
    show_meeting,
)
from bot.store.columns import Base
from bot.store.database import Database
from bot.store.models import (
    AuditEntry,
    Coordinator,
    DataKey,
    Invitation,
    Meeting,
    Participant,
)
from bot.store.sealing import KeyRing, ServiceKey
from tests.coordinator.household import LIBRARY, NOW, PEOPLE, Household, words


@pytest.fixture
def ash(database: Database, service_key: ServiceKey) -> Household:
    return Household.of(database, service_key, "meeting-ash.yaml")


def test_a_file_becomes_a_meeting_with_everybodys_way_in(ash: Household) -> None:
    shown = as_json(ash.made, "https://prepare.example.org/", "KitBot")
    assert list(shown) == ["meeting", "coordinator", "people"]
    assert shown["coordinator"]["web"].startswith("https://prepare.example.org/coordinator/in/")
    assert [person["id"] for person in shown["people"]] == ["dawn", "craig", "kit", "marjorie"]
    dawn, _, kit, marjorie = shown["people"]
    assert dawn["web"].startswith("https://prepare.example.org/i/")
    assert dawn["telegram"]["link"] == f"https://t.me/KitBot?start={dawn['telegram']['start']}"
    assert kit["telegram"] is None  # he is under 16
    assert marjorie["telegram"]["start"]  # she may change her mind about the web
    assert json.loads(json.dumps(shown)) == shown


def test_without_the_bots_name_there_is_still_the_start_word(ash: Household) -> None:
    dawn = as_json(ash.made, "http://127.0.0.1:8080", None)["people"][0]["telegram"]
    assert dawn["link"] is None
    assert dawn["start"]


def test_start_words_fit_telegram(ash: Household) -> None:
    """1 to 64 of A-Z, a-z, 0-9, _ and - (Bot features, deep linking)."""
    tokens = [person.telegram for person in ash.made.people if person.telegram]
    for token in (*tokens, ash.made.coordinator_telegram):
        assert len(token) <= 64
        assert all(letter.isascii() and (letter.isalnum() or letter in "_-") for letter in token)


def test_no_token_and_no_name_is_stored(ash: Household) -> None:
    def everything(table: type[Base]) -> str:
        return ash.database.run_now(partial(_all_of, table=table))

    stored = "".join(map(everything, (Invitation, Participant, Meeting, Coordinator, AuditEntry)))
    for person in ash.made.people:
        assert person.web not in stored
    for name in ("Dawn O'Shea", "Craig", "Odette", "Quilting", "Kit's mum", "duty@example.org"):
        assert name not in stored


def test_a_coordinator_who_is_known_by_e_mail_stays_one_person(
    database: Database, service_key: ServiceKey, ash: Household
) -> None:
    text = (PEOPLE / "meeting-cedar.yaml").read_text(encoding="utf-8")
    hers = text.replace("priya.nettle@example.org", "ODETTE.Farrow@example.org")
    read = read_meeting_file(hers, "cedar.yaml")
    made = database.run_now(lambda session: make_meeting(session, service_key, read, NOW))
    assert made.coordinator_id == ash.made.coordinator_id
    count = database.run_now(lambda session: session.scalar(select(func.count(Coordinator.id))))
    assert count == 1


def test_a_meeting_is_made_whole_or_not_at_all(database: Database, service_key: ServiceKey) -> None:
    read = read_meeting_file(
        (PEOPLE / "meeting-ash.yaml").read_text(encoding="utf-8"), "meeting-ash.yaml"
    )

    def make_and_fail(session: Session) -> None:
        make_meeting(session, service_key, read, NOW)
        raise RuntimeError

    with pytest.raises(RuntimeError):
        database.run_now(make_and_fail)
    for table in (DataKey, Coordinator, Meeting, Participant, Invitation, AuditEntry):
        assert database.run_now(partial(_count, table=table)) == 0


def test_showing_says_how_far_everybody_is_and_no_word_of_theirs(ash: Household) -> None:
    ash.starts("craig", [words("worries", "CANARY-draft")])
    ash.sends("dawn", [words("worries", "CANARY-sent")])
    ash.fails_to_deliver("dawn", "alert")
    shown = ash.database.run_now(
        lambda session: show_meeting(session, ash.service_key, ash.made.meeting_id)
    )
    assert shown["title"] == "Meeting for Kit"
    people = {person["id"]: person for person in shown["people"]}
    assert {key: person["status"] for key, person in people.items()} == {
        "dawn": "sent",
        "craig": "started",
        "kit": "invited",
        "marjorie": "invited",
    }
    assert people["dawn"]["deliveries_failed"][0]["kind"] == "alert"
    assert people["craig"]["started_at"] == NOW.isoformat()
    text = json.dumps(shown)
    for secret in ("CANARY", "Dawn O'Shea", "Craig Dunmore", "Odette", *_tokens(ash)):
        assert secret not in text


def test_an_unknown_meeting_is_said_to_be_unknown(ash: Household) -> None:
    with pytest.raises(MeetingUnknown):
        ash.database.run_now(
            lambda session: show_meeting(session, ash.service_key, ash.id_of("dawn"))
        )


def test_when_a_meeting_moves_its_invitations_move_too(ash: Household) -> None:
    ash.starts("craig", [])
    later = NOW + timedelta(days=365)
    told = moved(ash, later)
    assert told == Told(when_back=("craig",), by_you=("dawn", "kit", "marjorie"))
    expiries = ash.database.run_now(
        lambda session: session.scalars(
            select(Invitation.expires_at).where(Invitation.participant_id.is_not(None))
        ).all()
    )
    assert set(expiries) == {later}
    assert moved(ash, later) == Told()


def test_a_meeting_is_called_off_once_and_moves_no_more(ash: Household) -> None:
    ash.starts("dawn", [])
    ash.starts("craig", [])
    assert called_off(ash).when_back == ("craig", "dawn")
    assert called_off(ash) == Told()
    with pytest.raises(MeetingCancelled):
        moved(ash, NOW + timedelta(days=1))


def test_a_meeting_cannot_be_moved_into_the_past(ash: Household) -> None:
    with pytest.raises(StartRefused, match="over"):
        moved(ash, NOW - timedelta(minutes=1))


def moved(ash: Household, starts_at: datetime) -> Told:
    return ash.database.run_now(
        lambda session: move_meeting(
            session,
            KeyRing(session, ash.service_key),
            LIBRARY.wording,
            ash.made.meeting_id,
            starts_at,
            NOW,
        )
    )


def called_off(ash: Household) -> Told:
    return ash.database.run_now(
        lambda session: cancel_meeting(
            session,
            KeyRing(session, ash.service_key),
            LIBRARY.wording,
            ash.made.meeting_id,
            NOW,
        )
    )


def _all_of(session: Session, table: type[Base]) -> str:
    return repr([vars(row) for row in session.scalars(select(table))])


def _count(session: Session, table: type[Base]) -> int:
    return session.scalar(select(func.count()).select_from(table)) or 0


def _tokens(household: Household) -> list[str]:
    return [person.web for person in household.made.people]
