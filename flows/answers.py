"""What a conversation holds: answers, who may hear them, and where it stands. Plain data,
JSON both ways; how it changes is conversation's."""

from datetime import datetime
from enum import StrEnum
from typing import Literal

from pydantic import Field

from flows.exchange import Plain


class How(StrEnum):
    """How a question was left. Skipping is never reported as refusing (promise P5)."""

    ANSWERED = "answered"
    SKIPPED = "skipped"
    NOT_SURE = "not_sure"
    IN_PERSON = "in_person"


class Speaker(StrEnum):
    """Who says an answer in the meeting."""

    ME = "me"
    COORDINATOR = "coordinator"
    ADVOCATE = "advocate"
    """An advocate or supporter."""
    READ_OUT_EXACTLY = "read_out_exactly"
    ON_THE_WALL = "on_the_wall"
    """Written up without the name."""


class Sharing(Plain):
    """Who may hear one answer (promise P2). Only the coordinator until something else is chosen."""

    hears: Literal["coordinator", "meeting"] = "coordinator"
    says: Speaker | None = None
    not_to: tuple[str, ...] = ()
    """Names, as the person typed them."""
    chosen: bool = False

    def narrowed(self) -> "Sharing":
        """The narrower choice: what holds when words change after a wider one was made."""
        return self.model_copy(update={"hears": "coordinator", "says": None})


class Part(Plain):
    """One piece of an answer, letter for letter."""

    kind: Literal["words", "person", "voice", "picture", "file"] = "words"
    text: str = ""
    attachment: str = ""
    seconds: int = 0
    ref: str = ""
    """The message that it came in, so that an edit finds it."""


class Answer(Plain):
    step: str
    how: How = How.ANSWERED
    chosen: tuple[str, ...] = ()
    """Option ids; `0`-`10` on a scale; `1`-`5` of the faces."""
    parts: tuple[Part, ...] = ()
    sharing: Sharing = Sharing()
    asked: str = ""
    """The wording that was shown."""
    language: str = "en"

    @property
    def said_something(self) -> bool:
        return bool(self.chosen or self.parts)


class Conversation(Plain):
    """Where someone is in their preparation, and all that they have said."""

    flow: str
    version: int
    channel: Literal["telegram", "web", "terminal"]
    language: str
    state: str
    revision: int = 1
    answers: dict[str, Answer] = Field(default_factory=dict)
    seen: tuple[str, ...] = ()
    """Explanations that were read."""
    trail: tuple[str, ...] = ()
    """The steps that led here, for Back."""
    last: str = ""
    """The step that was answered last."""
    same: Sharing | None = None
    """Chosen for the next answers too."""
    offered_same: bool = False
    returning: bool = False
    """Changing one answer: on the way back to the review."""
    paused_at: str = ""
    """Where the questions were when the review was opened."""
    language_from: str = ""
    """Where /language was asked for."""
    item: str = ""
    """The answer that is open in the review."""
    previewed: int = 0
    """The revision since which what will be sent has been on the screen, unchanged."""
    resting: bool = False
    sent: int = 0
    """How many times it was sent."""
    changed_since_sent: bool = False
    keeps_out: bool = False
    """Their answers are kept out of the Telegram chat."""
    offered_out: bool = False
    told_start: datetime | None = None
    """The meeting's start, as they know it; None where no turn was taken since we keep it."""
    told_place: str | None = None
    """Where it is, as they know it."""
    told_read: datetime | None = None
    """When the coordinator read what was sent, as far as they know it."""
    told_cancelled: bool = False
    """They know that the meeting is called off."""

    @property
    def without_answers(self) -> "Conversation":
        return self.model_copy(update={"answers": {}})


class AboutMeeting(Plain):
    """What a meeting's coordinator has written of it, for everybody in the family to read. Each is
    empty where they wrote nothing."""

    called: str = ""
    """Its local name, such as "family network meeting"."""
    joining: str = ""
    """How to join by phone or video."""
    professionals: str = ""
    """Who is there beside the family."""
    may_be_told: str = ""
    """What it is about, as far as every one of them may know."""
    fixed: str = ""
    """What cannot be changed: the "bottom line"."""
    open: str = ""
    """What the family decides."""


NOTHING_WRITTEN = AboutMeeting()


class Seen(Plain):
    """That what was sent is known to somebody, and how."""

    how: Literal["opened", "in_chat"]
    """Opened by them, or come into a chat of their own, where they may have read it."""
    by: str
    """Whose name that is: the meeting may be another coordinator's by now."""


class Circumstances(Plain):
    """What the shell knows of the meeting and may be said to this person."""

    channel: Literal["telegram", "web", "terminal"]
    coordinator: str
    meeting_kind: str
    starts_at: datetime
    timezone: str
    place: str = ""
    about: AboutMeeting = NOTHING_WRITTEN
    child: str = ""
    languages: tuple[str, ...] = ("en",)
    help_lines: tuple[str, ...] = ()
    """Whom to call, for the meeting's nation."""
    privacy_page: str = ""
    """Where the web page of /privacy is; empty where there is none."""
    after_meeting_days: int = 14
    """How long drafts are kept after the meeting, sent or not."""
    sent_days: int = 90
    """How long what was sent is kept after the meeting."""
    read_at: datetime | None = None
    """When a coordinator first read the newest of what was sent that anybody has read."""
    read_by: str = ""
    """Who that was. Set with `read_at`."""
    seen: Seen | None = None
    """What is known of what was sent; None where nobody has had it before their eyes."""
    over: bool = False
    cancelled: bool = False
    draft_days: int = 30
    """How long what is not sent is kept after they last said something."""
    at_work_until: datetime | None = None
    """Somebody who reads alerts is at work now, until then."""
    at_work_from: datetime | None = None
    """Nobody is, until then. Neither is set where the service has not said its hours."""
    work_timezone: str = "Europe/London"
    always_someone: bool = False
    """A team is told at once out of hours too."""
    backup_days: int = 30
    """After how many days copies in backups are gone."""
