"""Summaries, alerts and what there is to do, as messages for a coordinator's own chat."""

from collections.abc import Iterator
from datetime import datetime, timedelta
from uuid import UUID

from bot.summaries.roundup import Roundup
from bot.summaries.today import Today
from flows.answers import How, Part, Sharing
from flows.exchange import Choice, Message, Paragraph, Style
from flows.machine import FlowMachine
from flows.review import CoordinatorCopy, Item, option_label
from flows.schema import Ask, Audience
from flows.wording import Value, Wording

_GROUPS = ("sent", "started", "opened", "invited", "unreached", "wiped")
"""Of a roundup, in its order. Whoever was erased stands in none: they have no name any more."""
_MARKS = {"voice": "🎤", "picture": "🖼", "file": "📎"}


def summary_in_chat(
    participant: UUID,
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
    as_file = Choice(id=participant.hex, label=say("chat_paper_button"))
    return Message(
        paragraphs=tuple(paragraphs),
        rows=((as_file,),),
        state=PAPER,
        language=language,
        quotes=True,
    )


def sent_in_chat(name: str, relation: str, link: str, language: str, wording: Wording) -> Message:
    """That someone under 16 has sent something. They were promised the web alone (EVIDENCE 4.1), so
    none of their words go by Telegram, not to the coordinator either."""

    def say(phrase: str, **more: Value) -> str:
        return wording.say(phrase, Audience.ADULT, language, **more)

    title = say("chat_summary", name=name, relation=relation)
    told = say("chat_under_16", link=link)
    return Message(
        paragraphs=(Paragraph(text=title, style=Style.STRONG), Paragraph(text=told)),
        language=language,
        quotes=True,
    )


ALERT, PAPER, ROUNDUP = "~alert", "~paper", "~roundup"
"""The states of the buttons that acknowledge an alert, and that bring a summary or the roundup as a
file; no flow can have them."""
SOON, AT_MOST = timedelta(days=7), 10
"""Meetings so near stand in the list of the day one by one, and so many of them."""


def alert_in_chat(alert: UUID, name: str, link: str, language: str, wording: Wording) -> Message:
    """That someone may need help now, with the one tap that says "I am acting on it". None of
    their words."""
    text = wording.say("chat_alert", Audience.ADULT, language, name=name, link=link)
    seen = Choice(
        id=alert.hex, label=wording.say("chat_alert_seen_button", Audience.ADULT, language)
    )
    return Message(
        paragraphs=(Paragraph(text=text, style=Style.STRONG),),
        rows=((seen,),),
        state=ALERT,
        language=language,
        quotes=True,
    )


def today_in_chat(
    today: Today, link: str, language: str, wording: Wording, now: datetime, *, asked: bool
) -> Message | None:
    """How much there is to do, and how far the next meetings are. No name and no title: a phone
    lies about. None where there is nothing and nobody asked."""

    def say(phrase: str, **more: Value) -> str:
        return wording.say(phrase, Audience.ADULT, language, **more)

    counts = {
        "alerts": len(today.alerts),
        "tasks": len(today.tasks),
        "unreached": sum(one.count for one in today.unreached),
    }
    lines = [say(f"chat_today_{what}", count=str(n)) for what, n in counts.items() if n]
    held = [one for one in today.ahead if one.cancelled_at is None and one.starts_at > now]
    soon = [one for one in held if one.starts_at <= now + SOON][:AT_MOST]
    if not (asked or lines or soon):
        return None
    for meeting in soon:
        when = wording.when(meeting.starts_at, meeting.timezone, Audience.ADULT, language)
        count, total = str(meeting.counted("sent")), str(len(meeting.people))
        lines.append(say("chat_today_meeting", when=when, count=count, total=total))
    later = len(held) - len(soon)
    lines += [say("chat_today_later", count=str(later))] if later else []
    title = Paragraph(text=say("chat_today"), style=Style.STRONG)
    return Message(
        paragraphs=(
            title,
            *(Paragraph(text=line) for line in lines or [say("chat_today_nothing")]),
            Paragraph(text=say("chat_today_link", link=link), style=Style.SMALL),
        ),
        language=language,
    )


def roundup_in_chat(found: Roundup, language: str, wording: Wording) -> Message:
    """Who has prepared, started, or never been reached, as the meeting's page has it."""

    def say(phrase: str, **more: Value) -> str:
        return wording.say(phrase, Audience.ADULT, language, **more)

    groups: dict[str, list[str]] = {group: [] for group in _GROUPS}
    for person in found.people:
        group = "unreached" if person.cannot_be_reached else person.status
        if group in groups:
            # Whoever wiped all leaves no name in a chat, though help was called for them.
            groups[group].append(person.reference if group == "wiped" else person.name)
    when = wording.when(found.starts_at, found.timezone, Audience.ADULT, language)
    lines = [
        say(f"chat_roundup_{group}", names=tuple(names)) for group, names in groups.items() if names
    ]
    title = Paragraph(text=say("chat_roundup", when=when), style=Style.STRONG)
    as_file = Choice(id=found.meeting_id.hex, label=say("chat_paper_button"))
    return Message(
        paragraphs=(title, *(Paragraph(text=line) for line in lines)),
        rows=((as_file,),),
        state=ROUNDUP,
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
