"""What a flow file may say. Types only: reading is library's, what follows what is machine's."""

from enum import StrEnum
from typing import Annotated, Literal

from pydantic import BaseModel, BeforeValidator, ConfigDict, Discriminator, Field, Tag

StepId = Annotated[str, Field(pattern=r"^[a-z][a-z0-9_]{0,23}$")]
"""Short, because a button's payload (64 bytes in all) carries it."""

OptionId = Annotated[str, Field(pattern=r"^[a-z0-9_]{1,16}$")]


def _yes_and_no_as_words(value: object) -> object:
    """YAML reads a bare `yes` as true; people who write flows need not know."""
    if isinstance(value, list):
        return [{True: "yes", False: "no"}[v] if isinstance(v, bool) else v for v in value]
    return value


OneOf = Annotated[tuple[str, ...], BeforeValidator(_yes_and_no_as_words)]


class Audience(StrEnum):
    """The register that words are chosen in; also the translation context (msgctxt)."""

    ADULT = "adult"
    YOUNG = "young"
    CHILD = "child"


class Mechanism(StrEnum):
    """Why a question is asked: the three mechanisms of the realist review (Stabler 2019)."""

    DIALOGUE = "dialogue"
    """M1: real dialogue and collaboration with the family and its network."""
    TRUST = "trust"
    """M2: trust up, shame down, so that people can be open."""
    PARTICIPATION = "participation"
    """M3: preparation and listening, so that people take part in deciding."""


class Evidence(StrEnum):
    """Where a question comes from (EVIDENCE, section 7)."""

    REALIST_REVIEW = "realist_review"
    WALES = "wales_preparation_pointers"
    REPORTS = "diaz_reports_at_the_last_minute"
    THREE_HOUSES = "three_houses"
    SAFETY = "safety_in_conferences"
    OFFER = "offer_review_2025"
    ACT = "children_act_s31za"
    CHILDREN_AT_FGC = "children_at_conferences"
    CHILDREN_IN_CP = "children_in_child_protection"
    OWN_MIND = "apps_for_young_people"
    SOCIAL_WORK_DATA = "dpa_2018_schedule_3"


class SharingRule(StrEnum):
    """Who may hear an answer, and whether we ask (promise P2)."""

    ASK = "ask"
    """Only the coordinator unless the person chooses the meeting; asked after the answer."""
    EACH = "each"
    """The same, and asked even where "the same for the next ones" was chosen."""
    COORDINATOR = "coordinator"
    """Only the coordinator; not asked, and can be widened in the review."""
    LOCKED = "locked"
    """Only the coordinator, for good."""


class Section(StrEnum):
    """Where an answer stands in the coordinator's one page (EVIDENCE 7.7), in its order."""

    SAFETY = "safety"
    WHO = "who"
    TAKING_PART = "taking_part"
    STRENGTHS = "strengths"
    WORRIES = "worries"
    WISHES = "wishes"
    MUST_BE_SAID = "must_be_said"
    MUST_NOT_BE_SAID = "must_not_be_said"
    QUESTIONS = "questions"
    PEOPLE = "people"
    PLAN = "plan"
    PRACTICAL = "practical"
    SCALES = "scales"


class Strict(BaseModel):
    """Refuses a field that it does not know: a typing slip in a flow file must not pass."""

    model_config = ConfigDict(extra="forbid", frozen=True)


class Option(Strict):
    id: OptionId
    label: str
    picture: str = ""
    """One emoji before the label, for children; decoration only."""


class Words(Strict):
    """Own words. Voice, pictures and files may stand beside or instead of them."""

    kind: Literal["words"]
    also: tuple[Literal["voice", "picture", "file"], ...] = ("voice",)


class Choice(Strict):
    kind: Literal["choice"]
    options: tuple[Option, ...] = Field(min_length=2)


class Choices(Strict):
    """Several of these; what people type beside them is kept with the answer."""

    kind: Literal["choices"]
    options: tuple[Option, ...] = Field(min_length=2)


class YesNo(Strict):
    """Yes, no or not sure."""

    kind: Literal["yes_no"]


class Scale(Strict):
    """0 to 10, with words for both ends."""

    kind: Literal["scale"]
    low: str
    high: str


class Faces(Strict):
    """Five faces, `1` (very unhappy) to `5` (very happy), each with its word."""

    kind: Literal["faces"]
    words: tuple[str, str, str, str, str]


class People(Strict):
    """A list of people, one a message. `nobody` offers "no one" as an answer of its own."""

    kind: Literal["people"]
    nobody: str = ""


