"""A coordinator's own Telegram: linked by a code that works once, and taken off again."""

from dataclasses import dataclass
from datetime import timedelta
from typing import Final
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session
from starlette.responses import RedirectResponse, Response

from bot import invitations
from bot.coordinator import entering
from bot.coordinator.answering import page
from bot.coordinator.desk import PATH, Desk, NotFound, Visit
from bot.delivery import outbox
from bot.delivery.letters import ChatLetter
from bot.meetings.square import Square, square_of
from bot.store.models import Coordinator
from bot.store.sealing import KeyRing
from flows.exchange import Message, Paragraph
from flows.schema import Audience

LASTS: Final = timedelta(minutes=10)
_PURPOSE: Final = "coordinator_telegram"


@dataclass(frozen=True)
class Code:
    """What opens the desk's side of the bot, once."""

    start: str
    """The words to send to the bot."""
    link: str
    """The same as a link; empty where the bot's name is not known."""
    square: Square | None


async def show(desk: Desk, visit: Visit) -> Response:
    if desk.bot_name is None:
        raise NotFound
    return page(desk, visit, "telegram.html", code=None)


async def link(desk: Desk, visit: Visit) -> Response:
    """A new code. An earlier one opens nothing any more."""
    if desk.bot_name is None:
        raise NotFound
    who, now = visit.signed_in.id, desk.clock()

    def make(session: Session) -> str:
        invitations.revoke(session, who, now, (_PURPOSE,))
        entering.note(session, who, "telegram_code_made", now)
        return invitations.invite(session, _PURPOSE, coordinator_id=who, now=now, lasts=LASTS)

    token = await desk.database.run(make)
    link = f"https://t.me/{desk.bot}?start={token}" if desk.bot else ""
    code = Code(f"/start {token}", link, square_of(link) if link else None)
    return page(desk, visit, "telegram.html", code=code, minutes=LASTS // timedelta(minutes=1))


async def unlink(desk: Desk, visit: Visit) -> Response:
    """Nothing of the desk comes to that chat any more; it is told so."""
    who, now = visit.signed_in, desk.clock()

    def change(session: Session) -> None:
        row = session.get_one(Coordinator, who.id, with_for_update=True)
        invitations.revoke(session, who.id, now, (_PURPOSE,))
        chat, row.telegram_chat = row.telegram_chat, None
        if chat is None:
            return
        entering.note(session, who.id, "telegram_unlinked", now)
        outbox.cancel_at_desk(session, who.id, (f"telegram:{chat}",))
        text = desk.library.wording.say("chat_unlinked", Audience.ADULT, who.language)
        outbox.queue(
            session,
            KeyRing(session, desk.service_key).of(who.id),
            ChatLetter(message=Message(paragraphs=(Paragraph(text=text),), language=who.language)),
            kind="notice",
            channel="telegram",
            recipient=f"telegram:{chat}",
            now=now,
        )

    await desk.database.run(change)
    return RedirectResponse(f"{PATH}/account", status_code=303)


def is_linked(session: Session, coordinator: UUID) -> bool:
    """Whether some chat in Telegram is theirs."""
    chat = select(Coordinator.telegram_chat).where(Coordinator.id == coordinator)
    return session.scalar(chat) is not None
