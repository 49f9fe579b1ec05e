"""Inviting someone again who has wiped all of theirs: they start empty, with a key of their own."""

from dataclasses import dataclass
from datetime import datetime
from typing import ClassVar
from uuid import UUID

from sqlalchemy.orm import Session

from bot.meetings.inviting import WayIn, way_in
from bot.store.conversations import NobodyThere
from bot.store.models import Participant
from bot.store.sealing import KeyRing


class NotWiped(Exception):
    """They have not wiped anything: what they have would be lost."""

    code: ClassVar[str] = "not_wiped"


@dataclass(frozen=True)
class Named:
    """How someone is called. It has to be given again: their name went with the rest."""

    name: str
    relation: str
    child: str = ""
    """How the child is named to this person; empty where it is not told."""


def invite_anew(
    session: Session,
    ring: KeyRing,
    participant: UUID,
    named: Named,
    now: datetime,
    actor: str = "operator",
) -> WayIn:
    """New ways in, to an empty preparation. Alerts of before stay as they are.

    Raises:
        bot.store.conversations.NobodyThere: no such participant.
        NotWiped: they have wiped nothing.
    """
    row = session.get(Participant, participant, with_for_update=True)
    if row is None:
        raise NobodyThere
    if row.wiped_at is None:
        raise NotWiped
    seal = ring.create(row.id)
    for column, text in (
        ("sealed_name", named.name),
        ("sealed_relation", named.relation),
        ("sealed_child", named.child),
    ):
        setattr(row, column, seal.close("participant", row.id, column, text))
    row.wiped_at = None
    session.flush()
    return way_in(session, row.id, now, actor)
