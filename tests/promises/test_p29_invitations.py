"""Invitations, short codes and browser sessions, on both databases (promise P29)."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from uuid import UUID

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from bot import invitations, meetings
from bot.meetings.inviting import take_back
from bot.store.database import Database
from bot.store.models import Invitation
from bot.store.models import Session as BrowserSession
from bot.store.sealing import ServiceKey
from tests.journeys.script import PEOPLE, meeting_in
from tests.promises.ash import ash_family
from tests.promises.test_p28_retention import Unreached
from tests.telegram.emulator import ServerError

NOW = datetime(2026, 11, 23, 10, 0, tzinfo=UTC)
DAY = timedelta(days=1)
WEB = ("web",)


@pytest.fixture
def kit(database: Database, service_key: ServiceKey) -> UUID:
    file = meeting_in(PEOPLE / "meeting-ash.yaml")
    made = database.run_now(lambda s: meetings.make_meeting(s, service_key, file, NOW))
    return next(person.participant_id for person in made.people if person.id == "kit")


@pytest.fixture
def token(database: Database, kit: UUID) -> str:
    return database.run_now(invitation(kit))


def invitation(participant: UUID, lasts: timedelta = DAY) -> Callable[[Session], str]:
    return lambda session: invitations.invite(
        session, "web", now=NOW, lasts=lasts, participant_id=participant
    )


def opens(database: Database, token: str, *, at: datetime = NOW, purpose: str = "web") -> bool:
    return database.run_now(
        lambda session: invitations.look_up(session, token, (purpose,), at) is not None
    )


# --- invitations ---


def test_a_token_fits_a_link_and_is_kept_as_a_hash_only(database: Database, token: str) -> None:
    assert len(token) <= 43
    assert token.replace("-", "").replace("_", "").isalnum()
    hashes = database.run_now(lambda s: list(s.scalars(select(Invitation.token_hash))))
    assert len(hashes) > 1
    for kept in hashes:
        assert len(kept) == 32
        assert token.encode() not in kept


def test_a_phone_takes_the_whole_of_a_link_for_the_link(database: Database, kit: UUID) -> None:
    made = [database.run_now(invitation(kit)) for _ in range(300)]
    assert {token[-1] for token in made} & {"-", "_"} == set()


def test_looking_has_no_effect(database: Database, token: str) -> None:
    for _ in range(3):
        assert opens(database, token)


def test_an_invitation_is_for_its_purpose_alone(database: Database, token: str) -> None:
    assert not opens(database, token, purpose="telegram")
    assert not opens(database, token, purpose="coordinator_web")


def test_it_opens_once(database: Database, token: str, kit: UUID) -> None:
    accepted = database.run_now(lambda s: invitations.accept(s, token, WEB, NOW))
    assert accepted is not None
    assert accepted.participant_id == kit
    assert database.run_now(lambda s: invitations.accept(s, token, WEB, NOW)) is None
    assert not opens(database, token)
    assert database.run_now(lambda s: invitations.belongs_to(s, token, kit))


def test_of_many_that_race_one_gets_in(database: Database, token: str) -> None:
    def accept(_: int) -> bool:
        return database.run_now(lambda s: invitations.accept(s, token, WEB, NOW) is not None)

    with ThreadPoolExecutor(8) as hands:
        assert sorted(hands.map(accept, range(8))) == [False] * 7 + [True]


def test_it_expires_to_the_second(database: Database, token: str) -> None:
    last = NOW + DAY - timedelta(seconds=1)
    assert opens(database, token, at=last)
    assert not opens(database, token, at=NOW + DAY)
    late = database.run_now(lambda s: invitations.accept(s, token, WEB, NOW + DAY))
    assert late is None


def test_taken_back_it_opens_nothing(database: Database, token: str, kit: UUID) -> None:
    database.run_now(lambda s: invitations.revoke(s, kit, NOW))
    assert not opens(database, token)
    assert database.run_now(lambda s: invitations.accept(s, token, WEB, NOW)) is None


@pytest.mark.parametrize("guess", ["", "x", "é", "\x00", "A" * 32, "a" * 100_000, "' or 1=1 --"])
def test_a_guess_opens_nothing(database: Database, token: str, guess: str) -> None:
    assert not opens(database, guess)
    assert database.run_now(lambda s: invitations.accept(s, guess, WEB, NOW)) is None


# --- short codes ---


def test_a_code_goes_on_working_until_its_day(
    database: Database, service_key: ServiceKey, kit: UUID
) -> None:
    code = database.run_now(lambda s: invitations.new_code(s, service_key, kit, NOW, DAY))

    def who(at: datetime) -> UUID | None:
        return database.run_now(lambda s: invitations.redeem_code(s, service_key, code, at))

    assert who(NOW) == kit
    assert who(NOW + DAY - timedelta(seconds=1)) == kit
    assert who(NOW + DAY) is None


def test_a_code_outlives_a_change_of_the_service_key(database: Database, kit: UUID) -> None:
    old, new = ServiceKey.new_line("old"), ServiceKey.new_line("new")
    code = database.run_now(lambda s: invitations.new_code(s, ServiceKey.parse(old), kit, NOW, DAY))
    rotated, other = ServiceKey.parse(f"{new}\n{old}"), ServiceKey.parse(new)
    assert database.run_now(lambda s: invitations.redeem_code(s, rotated, code, NOW)) == kit
    assert database.run_now(lambda s: invitations.redeem_code(s, other, code, NOW)) is None


def test_a_link_is_no_code_and_a_code_is_no_link(
    database: Database, service_key: ServiceKey, kit: UUID, token: str
) -> None:
    code = database.run_now(lambda s: invitations.new_code(s, service_key, kit, NOW, DAY))
    assert not opens(database, code)
    assert database.run_now(lambda s: invitations.redeem_code(s, service_key, token, NOW)) is None


# --- sessions ---


@pytest.fixture
def cookie(database: Database, kit: UUID) -> str:
    return database.run_now(lambda s: invitations.sign_in(s, now=NOW, participant_id=kit))


def inside(database: Database, cookie: str, at: datetime, *, touch: bool = True) -> UUID | None:
    who = database.run_now(lambda s: invitations.who(s, cookie, at, touch=touch))
    return who.participant_id if who is not None else None


def test_a_cookie_is_kept_as_a_hash_only(database: Database, cookie: str, kit: UUID) -> None:
    kept = database.run_now(lambda s: s.scalars(select(BrowserSession.token_hash)).one())
    assert cookie.encode() not in kept
    assert inside(database, cookie, NOW) == kit
    assert inside(database, cookie + "x", NOW) is None


def test_a_visit_lasts_while_somebody_is_there_and_thirty_days_at_most(
    database: Database, cookie: str, kit: UUID
) -> None:
    for hours in range(20, 24 * 30, 20):
        assert inside(database, cookie, NOW + timedelta(hours=hours)) == kit
    assert inside(database, cookie, NOW + timedelta(days=30)) is None


def test_a_page_that_only_stands_open_becomes_idle(
    database: Database, cookie: str, kit: UUID
) -> None:
    for hours in range(1, 24):
        assert inside(database, cookie, NOW + timedelta(hours=hours), touch=False) == kit
    assert inside(database, cookie, NOW + timedelta(hours=24), touch=False) is None


def test_signed_out_is_out(database: Database, cookie: str) -> None:
    database.run_now(lambda s: invitations.sign_out(s, cookie, NOW))
    assert inside(database, cookie, NOW) is None


def test_a_new_link_puts_out_whoever_came_in_by_the_old_one(
    database: Database, kit: UUID, token: str
) -> None:
    cookie = database.run_now(
        lambda session: invitations.sign_in(session, participant_id=kit, now=NOW)
    )
    way_in = database.run_now(lambda session: meetings.reissue(session, kit, NOW))
    assert not opens(database, token)
    assert opens(database, way_in.web)
    assert way_in.telegram is None  # Kit is under 16
    assert database.run_now(lambda session: invitations.who(session, cookie, NOW)) is None


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
@pytest.mark.asyncio
async def test_a_chat_that_is_put_out_gets_nothing_that_waited_and_help_is_called_all_the_same(
    database: Database, service_key: ServiceKey
) -> None:
    """Somebody else has that phone, and the replies to Dawn are still on their way there."""
    async with ash_family(database, service_key) as ash:
        dawn = await ash.in_telegram("dawn", until="worries")
        ash.service.app.courier.add("mail", Unreached())
        ash.telegram.fails("sendMessage", ServerError(502), chat=dawn.id, times=None)
        for said in ("he hits me every day", "/mydata", "/hide"):
            dawn.says(said)
            await dawn.quiet()
        await ash.delivered()
        who, now = ash.id_of("dawn"), ash.clock()
        await ash.database.run(lambda session: take_back(session, who, now, "operator"))
        waiting = [row for row in ash.rows("delivery") if row["status"] == "waiting"]
        assert {row["kind"] for row in waiting} == {"alert", "hide"}
        before = {one.id for one in dawn.screen}
        ash.telegram.faults.clear()
        ash.clock.move(timedelta(hours=1))
        await ash.delivered()
        assert {one.id for one in dawn.screen if one.from_bot} <= before
