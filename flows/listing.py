"""The list of all that was said, one answer of it, exactly what will be sent, and that it was."""

from flows.answers import Circumstances, How
from flows.exchange import Accepts, Choice, Look, Message, Paragraph, Style
from flows.review import coordinators_copy, meeting_copy
from flows.schema import Ask, SharingRule
from flows.speech import Speech


def review(speech: Speech) -> Message:
    listed = speech.listed()
    paragraphs: list[Paragraph] = []
    if any(step.id in speech.now.answers for step in listed):
        status = (
            "review_unsent"
            if not speech.now.sent
            else "review_changed"
            if speech.now.changed_since_sent
            else "review_sent"
        )
        paragraphs += [Paragraph(text=speech.say("review"), style=Style.STRONG)]
        answered = sum(1 for step in listed if _is_answered(speech, step))
        paragraphs += [speech.plain("review_count", count=answered), speech.plain(status)]
    else:
        paragraphs += [Paragraph(text=speech.say("review_empty"), style=Style.STRONG)]
    for number, step in enumerate(listed, start=1):
        heading = f"{number}. {speech.text(step.heading)}"
        answer = speech.now.answers.get(step.id)
        paragraphs.append(Paragraph(text=heading, style=Style.STRONG))
        if answer is None or answer.how is How.SKIPPED:
            paragraphs.append(speech.small("not_answered"))
            continue
        locked = step.sharing is SharingRule.LOCKED
        paragraphs += speech.quoted(step, answer)
        hears = speech.who_hears(answer.sharing, locked=locked)
        paragraphs.append(Paragraph(text=hears, style=Style.SMALL))
        paragraphs += speech.who_not(answer.sharing)
    paragraphs.append(speech.plain("review_pick"))
    numbers = [Choice(id=s.id, label=str(n)) for n, s in enumerate(listed, start=1)]
    rows = [tuple(numbers[i : i + 6]) for i in range(0, len(numbers), 6)]
    rows.append((speech.choice("review_look", "look"),))
    rows.append((speech.choice("review_add", "add"),))
    if speech.now.paused_at:
        rows.append((speech.choice("carry_on", "carry_on"),))
    rows.append((Choice(id="later", label=speech.say("later_button"), look=Look.EXIT),))
    return Message(
        paragraphs=tuple(paragraphs), rows=tuple(rows), accepts=(Accepts.WORDS,), quotes=True
    )


def _is_answered(speech: Speech, step: Ask) -> bool:
    answer = speech.now.answers.get(step.id)
    return answer is not None and answer.how is not How.SKIPPED


def item(speech: Speech) -> Message:
    step = speech.machine.steps[speech.now.item]
    assert isinstance(step, Ask)  # noqa: S101 - only questions are listed
    answer = speech.now.answers.get(step.id)
    paragraphs = [Paragraph(text=speech.text(step.heading), style=Style.STRONG)]
    rows = [(speech.choice("item_change", "change"),)]
    if answer is not None and answer.how is not How.SKIPPED:
        locked = step.sharing is SharingRule.LOCKED
        paragraphs += speech.quoted(step, answer)
        hears = speech.who_hears(answer.sharing, locked=locked)
        paragraphs.append(Paragraph(text=hears, style=Style.SMALL))
        paragraphs += speech.who_not(answer.sharing)
        if not locked and answer.how is How.ANSWERED:
            rows.append((speech.choice("item_hears", "hears"),))
        out = "item_take_back" if speech.now.sent else "item_out"
        rows.append((speech.choice(out, "out"),))
    else:
        paragraphs.append(speech.small("not_answered"))
    rows.append((Choice(id="back", label=speech.say("item_list"), look=Look.EXIT),))
    return Message(paragraphs=tuple(paragraphs), rows=tuple(rows), quotes=True)


def preview(speech: Speech) -> Message:
    copy = coordinators_copy(speech.machine, speech.now)
    if not copy.items:
        return Message(
            paragraphs=(speech.plain("preview_empty"),),
            rows=((speech.choice("preview_change", "change"),),),
        )
    in_meeting = {item.step for item in meeting_copy(copy).items}
    paragraphs = [Paragraph(text=speech.say("preview"), style=Style.STRONG)]
    only = [item for item in copy.items if item.step not in in_meeting]
    both = [item for item in copy.items if item.step in in_meeting]
    for title, items in (("preview_meeting", both), ("preview_coordinator", only)):
        if items:
            paragraphs.append(Paragraph(text=speech.say(title), style=Style.STRONG))
        elif items is both:
            paragraphs.append(speech.plain("preview_no_meeting"))
        for item in items:
            step = speech.machine.steps[item.step]
            assert isinstance(step, Ask)  # noqa: S101 - copies are made of questions
            paragraphs.append(Paragraph(text=speech.text(step.heading)))
            paragraphs += speech.quoted(step, item.answer)
            if items is both:
                hears = speech.who_hears(item.answer.sharing, locked=False)
                paragraphs.append(Paragraph(text=hears, style=Style.SMALL))
            paragraphs += speech.who_not(item.answer.sharing)
    rows = [
        (speech.choice("preview_change", "change"),),
        (speech.choice("later_button", "later"),),
    ]
    if speech.around.over or speech.around.cancelled:
        paragraphs.append(speech.plain(no_more_sending(speech.around)))
    else:
        paragraphs.append(speech.plain("preview_limits"))
        rows.insert(0, (speech.choice("send", "send"),))
    return Message(paragraphs=tuple(paragraphs), rows=tuple(rows), quotes=True)


def no_more_sending(around: Circumstances) -> str:
    """Why nothing can be sent any more: a phrase."""
    return "meeting_over" if around.over else "meeting_cancelled"


def sent(speech: Speech) -> Message:
    return Message(
        paragraphs=(
            Paragraph(text=speech.say("sent"), style=Style.STRONG),
            speech.plain("sent_read"),
            speech.plain("sent_next"),
        ),
        rows=(
            (speech.choice("sent_change", "change"),),
            (Choice(id="later", label=speech.say("done"), look=Look.EXIT),),
        ),
        accepts=(Accepts.WORDS,),
    )
