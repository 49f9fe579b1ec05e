"""What a delivery holds, once opened: the words for one chat or inbox."""

from typing import Literal
from uuid import UUID

from pydantic import AliasChoices, ConfigDict, Field

from flows.exchange import Message, Plain


class Brings(Plain):
    """What was sent, in somebody's own words, into a coordinator's own chat."""

    summary: UUID
    """The row of that version."""
    to: UUID
    """The coordinator."""


class ChatLetter(Plain):
    """One message for a Telegram chat."""

    message: Message
    edit: int | None = None
    """Put it in the place of this message of ours, if that still can be."""
    brings: Brings | None = None
    """Once it has arrived, they may have read it, and whoever said it is told so."""


class MailLetter(Plain):
    """An e-mail. It holds a link and never a word of anybody's (promise P27)."""

    to: str
    subject: str
    text: str


class SweepLetter(Plain):
    """Messages to clear from a Telegram chat (`/hide`)."""

    messages: tuple[int, ...]


class DataLetter(Plain):
    """All that is held about someone, for their own chat. It is put together as it leaves, and
    kept nowhere (promise P8)."""

    data_of: UUID


PaperKind = Literal["summary", "roundup"]


class PaperLetter(Plain):
    """Somebody's summary, or who in a meeting has prepared, as a file for the coordinator's own
    chat. It is put together as it leaves, and kept nowhere."""

    kind: PaperKind = "summary"
    of: UUID = Field(validation_alias=AliasChoices("of", "summary_of"))
    """The participant, or the meeting. Letters queued by earlier versions call it `summary_of`."""


class TodayLetter(Plain):
    """What there is to do, for a coordinator's own chat, as it stands when it leaves."""

    today_of: UUID
    asked: bool
    """They asked for it. A morning's list with nothing in it is not sent."""


class InvitationLetter(Plain):
    """Someone's link, by a way that they said is safe. The link is made as it leaves, and kept
    nowhere (promise P29); it goes to the number or address that is theirs by then."""

    model_config = ConfigDict(extra="ignore")  # letters queued by earlier versions have `to` too

    invites: UUID
    way: Literal["text", "mail"]


Letter = (
    ChatLetter
    | MailLetter
    | SweepLetter
    | DataLetter
    | PaperLetter
    | TodayLetter
    | InvitationLetter
)
