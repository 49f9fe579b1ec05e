"""One turn for real: claim the update, lock, load, ask the core, save, queue; one transaction.

A channel hands over what was said and a key that is the same whenever the same thing comes again.
Nothing leaves before the commit; what leaves is the courier's.
"""

import asyncio
from collections import defaultdict
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace
from uuid import UUID, uuid4

from sqlalchemy.orm import Session

from bot import human_answers
from bot.around import Around, Channel, HelpLines
from bot.clock import Clock
from bot.delivery import outbox
from bot.delivery.courier import Courier
from bot.delivery.letters import ChatLetter
from bot.delivery.outbox import Claimed
from bot.delivery.splitting import split
from bot.effects import Effects
from bot.lines import Kept, Line, LineBody, lines_of, shown_last
from bot.privacy import clearing, taking_back
from bot.privacy.days import Retention
from bot.store import conversations
from bot.store.attachments import keep_attachment
from bot.store.conversations import Preparing
from bot.store.database import Database
from bot.store.models import Attachment
from bot.store.sealing import KeyRing, ServiceKey
from flows import conversation as core
from flows.answers import Circumstances
from flows.answers import Conversation as Conversing
from flows.exchange import Command, CommandName, Message, Said, SendSummary, Tap, Wipe
from flows.from_a_person import from_a_person
from flows.library import Library, flow_for
from flows.machine import ITEM, FlowMachine


@dataclass(frozen=True)
class Taken:
    """What a turn left behind."""

    participant: UUID
    lines: tuple[Line, ...] = ()
    queued: tuple[Claimed | None, ...] = ()
    """None for each letter that has to wait for one before it."""
    wiped: bool = False


