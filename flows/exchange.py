"""What can be said to the conversation, and what it says back. Plain data; every channel
translates to and from this and nothing else."""

from enum import StrEnum
from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field


class Plain(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid", hide_input_in_errors=True)


# --- said to us ---------------------------------------------------------------------------


class Words(Plain):
    """Typed words, kept letter for letter."""

    said: Literal["words"] = "words"
    text: str
    ref: str = ""
    """The channel's own id of this message, so that an edit finds it again."""
    at_once: bool = False
    """Sent in the same breath as the message before, so before our reply could be read."""
    about: str = ""
    """The step of an earlier question that this replies to."""
    forwarded: bool = False
    """Somebody else's message, passed on."""


class Tap(Plain):
    """A button. `state` is the state that showed it and `revision` the conversation's then."""

    said: Literal["tap"] = "tap"
    state: str
    choice: str
    revision: int


class Sent(Plain):
    """A voice message, a picture or a file, already stored by the channel."""

    said: Literal["sent"] = "sent"
    kind: Literal["voice", "picture", "file"]
    attachment: str
    ref: str = ""
    at_once: bool = False
    about: str = ""
    caption: str = ""
    seconds: int = 0
    """Length of a voice message, in seconds."""


class Edited(Plain):
    """A message that was sent before now says something else."""

    said: Literal["edited"] = "edited"
    ref: str
    text: str


class CommandName(StrEnum):
    START = "start"
    HELP = "help"
    CHANGE = "change"
    REVIEW = "review"
    LATER = "later"
    LANGUAGE = "language"
    MEETING = "meeting"
    PRIVACY = "privacy"
    MYDATA = "mydata"
    HIDE = "hide"
    WIPE = "wipe"
    STOP = "stop"
    BACK = "back"


class Command(Plain):
    said: Literal["command"] = "command"
    name: CommandName


class Refusal(StrEnum):
    """Why something that came cannot be an answer. Each has words in every language."""

    STICKER = "sticker"
    CONTACT = "contact"
    LOCATION = "location"
    POLL = "poll"
    TOO_LONG = "too_long"
    TOO_BIG = "too_big"
    EMPTY = "empty"
    BROKEN = "broken"
    NOT_A_PICTURE = "not_a_picture"
    NOT_A_SOUND = "not_a_sound"
    NOT_A_FILE = "not_a_file"
    UNKNOWN = "unknown"
    UNKNOWN_COMMAND = "unknown_command"


class Unusable(Plain):
    said: Literal["unusable"] = "unusable"
    why: Refusal


Said = Annotated[Words | Tap | Sent | Edited | Command | Unusable, Field(discriminator="said")]


# --- said by us ---------------------------------------------------------------------------


class Style(StrEnum):
    PLAIN = "plain"
    STRONG = "strong"
    """The question itself, or a heading."""
    SMALL = "small"
    QUOTE = "quote"
    """The person's own words: never translated, direction of its own, never markup."""


class Paragraph(Plain):
    text: str
    style: Style = Style.PLAIN


class Look(StrEnum):
    """How a choice looks. Skip and Send carry the same weight (Children's Code, 13)."""

    ANSWER = "answer"
    EXIT = "exit"
    """Skip, not sure, in person, back: smaller, below."""


class Choice(Plain):
    """A button. Its payload is (state, id, revision): ids only, never words."""

    id: str
    label: str
    look: Look = Look.ANSWER
    chosen: bool = False
    """Ticked, in a question with several choices."""


class Accepts(StrEnum):
    """What may be sent beside a tap."""

    WORDS = "words"
    VOICE = "voice"
    PICTURE = "picture"
    FILE = "file"


class Message(Plain):
    """One message of ours, in the person's language."""

    paragraphs: tuple[Paragraph, ...]
    rows: tuple[tuple[Choice, ...], ...] = ()
    accepts: tuple[Accepts, ...] = ()
    state: str = ""
    revision: int = 0
    step: str = ""
    """The step that this asks about; a reply to it is an answer to that."""
    language: str = "en"
    progress: str = ""
    """"Question 4 of 16". Empty where nothing is counted."""
    layout: Literal["list", "scale", "faces"] = "list"
    quotes: bool = False
    """Holds words of the person's: the channel protects it."""
    replaces: bool = False
    """Stands in the place of the message whose button was tapped (ticking several choices)."""


# --- what the shell is to do --------------------------------------------------------------


class RaiseAlert(Plain):
    """A starred question was answered so, danger was heard in own words, or help was asked for."""

    effect: Literal["alert"] = "alert"
    step: str
    category: str
    categories: tuple[str, ...] = ()
    """All kinds of danger that were heard in own words; empty where it was tapped."""


class SendSummary(Plain):
    """The person saw exactly this and tapped Send."""

    effect: Literal["send"] = "send"


class TakeBack(Plain):
    """Asked to take one answer back after sending."""

    effect: Literal["take_back"] = "take_back"
    step: str


class AllowMessages(Plain):
    """ "May we message this phone?"."""

    effect: Literal["messages"] = "messages"
    allowed: bool


class Hide(Plain):
    """Clear what may be cleared from the chat."""

    effect: Literal["hide"] = "hide"


class KeepOut(Plain):
    """Keep their answers out of the Telegram chat from now on, or no longer."""

    effect: Literal["keep_out"] = "keep_out"
    on: bool


class GiveData(Plain):
    """They asked for all that is held about them."""

    effect: Literal["give_data"] = "give_data"


class Wipe(Plain):
    """Destroy all of it. They were asked twice."""

    effect: Literal["wipe"] = "wipe"


class Pause(Plain):
    """Stopped or resting: nothing is to be asked again until they write."""

    effect: Literal["pause"] = "pause"
    reminders: bool
    """False after /stop: no gentle reminders either."""


Effect = Annotated[
    RaiseAlert | SendSummary | TakeBack | AllowMessages | Hide | KeepOut | GiveData | Wipe | Pause,
    Field(discriminator="effect"),
]
