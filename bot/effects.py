"""What a turn sets off beyond its own reply: tasks, alerts, the summary on its way, taking back.

All of it is written in the turn's own transaction.
"""

from collections.abc import Mapping
from datetime import datetime
from uuid import UUID, uuid4

from sqlalchemy import delete, func, insert, select, update
from sqlalchemy.orm import Session

from bot.delivery import outbox
from bot.delivery.calling import Calling
from bot.delivery.letters import ChatLetter, DataLetter, Letter, MailLetter, SweepLetter
from bot.delivery.outbox import Claimed
from bot.delivery.sent_summary import coordinating, tell_of_summary
from bot.delivery.splitting import split
from bot.privacy import clearing, erase, everything, taking_back
from bot.store.conversations import Preparing
from bot.store.models import (
    DATA_TASK,
    Alert,
    AuditEntry,
    Participant,
    Summary,
    Task,
)
from bot.store.sealing import KeyRing
from bot.summaries.changes import said_anew
from bot.summaries.chat import taken_back_in_chat
from bot.summaries.compile import newest_copy
from flows.exchange import (
    AllowMessages,
    Effect,
    GiveData,
    Hide,
    KeepOut,
    Message,
    Pause,
    RaiseAlert,
    SendSummary,
    TakeBack,
)
from flows.hand import Reply
from flows.machine import FlowMachine
from flows.review import CoordinatorCopy, coordinators_copy, tasks_in
from flows.schema import Audience
from flows.wording import Wording