class Turns:
    """Takes turns, for every channel."""

    def __init__(
        self,
        database: Database,
        service_key: ServiceKey,
        library: Library,
        clock: Clock,
        effects: Effects,
        help_lines: HelpLines,
        courier: Courier,
        wiped: Callable[[], None] = lambda: None,
        days: Retention | None = None,
        privacy_page: str = "",
    ) -> None:
        """`wiped` is told when a data key was destroyed, so that the files are cleared of it."""
        self._database = database
        self._service_key = service_key
        self._library = library
        self._wording = library.wording
        self._clock = clock
        self._effects = effects
        self._courier = courier
        self._wiped = wiped
        self._around = Around(library.wording, clock, help_lines, days or Retention(), privacy_page)
        self._listeners: defaultdict[UUID, set[asyncio.Event]] = defaultdict(set)

    # --- turns ---

    async def take(
        self,
        who: UUID | int,
        said: Said,
        key: str,
        channel: Channel = "web",
        tapped: int | None = None,
        message: int | None = None,
    ) -> tuple[Line, ...]:
        """Takes one thing said; the second time for the same key, gives what came of the first.

        Args:
            who: a participant, or the Telegram chat that talks as one.
            key: the same whenever the same thing comes again, and for nothing else.
            tapped: the Telegram message whose button this is.
            message: the Telegram message in which it was said.

        Raises:
            bot.store.conversations.NobodyThere: no such participant.
        """
        taken = await self._database.run(
            lambda session: self._turn(session, who, said, key, channel, tapped, message)
        )
        self._let_go(taken)
        return taken.lines

    async def open(self, who: UUID | int, channel: Channel, key: str | None = None) -> None:
        """Makes sure that this channel shows where the conversation is; begins it if need be."""
        taken = await self._database.run(lambda session: self._open(session, who, channel, key))
        self._let_go(taken)

    def _let_go(self, taken: Taken) -> None:
        if taken.wiped:
            self._wiped()
        self._courier.send_soon(tuple(one for one in taken.queued if one is not None))
        if None in taken.queued or taken.wiped:
            self._courier.wake()
        for listener in self._listeners.get(taken.participant, ()):
            listener.set()

    def _turn(
        self,
        session: Session,
        who: UUID | int,
        said: Said,
        key: str,
        channel: Channel,
        tapped: int | None,
        message: int | None,
    ) -> Taken:
        now = self._clock()
        ring = KeyRing(session, self._service_key)
        before = conversations.prepare(session, ring, who)
        if message is not None and before.telegram_chat is not None:
            clearing.note_heard(session, before.telegram_chat, message, now)
        if before.conversation is None and said == Command(name=CommandName.WIPE):
            # A draft may have gone when its day came; what is left of theirs can be wiped too.
            begun = self._begin(session, before, channel, f"{key}:begin")
            taken = self._turn(session, who, said, key, channel, tapped, message)
            return replace(taken, queued=begun.queued + taken.queued)
        if before.conversation is None or before.conversation_id is None:
            return self._begin(session, before, channel, key)
        turn_key = key if channel == "telegram" else f"{before.conversation_id.hex}:{key}"
        if not conversations.claim_turn(session, turn_key, before.conversation_id, now):
            shown = lines_of(session, before, turn_key=turn_key) if channel == "web" else ()
            return Taken(before.participant_id, shown)
        machine = self._machine(before)
        around = self._around.of(session, ring, before, machine, channel)
        if before.conversation.state == ITEM and around.seen is not None:
            seen = taking_back.seen_by(session, ring, before, before.conversation.item)
            around = around.model_copy(update={"seen": seen})
        present = _present(before, channel)
        reply = core.take_turn(machine, present, said, around, self._wording)
        if any(isinstance(effect, Wipe) for effect in reply.effects):
            queued = self._effects.wipe(session, ring, before, reply.messages, now)
            conversations.remember_turn(session, turn_key, now)
            last = (Line(0, "assistant", now, turn_key, one, last=True) for one in reply.messages)
            return Taken(before.participant_id, tuple(last), tuple(queued), wiped=True)
        sent = any(isinstance(effect, SendSummary) for effect in reply.effects)
        conversations.save(session, before, reply.conversation, now, sent)
        if channel == "web":
            label = self._label(machine, present, around, said) if isinstance(said, Tap) else ""
            self._write(session, before, "person", turn_key, LineBody(said=said, label=label))
        queued = self._from_a_person(session, before, channel, turn_key)
        queued += self._reply(session, before, reply.messages, channel, turn_key, tapped)
        queued += self._effects.carry_out(session, ring, before, machine, reply, now)
        if reply.conversation.keeps_out and channel == "telegram":
            stays = tapped if any(one.replaces for one in reply.messages) else None
            queued += self._effects.keep_clear(session, before, now, stays)
        lines = lines_of(session, before, turn_key=turn_key) if channel == "web" else ()
        return Taken(before.participant_id, lines, tuple(queued))

    def _begin(
        self, session: Session, before: Preparing, channel: Channel, key: str | None
    ) -> Taken:
        now, ring = self._clock(), KeyRing(session, self._service_key)
        machine = self._library.newest(flow_for(before.role, before.age_band))
        around = self._around.of(session, ring, before, machine, channel)
        reply = core.begin(machine, around, self._wording, before.language)
        # As they chose in a draft before this one, should there have been one.
        opened = reply.conversation.model_copy(update={"keeps_out": before.keeps_out})
        conversation = conversations.create(session, before, opened, now)
        started = replace(before, conversation_id=conversation, conversation=opened)
        turn_key = key or f"open:{conversation.hex}"
        conversations.claim_turn(session, turn_key, conversation, now)
        queued = self._reply(session, started, reply.messages, channel, turn_key, None)
        shown = lines_of(session, started, turn_key=turn_key) if channel == "web" else ()
        return Taken(before.participant_id, shown, tuple(queued))

    def _open(self, session: Session, who: UUID | int, channel: Channel, key: str | None) -> Taken:
        ring = KeyRing(session, self._service_key)
        before = conversations.prepare(session, ring, who)
        if before.conversation is None or before.conversation_id is None:
            return self._begin(session, before, channel, key)
        turn_key = key or f"open:{uuid4().hex}"
        before, queued = self._tell_what_changed(session, ring, before, channel, turn_key)
        queued += self._from_a_person(session, before, channel, turn_key)
        now = _present(before, channel)
        if channel == "web" and shown_last(session, before) == now.revision:
            return Taken(before.participant_id, (), tuple(queued))
        machine = self._machine(before)
        around = self._around.of(session, ring, before, machine, channel)
        message = core.where_we_are(machine, now, around, self._wording)
        queued += self._reply(session, before, (message,), channel, turn_key, None)
        shown = lines_of(session, before, turn_key=turn_key) if channel == "web" else ()
        return Taken(before.participant_id, shown, tuple(queued))

    def _tell_what_changed(
        self, session: Session, ring: KeyRing, before: Preparing, channel: Channel, turn_key: str
    ) -> tuple[Preparing, list[Claimed | None]]:
        """To someone who is back: that the meeting moved, or is called off."""
        machine = self._machine(before)
        around = self._around.of(session, ring, before, machine, channel)
        told = core.what_changed(machine, _present(before, channel), around, self._wording)
        if told is None:
            return before, []
        conversations.save(session, before, told.conversation, self._clock(), sent=False)
        queued = self._reply(session, before, told.messages, channel, turn_key, None)
        return replace(before, conversation=told.conversation), queued

    def _from_a_person(
        self, session: Session, to: Preparing, channel: Channel, turn_key: str
    ) -> list[Claimed | None]:
        """What the coordinator answered since they were last here, before all that we say."""
        assert to.conversation is not None  # noqa: S101 - begun by now
        audience, language = self._machine(to).flow.audience, to.conversation.language
        answers = human_answers.take_unshown(session, to.seal, to.participant_id, self._clock())
        messages = tuple(
            from_a_person(one.name, one.text, audience, language, self._wording) for one in answers
        )
        return self._reply(session, to, messages, channel, turn_key, None, "coordinator")

    def _reply(
        self,
        session: Session,
        to: Preparing,
        messages: tuple[Message, ...],
        channel: Channel,
        turn_key: str,
        tapped: int | None,
        author: str = "assistant",
    ) -> list[Claimed | None]:
        now = self._clock()
        if channel == "web":
            for message in messages:
                self._write(session, to, author, turn_key, LineBody(message=message))
            return []
        parts = [
            (part, tapped if message.replaces else None)
            for message in messages
            for part in split(message)
        ]
        return [
            outbox.queue(
                session,
                to.seal,
                ChatLetter(message=part, edit=edit),
                kind="reply",
                channel="telegram",
                recipient=f"telegram:{to.telegram_chat}",
                now=now,
                step=part.step,
                participant_id=to.participant_id,
                meeting_id=to.meeting_id,
                held=position == 0,
            )
            for position, (part, edit) in enumerate(parts)
        ]

    def _write(
        self, session: Session, to: Preparing, author: str, turn_key: str, body: LineBody
    ) -> None:
        assert to.conversation_id is not None  # noqa: S101 - begun by now
        conversations.add_line(
            session,
            to.seal,
            to.conversation_id,
            author,
            turn_key,
            body.model_dump_json(exclude_none=True),
            self._clock(),
        )

    def _machine(self, before: Preparing) -> FlowMachine:
        assert before.conversation is not None  # noqa: S101 - begun by now
        return self._library.version(before.conversation.flow, before.conversation.version)

    def _label(
        self,
        machine: FlowMachine,
        conversation: Conversing,
        around: Circumstances,
        tap: Tap,
    ) -> str:
        """What the tapped button said, for the web chat to show."""
        shown = core.where_we_are(machine, conversation, around, self._wording)
        buttons = (choice for row in shown.rows for choice in row)
        return next((button.label for button in buttons if button.id == tap.choice), "")

    # --- what a web page shows ---

    async def lines(self, participant: UUID, after: int = 0) -> tuple[Line, ...]:
        """The web chat's lines after a number, in order."""

        def read(session: Session) -> tuple[Line, ...]:
            ring = KeyRing(session, self._service_key)
            return lines_of(session, conversations.prepare(session, ring, participant), after=after)

        return await self._database.run(read)

    @asynccontextmanager
    async def listen(self, participant: UUID) -> AsyncIterator[asyncio.Event]:
        """An event that is set whenever there may be new lines. Clear it before reading."""
        event = asyncio.Event()
        self._listeners[participant].add(event)
        try:
            yield event
        finally:
            self._listeners[participant].discard(event)
            if not self._listeners[participant]:
                del self._listeners[participant]

    # --- attachments ---

    async def keep(self, participant: UUID, media_type: str, content: bytes, key: str) -> UUID:
        """Seals an attachment and gives its id, for the answer that is about to name it; the same
        id when the same comes again with its key."""

        def write(session: Session) -> UUID:
            seal = KeyRing(session, self._service_key).of(participant)
            return keep_attachment(session, seal, media_type, content, key, self._clock())

        return await self._database.run(write)

    async def attachment(self, participant: UUID, attachment: UUID) -> Kept | None:
        """One of the participant's own; None for anybody else's."""

        def read(session: Session) -> Kept | None:
            row = session.get(Attachment, attachment)
            if row is None or row.participant_id != participant:
                return None
            seal = KeyRing(session, self._service_key).of(participant)
            content = seal.open("attachment", row.id, "sealed_content", row.sealed_content)
            return Kept(row.id, row.media_type, content)

        return await self._database.run(read)


def _present(before: Preparing, channel: Channel) -> Conversing:
    """The conversation, in the channel that it goes on in now."""
    assert before.conversation is not None  # noqa: S101 - begun by now
    return before.conversation.model_copy(update={"channel": channel})