class Voice(Strict):
    kind: Literal["voice"]


class Picture(Strict):
    """A photo or a drawing; on the web there is a place to draw."""

    kind: Literal["picture"]


class File(Strict):
    kind: Literal["file"]


class Language(Strict):
    """The languages that the service offers; the choice becomes the conversation's own."""

    kind: Literal["language"]


AnswerKind = Annotated[
    Words | Choice | Choices | YesNo | Scale | Faces | People | Voice | Picture | File | Language,
    Field(discriminator="kind"),
]


class When(Strict):
    """A condition on what was said. The vocabulary is closed: nothing here is ever evaluated.

    `answer` names a step; `one_of` the options chosen there, any of which holds, or one of
    `skipped`, `not_sure`, `in_person`, `named` (someone, in a list of people), `said` (something,
    in their own words). `channel` holds in that channel alone.
    """

    answer: StepId | None = None
    one_of: OneOf = ()
    channel: Literal["telegram", "web", "terminal"] | None = None


class Next(Strict):
    """Where to go. The first line whose `when` holds wins; the last one has none."""

    go: StepId
    when: When | None = None


class Task(Strict):
    """What the coordinator is to do when the answer is one of these."""

    one_of: OneOf
    say: str
    """A sentence for the coordinator. Holds no words of the person's. Where several may be ticked,
    what was ticked stands behind it, so there it has no full stop."""


class Signal(Strict):
    """A starred question (EVIDENCE 7): these answers raise an alert as they are given.

    `named` holds when a person was named in a list of people.
    """

    one_of: OneOf
    category: OptionId
    discreet: bool = False
    """Say nothing of it on the screen: somebody unwanted may be reading along."""


class Say(Strict):
    """Something explained. A tap on its one button goes on."""

    id: StepId
    say: str
    """Paragraphs, separated by an empty line."""
    button: str
    next: tuple[Next, ...] = ()
    """Empty: the step below."""
    detour: bool = False
    """Reached by a branch only: the step above does not lead here."""
    about_meeting: bool = False
    """What the coordinator wrote of this meeting stands before the last paragraph."""


class Ask(Strict):
    """A question. It can always be skipped, left at "not sure", or said to a person instead."""

    id: StepId
    ask: str
    more: str = ""
    """A second sentence, smaller: an example, or what a hard word means."""
    heading: str = ""
    """What the answer is called in the review and in the summary. Empty: never sent."""
    answer: AnswerKind
    counted: bool = True
    """Whether it is one of the numbered questions ("4 of 16")."""
    sharing: SharingRule = SharingRule.COORDINATOR
    section: Section | None = None
    mechanism: Mechanism | None = None
    evidence: tuple[Evidence, ...] = ()
    task: Task | None = None
    signal: Signal | None = None
    pause: tuple[OptionId, ...] = ()
    """Options after which the conversation rests, and this is asked again next time."""
    help: tuple[OptionId, ...] = ()
    """Options after which help is shown."""
    exits: bool = True
    """Skip, not sure, in person. Off only where the question is about this chat itself."""
    only: When | None = None
    """Passed over silently unless this holds."""
    next: tuple[Next, ...] = ()
    detour: bool = False


def _say_or_ask(value: object) -> str:
    if isinstance(value, dict):
        return "say" if "say" in value else "ask"
    return "say" if isinstance(value, Say) else "ask"


Step = Annotated[
    Annotated[Say, Tag("say")] | Annotated[Ask, Tag("ask")], Discriminator(_say_or_ask)
]


class Flow(Strict):
    """One conversation: its opening first, then the questions."""

    id: StepId
    version: int = Field(ge=1)
    audience: Audience
    title: str
    minutes: int
    """How long it takes, as we tell people."""
    opening: tuple[Step, ...] = Field(min_length=1)
    """What is said before the first question (promise P1)."""
    questions: tuple[Step, ...] = Field(min_length=1)

    @property
    def steps(self) -> tuple[Say | Ask, ...]:
        return self.opening + self.questions

    def step(self, step_id: str) -> Say | Ask | None:
        return next((step for step in self.steps if step.id == step_id), None)

    @property
    def counted(self) -> tuple[str, ...]:
        """Ids of the numbered questions, in order."""
        return tuple(s.id for s in self.steps if isinstance(s, Ask) and s.counted)


Text = str | dict[Literal["one", "other"], str]


class Phrase(Strict):
    """One thing that the conversation itself says, in up to three registers.

    `one` and `other` are English's plural forms; `{count}` chooses between them.
    """

    adult: Text
    young: Text | None = None
    child: Text | None = None
