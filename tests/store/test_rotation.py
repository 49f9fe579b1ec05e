"""A new service key takes the place of the old one, and everybody still gets in."""

from datetime import UTC, datetime, timedelta

from sqlalchemy import select
from sqlalchemy.orm import Session

from bot import meetings
from bot.invitations import new_code, redeem_code
from bot.store.database import Database
from bot.store.models import Coordinator
from bot.store.rotation import rotate
from bot.store.sealing import KeyRing, ServiceKey
from tests.journeys.script import PEOPLE, meeting_in

NOW = datetime(2026, 11, 23, 10, 0, tzinfo=UTC)
LASTS = timedelta(days=60)


def test_after_rotation_the_old_key_is_not_needed(database: Database) -> None:
    old, new = ServiceKey.new_line("old"), ServiceKey.new_line("new")
    file = meeting_in(PEOPLE / "meeting-ash.yaml")
    database.run_now(
        lambda session: meetings.make_meeting(session, ServiceKey.parse(old), file, NOW)
    )
    both = ServiceKey.parse(f"{new}\n{old}")
    assert database.run_now(lambda session: rotate(session, both)) > 1
    alone = ServiceKey.parse(new)

    def found(session: Session) -> str:
        row = session.scalars(
            select(Coordinator).where(
                Coordinator.email_mark.in_(alone.marks(file.coordinator.email))
            )
        ).one()
        seal = KeyRing(session, alone).of(row.id)
        return str(seal.open_text("coordinator", row.id, "sealed_name", row.sealed_name))

    assert database.run_now(found) == file.coordinator.name


def test_a_code_made_before_rotation_works_until_the_old_line_is_gone(database: Database) -> None:
    """A code lasts for weeks. Nobody who wrote theirs down is shut out while the old line is kept;
    afterwards it opens nothing, as any code that is not known, and a new one does."""
    old, new = ServiceKey.new_line("old"), ServiceKey.new_line("new")
    file = meeting_in(PEOPLE / "meeting-ash.yaml")
    before, both, alone = (ServiceKey.parse(text) for text in (old, f"{new}\n{old}", new))
    made = database.run_now(lambda session: meetings.make_meeting(session, before, file, NOW))
    kit, dawn = made.people[0].participant_id, made.people[1].participant_id
    first = database.run_now(lambda s: new_code(s, before, kit, NOW, LASTS))
    assert database.run_now(lambda session: redeem_code(session, both, first, NOW)) == kit
    database.run_now(lambda session: rotate(session, both))
    assert database.run_now(lambda session: redeem_code(session, both, first, NOW)) == kit
    assert database.run_now(lambda session: redeem_code(session, alone, first, NOW)) is None
    second = database.run_now(lambda s: new_code(s, both, kit, NOW, LASTS))
    another = database.run_now(lambda s: new_code(s, both, dawn, NOW, LASTS))
    assert database.run_now(lambda session: redeem_code(session, both, first, NOW)) is None
    assert database.run_now(lambda session: redeem_code(session, alone, second, NOW)) == kit
    assert database.run_now(lambda session: redeem_code(session, alone, another, NOW)) == dawn
