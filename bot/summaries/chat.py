"""Summaries and alerts as messages for the coordinator's own Telegram chat."""

from collections.abc import Iterator
from uuid import UUID

from flows.answers import How, Part, Sharing
from flows.exchange import Choice, Message, Paragraph, Style
from flows.machine import FlowMachine
from flows.review import CoordinatorCopy, Item, option_label
from flows.schema import Ask, Audience
from flows.wording import Value, Wording

_MARKS = {"voice": "🎤", "picture": "🖼", "file": "📎"}


def summary_in_chat(
    machine: FlowMachine,
    copy: CoordinatorCopy,
    name: str,
    relation: str,
    language: str,
    wording: Wording,
) -> Message:
    """What someone sent, letter for letter, under headings in the coordinator's language."""

    def say(phrase: str, **more: Value) -> str:
        return wording.say(phrase, Audience.ADULT, language, **more)

    title = say("chat_summary", name=name, relation=relation)
    paragraphs = [Paragraph(text=title, style=Style.STRONG)]
    for item in copy.items:
        paragraphs += _one(machine, item, language, wording)
    paragraphs.append(Paragraph(text=say("chat_only_you"), style=Style.SMALL))
    if copy.unanswered:
        headings = tuple(_heading(machine, s, language, wording) for s in copy.unanswered)
        paragraphs.append(
            Paragraph(text=say("chat_unanswered", headings=headings), style=Style.SMALL)
        )
    return Message(paragraphs=tuple(paragraphs), language=language, quotes=True)


ALERT = "~alert"
"""The state of the button that acknowledges an alert; no flow can have it."""


def alert_in_chat(name: str, link: str, language: str, wording: Wording, alert: UUID) -> Message:
    """That someone may need help now, and a button that says that one acts. None of their words."""
    text = wording.say("chat_alert", Audience.ADULT, language, name=name, link=link)
    seen = wording.say("chat_alert_seen_button", Audience.ADULT, language)
    return Message(
        paragraphs=(Paragraph(text=text, style=Style.STRONG),),
        rows=((Choice(id=alert.hex, label=seen),),),
        state=ALERT,
        language=language,
        quotes=True,
    )


def taken_back_in_chat(name: str, link: str, language: str, wording: Wording) -> Message:
    """That something was taken back: not what, and none of their words."""
    text = wording.say("chat_taken_back", Audience.ADULT, language, name=name, link=link)
    return Message(paragraphs=(Paragraph(text=text),), language=language, quotes=True)


def _one(machine: FlowMachine, item: Item, language: str, wording: Wording) -> Iterator[Paragraph]:
    step = machine.steps.get(item.step)
    if not isinstance(step, Ask):
        return
    yield Paragraph(text=_heading(machine, item.step, language, wording), style=Style.STRONG)
    for option in item.answer.chosen:
        label = option_label(step, option, machine.flow.audience, language, wording)
        yield Paragraph(text=label, style=Style.QUOTE)
    for part in item.answer.parts:
        yield Paragraph(text=_part(part), style=Style.QUOTE)
    if item.answer.how is How.IN_PERSON:
        yield Paragraph(text=wording.say("chat_in_person", Audience.ADULT, language))
    elif item.answer.how is How.NOT_SURE:
        yield Paragraph(text=wording.say("not_sure", Audience.ADULT, language))
    for line in _hears(item.answer.sharing, item.locked, language, wording):
        yield Paragraph(text=line, style=Style.SMALL)


def _part(part: Part) -> str:
    mark = _MARKS.get(part.kind, "")
    return f"{mark} {part.text}".strip() if mark else part.text


def _heading(machine: FlowMachine, step_id: str, language: str, wording: Wording) -> str:
    step = machine.steps.get(step_id)
    heading = step.heading if isinstance(step, Ask) else ""
    return wording.text(heading, machine.flow.audience, language) if heading else step_id


def _hears(sharing: Sharing, locked: bool, language: str, wording: Wording) -> Iterator[str]:
    """Only what is more, or less, than that the coordinator alone hears it."""
    if locked:
        yield wording.say("chat_locked", Audience.ADULT, language)
    elif sharing.hears == "meeting" and sharing.says is not None:
        yield wording.say(f"chat_says_{sharing.says}", Audience.ADULT, language)
    if sharing.not_to:
        yield wording.say("who_not_to", Audience.ADULT, language, names=sharing.not_to)
