"""What will be sent, and who hears what: the line between a draft, the coordinator's copy and the
meeting copy. The meeting copy has types of its own, so that nothing unshared can be put into it."""

from dataclasses import dataclass
from typing import ClassVar, final

from flows.answers import Answer, Conversation, How, Part, Sharing, Speaker
from flows.exchange import Plain
from flows.machine import FlowMachine
from flows.schema import Ask, Audience, Choice, Choices, Faces, People, Scale, SharingRule, YesNo
from flows.wording import Wording

FACES = ("😢", "🙁", "😐", "🙂", "😄")
IN_PERSON_TASK = "~in_person"
"""What the task to talk with somebody is called. No step is called so."""
SAID = "said"
"""What holds of an answer in which there is something in words, spoken or drawn."""


class Item(Plain):
    """One answer as the coordinator gets it."""

    step: str
    answer: Answer
    locked: bool


class CoordinatorCopy(Plain):
    """Exactly what was on the screen when Send was tapped."""

    flow: str
    version: int
    language: str
    items: tuple[Item, ...]
    unanswered: tuple[str, ...]


class NotShared(ValueError):
    """Its owner has not chosen to have this answer said in the meeting."""

    code: ClassVar[str] = "not_shared"


@final
@dataclass(frozen=True, init=False)
class SharedItem:
    """One answer that its owner chose to have said in the meeting. There is no other way to make
    one than from such an answer: neither a type checker nor a running program lets another pass."""

    step: str
    chosen: tuple[str, ...]
    parts: tuple[Part, ...]
    says: Speaker
    not_to: tuple[str, ...]
    language: str

    def __init__(self, item: Item) -> None:
        """Raises NotShared."""
        answer = item.answer
        if item.locked or answer.how is not How.ANSWERED:
            raise NotShared(item.step)
        if answer.sharing.hears != "meeting" or answer.sharing.says is None:
            raise NotShared(item.step)
        set_once = object.__setattr__  # how a frozen dataclass fills itself
        set_once(self, "step", item.step)
        set_once(self, "chosen", answer.chosen)
        set_once(self, "parts", answer.parts)
        set_once(self, "says", answer.sharing.says)
        set_once(self, "not_to", answer.sharing.not_to)
        set_once(self, "language", answer.language)


@final
@dataclass(frozen=True)
class MeetingCopy:
    """What one person shared. Holds no coordinator's copy, nor anything made from one alone."""

    flow: str
    version: int
    language: str
    items: tuple[SharedItem, ...]


def sendable(machine: FlowMachine) -> tuple[Ask, ...]:
    """The questions whose answers are sent, in the flow's order."""
    return tuple(s for s in machine.flow.steps if isinstance(s, Ask) and s.heading)


def coordinators_copy(machine: FlowMachine, conversation: Conversation) -> CoordinatorCopy:
    """What Send would send now."""
    items = []
    unanswered = []
    for step in sendable(machine):
        answer = conversation.answers.get(step.id)
        if answer is not None and answer.how is not How.SKIPPED:
            locked = step.sharing is SharingRule.LOCKED
            items.append(Item(step=step.id, answer=_under_its_rule(answer, locked), locked=locked))
        elif step.counted:
            unanswered.append(step.id)
    return CoordinatorCopy(
        flow=conversation.flow,
        version=conversation.version,
        language=conversation.language,
        items=tuple(items),
        unanswered=tuple(unanswered),
    )


def tasks_in(machine: FlowMachine, copy: CoordinatorCopy) -> dict[str, tuple[str, ...]]:
    """What gives the coordinator something to do, and the steps whose answers ask for it: each
    task is called by its step; what they would rather say to a person is one task together."""
    asked: dict[str, tuple[str, ...]] = {
        item.step: (item.step,)
        for item in copy.items
        if isinstance(step := machine.steps.get(item.step), Ask)
        and step.task is not None
        and set(held(item.answer)) & set(step.task.one_of)
    }
    in_person = tuple(
        item.step
        for item in copy.items
        if item.answer.how is How.IN_PERSON and item.step not in asked
    )
    if in_person:
        asked[IN_PERSON_TASK] = in_person
    return asked


def held(answer: Answer | None) -> tuple[str, ...]:
    """What conditions may ask of an answer: the options chosen, how it was left, `said` and
    `named`."""
    if answer is None:
        return ()
    said = (SAID,) if answer.parts else ()
    # In a list of people, a recording or a picture names someone too; nobody hears it before Send.
    named = ("named",) if any(part.kind != "words" for part in answer.parts) else ()
    how = () if answer.how is How.ANSWERED else (str(answer.how),)
    return (*answer.chosen, *how, *said, *named)


def meeting_copy(copy: CoordinatorCopy) -> MeetingCopy:
    """What may be handed round: the shared answers alone (promises P2, P24)."""
    return MeetingCopy(
        flow=copy.flow,
        version=copy.version,
        language=copy.language,
        items=tuple(item for item in map(shared, copy.items) if item is not None),
    )


def shared(item: Item) -> SharedItem | None:
    """The answer as the meeting may have it; None unless its owner chose so."""
    try:
        return SharedItem(item)
    except NotShared:
        return None


def _under_its_rule(answer: Answer, locked: bool) -> Answer:
    if locked and answer.sharing.hears != "coordinator":
        return answer.model_copy(update={"sharing": Sharing(not_to=answer.sharing.not_to)})
    return answer


def option_label(
    step: Ask, option: str, audience: Audience, language: str, wording: Wording
) -> str:
    """An option's words, for whoever reads them: the person, or the coordinator."""
    kind = step.answer
    if isinstance(kind, Choice | Choices):
        label = next((o.label for o in kind.options if o.id == option), "")
        if label:
            return wording.text(label, audience, language)
    if isinstance(kind, Scale):
        return option
    if isinstance(kind, Faces) and option in "12345":
        face = int(option) - 1
        return f"{FACES[face]} {wording.text(kind.words[face], audience, language)}"
    if isinstance(kind, People) and option == "nobody":
        return wording.text(kind.nobody, audience, language) if kind.nobody else option
    if isinstance(kind, YesNo) and option in ("yes", "no"):
        return wording.say(f"answer_{option}", audience, language)
    if option == "not_sure":
        return wording.say("not_sure", audience, language)
    return option
