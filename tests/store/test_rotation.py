"""A new service key takes the place of the old one, and everybody still gets in."""

from datetime import UTC, datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from bot import meetings
from bot.store.database import Database
from bot.store.models import Coordinator
from bot.store.rotation import rotate
from bot.store.sealing import KeyRing, ServiceKey
from tests.journeys.script import PEOPLE

NOW = datetime(2026, 11, 23, 10, 0, tzinfo=UTC)


def test_after_rotation_the_old_key_is_not_needed(database: Database) -> None:
    old, new = ServiceKey.new_line("old"), ServiceKey.new_line("new")
    path = PEOPLE / "meeting-ash.yaml"
    file = meetings.read_meeting_file(path.read_text(encoding="utf-8"), path.name)
    database.run_now(
        lambda session: meetings.make_meeting(session, ServiceKey.parse(old), file, NOW)
    )
    both = ServiceKey.parse(f"{new}\n{old}")
    assert database.run_now(lambda session: rotate(session, both)) > 1
    alone = ServiceKey.parse(new)

    def found(session: Session) -> str:
        row = session.scalars(
            select(Coordinator).where(
                Coordinator.email_mark.in_(alone.marks(file.meeting.coordinator.email))
            )
        ).one()
        seal = KeyRing(session, alone).of(row.id)
        return str(seal.open_text("coordinator", row.id, "sealed_name", row.sealed_name))

    assert database.run_now(found) == file.meeting.coordinator.name
