"""Whoever coordinates a meeting is told that somebody has sent what they want to say: by mail, with
a link, and in their own chat in Telegram, with the words."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy.orm import Session

from bot.delivery import outbox
from bot.delivery.letters import Brings, ChatLetter, Letter, MailLetter
from bot.delivery.outbox import Claimed
from bot.delivery.splitting import split
from bot.meetings.files import UNDER_16
from bot.store.models import Coordinator, Participant
from bot.store.sealing import KeyRing
from bot.summaries.chat import sent_in_chat, summary_in_chat
from flows.machine import FlowMachine
from flows.review import CoordinatorCopy
from flows.schema import Audience
from flows.wording import Wording


@dataclass(frozen=True)
class Coordinating:
    """How a meeting's coordinator can be reached."""

    coordinator_id: UUID
    email: str
    language: str
    telegram_chat: int | None


def coordinating(session: Session, ring: KeyRing, coordinator: UUID) -> Coordinating:
    row = session.get_one(Coordinator, coordinator)
    email = ring.of(row.id).open_text("coordinator", row.id, "sealed_email", row.sealed_email)
    return Coordinating(row.id, email, row.language, row.telegram_chat)


def tell_of_summary(
    session: Session,
    ring: KeyRing,
    wording: Wording,
    public_url: str,
    to: Coordinating,
    participant: UUID,
    machine: FlowMachine,
    copy: CoordinatorCopy,
    summary: UUID,
    now: datetime,
    *,
    held: bool = False,
) -> list[Claimed | None]:
    """Queues the letters.

    Args:
        machine: of the flow that the copy was made with.
        summary: the row that holds the copy.
        held: as of `outbox.queue`.
    """
    row, seal = session.get_one(Participant, participant), ring.of(participant)
    name = seal.open_text("participant", row.id, "sealed_name", row.sealed_name)
    relation = seal.open_text("participant", row.id, "sealed_relation", row.sealed_relation)
    link = f"{public_url}/coordinator/summary/{row.id}"
    mail = MailLetter(
        to=to.email,
        subject=wording.say("mail_summary_subject", Audience.ADULT, to.language),
        text=wording.say("mail_summary", Audience.ADULT, to.language, link=link),
    )
    letters: list[tuple[Letter, str, str]] = [(mail, "mail", f"mail:{to.coordinator_id}")]
    if to.telegram_chat is not None:
        brings: Brings | None = None
        if row.age_band in UNDER_16:
            message = sent_in_chat(name, relation, link, to.language, wording)
        else:
            message = summary_in_chat(row.id, machine, copy, name, relation, to.language, wording)
            brings = Brings(summary=summary, to=to.coordinator_id)
        chat = f"telegram:{to.telegram_chat}"
        letters += [
            (ChatLetter(message=part, brings=brings), "telegram", chat) for part in split(message)
        ]
    return outbox.queue_all(
        session,
        seal,
        letters,
        kind="summary",
        now=now,
        participant_id=row.id,
        meeting_id=row.meeting_id,
        held=held,
    )