class Effects:
    """Carries out what the core asked for."""

    def __init__(self, wording: Wording, public_url: str, calling: Calling) -> None:
        self._wording = wording
        self._public_url = public_url.rstrip("/")
        self._calling = calling

    def carry_out(
        self,
        session: Session,
        ring: KeyRing,
        before: Preparing,
        machine: FlowMachine,
        reply: Reply,
        now: datetime,
    ) -> list[Claimed | None]:
        """Writes what follows from one turn, and gives what may be sent at once."""
        queued: list[Claimed | None] = []
        for effect in reply.effects:
            queued += self._one(session, ring, before, machine, reply, effect, now)
        return queued

    def _one(
        self,
        session: Session,
        ring: KeyRing,
        before: Preparing,
        machine: FlowMachine,
        reply: Reply,
        effect: Effect,
        now: datetime,
    ) -> list[Claimed | None]:
        participant = before.participant_id
        match effect:
            case AllowMessages(allowed=allowed):
                _allow_messages(session, participant, allowed)
            case Pause(reminders=reminders):
                if not reminders:
                    _allow_messages(session, participant, False)
            case Hide():
                return self._sweep(session, before, now)
            case KeepOut(on=on):
                _keep_out(session, participant, on)
            case GiveData():
                return self._give_data(session, before, reply.conversation.channel, now)
            case SendSummary():
                copy = coordinators_copy(machine, reply.conversation)
                earlier = newest_copy(session, before.seal, participant)
                row = self._store_summary(session, before, copy, now)
                anew = said_anew(earlier.copy, copy) if earlier else frozenset()
                self._set_tasks(session, participant, tasks_in(machine, copy), anew, now)
                return tell_of_summary(
                    session,
                    ring,
                    self._wording,
                    self._public_url,
                    coordinating(session, ring, before.coordinator_id),
                    participant,
                    machine,
                    copy,
                    row,
                    now,
                    held=True,
                )
            case TakeBack(step=step):
                return self._take_back(session, ring, before, step, now)
            case RaiseAlert():
                return self._raise_alert(session, ring, before, effect, now)
        return []

    def _set_tasks(
        self,
        session: Session,
        participant: UUID,
        asked: Mapping[str, tuple[str, ...]],
        anew: frozenset[str],
        now: datetime,
    ) -> None:
        """What was sent says what is to be done; a draft says nothing (promise P3). What was done
        already is to be done again where they have said something else since."""
        session.execute(
            delete(Task).where(
                Task.participant_id == participant,
                Task.done_at.is_(None),
                Task.step.not_in((*asked, DATA_TASK)),
            )
        )
        again = [task for task, steps in asked.items() if anew.intersection(steps)]
        session.execute(
            update(Task)
            .where(
                Task.participant_id == participant, Task.done_at.is_not(None), Task.step.in_(again)
            )
            .values(done_at=None, raised_at=now)
        )
        there = set(session.scalars(select(Task.step).where(Task.participant_id == participant)))
        for step in asked:
            if step not in there:
                session.execute(
                    insert(Task).values(
                        id=uuid4(), participant_id=participant, step=step, raised_at=now
                    )
                )

    # --- the summary ---

    def _store_summary(
        self, session: Session, before: Preparing, copy: CoordinatorCopy, now: datetime
    ) -> UUID:
        row = uuid4()
        newest = session.scalar(
            select(func.max(Summary.version)).where(Summary.participant_id == before.participant_id)
        )
        session.execute(
            insert(Summary).values(
                id=row,
                participant_id=before.participant_id,
                version=(newest or 0) + 1,
                sealed_body=before.seal.close(
                    "summary", row, "sealed_body", copy.model_dump_json()
                ),
                sent_at=now,
            )
        )
        return row

    def _take_back(
        self, session: Session, ring: KeyRing, before: Preparing, step: str, now: datetime
    ) -> list[Claimed | None]:
        """The coordinator's page changes, and they are told to look."""
        messages = taking_back.take_back(session, before, step, now)
        to = coordinating(session, ring, before.coordinator_id)
        name = _name(session, before)
        link = f"{self._public_url}/coordinator/summary/{before.participant_id}"
        subject = self._wording.say("mail_taken_back_subject", Audience.ADULT, to.language)
        text = self._wording.say("mail_taken_back", Audience.ADULT, to.language, link=link)
        mail = MailLetter(to=to.email, subject=subject, text=text)
        letters: list[tuple[Letter, str, str]] = [(mail, "mail", f"mail:{to.coordinator_id}")]
        cleared: list[Claimed | None] = []
        if to.telegram_chat is not None:
            chat = f"telegram:{to.telegram_chat}"
            told = taken_back_in_chat(name, link, to.language, self._wording)
            letters.append((ChatLetter(message=told), "telegram", chat))
            if messages:
                cleared.append(
                    outbox.queue(
                        session,
                        ring.of(to.coordinator_id),  # so that wiping everything does not stop it
                        SweepLetter(messages=messages),
                        kind="hide",
                        channel="telegram",
                        recipient=chat,
                        now=now,
                        held=True,
                    )
                )
        return [*cleared, *self._queue(session, before, letters, "taken_back", now)]

    # --- alerts ---

    def _raise_alert(
        self, session: Session, ring: KeyRing, before: Preparing, raised: RaiseAlert, now: datetime
    ) -> list[Claimed | None]:
        """Of the same answer, and of no other kind than one that nobody has acknowledged yet: it is
        noted, and no second row of letters goes out. A new kind of danger calls anew."""
        kinds = raised.categories or (raised.category,)
        for row in session.scalars(
            select(Alert).where(
                Alert.participant_id == before.participant_id,
                Alert.step == raised.step,
                Alert.acknowledged_at.is_(None),
            )
        ):
            if set(kinds) <= {row.category, *row.categories.split(",")}:
                session.add(
                    AuditEntry(at=now, actor="service", action="alert_again", subject_id=row.id)
                )
                return []
        alert = Alert(
            id=uuid4(),
            participant_id=before.participant_id,
            step=raised.step,
            category=raised.category,
            categories=",".join(raised.categories),
            raised_at=now,
        )
        session.add(alert)
        session.flush()
        return self._calling.at_once(session, ring, alert, now, held=True)

    # --- clearing a chat ---

    def _sweep(self, session: Session, before: Preparing, now: datetime) -> list[Claimed | None]:
        if before.telegram_chat is None:
            return []
        messages = clearing.all_that_can_go(session, before.telegram_chat, now)
        recipient = f"telegram:{before.telegram_chat}"
        letter = SweepLetter(messages=messages)
        return self._queue(session, before, [(letter, "telegram", recipient)], "hide", now)

    def keep_clear(
        self, session: Session, before: Preparing, now: datetime, stays: int | None
    ) -> list[Claimed | None]:
        """What they have just sent leaves their chat again, and what repeats their words.

        Args:
            stays: a message of ours that is about to be changed in its place.
        """
        if before.telegram_chat is None:
            return []
        found = clearing.what_holds_their_words(session, before.telegram_chat, now)
        messages = tuple(one for one in found if one != stays)
        if not messages:
            return []
        clearing.forget(session, before.telegram_chat, messages)
        recipient = f"telegram:{before.telegram_chat}"
        letter = SweepLetter(messages=messages)
        return self._queue(session, before, [(letter, "telegram", recipient)], "hide", now)

    def _give_data(
        self, session: Session, before: Preparing, channel: str, now: datetime
    ) -> list[Claimed | None]:
        """The coordinator is told that it was asked for, and nothing else (EVIDENCE 4.2)."""
        everything.note_asked(session, before.participant_id, now)
        if channel != "telegram" or before.telegram_chat is None:
            return []
        recipient = f"telegram:{before.telegram_chat}"
        letter = DataLetter(data_of=before.participant_id)
        return self._queue(session, before, [(letter, "telegram", recipient)], "data", now)

    def wipe(
        self,
        session: Session,
        ring: KeyRing,
        before: Preparing,
        last: tuple[Message, ...],
        now: datetime,
    ) -> list[Claimed | None]:
        """Wipes all that is held of them, clears their chat, and says one last thing there."""
        who = before.participant_id
        erase.wipe(session, ring, who, now, f"participant:{who}")
        if before.telegram_chat is None:
            return []
        return [
            outbox.queue(
                session,
                ring.of(before.meeting_id),  # their own key is gone
                ChatLetter(message=part),
                kind="notice",
                channel="telegram",
                recipient=f"telegram:{before.telegram_chat}",
                now=now,
                held=True,
            )
            for message in last
            for part in split(message)
        ]

    # --- reaching people ---

    def _queue(
        self,
        session: Session,
        before: Preparing,
        letters: list[tuple[Letter, str, str]],
        kind: str,
        now: datetime,
    ) -> list[Claimed | None]:
        return outbox.queue_all(
            session,
            before.seal,
            letters,
            kind=kind,
            now=now,
            participant_id=before.participant_id,
            meeting_id=before.meeting_id,
            held=True,
        )


def _keep_out(session: Session, participant: UUID, on: bool) -> None:
    session.execute(update(Participant).where(Participant.id == participant).values(keeps_out=on))


def _allow_messages(session: Session, participant: UUID, allowed: bool) -> None:
    session.execute(
        update(Participant).where(Participant.id == participant).values(may_message=allowed)
    )


def _name(session: Session, before: Preparing) -> str:
    """For the coordinator's eyes."""
    row = session.get_one(Participant, before.participant_id)
    return before.seal.open_text("participant", row.id, "sealed_name", row.sealed_name)
