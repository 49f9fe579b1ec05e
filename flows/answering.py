"""Answers: words, recordings, pictures and taps, given to the question that is open."""

from flows.answers import Answer, How, Part
from flows.exchange import AllowMessages, Edited, Paragraph, Pause, Refusal, Style
from flows.hand import Hand
from flows.machine import EXTRA, REVIEW, Sub, Trigger
from flows.recognise import option_in_words
from flows.schema import Ask, Choices, Faces, Language, People, Say, Scale, SharingRule, YesNo
from flows.schema import Choice as OneChoice
from flows.showing import Showing

LONGEST_WORDS = 20_000
"""Characters in one message. A letter of ten pages fits."""


def take_parts(hand: Hand, parts: list[Part], at_once: bool, about: str) -> None:
    """Words, a recording or a picture: an answer, or more of one."""
    state = hand.now.state
    step = hand.machine.steps.get(state)
    if about and about != state and about in hand.now.answers:
        hand.append(about, parts, widened=False)
        asked = hand.machine.steps[about]
        assert isinstance(asked, Ask)  # noqa: S101 - only questions have answers
        hand.note("added_to_earlier")
        hand.notes.append(Paragraph(text=hand.showing.text(asked.ask), style=Style.SMALL))
    elif at_once and hand.now.last and _moved_on(hand, state):
        hand.append(hand.now.last, parts, widened=True)
        hand.note("added_to")
        hand.ask_again = False
    elif isinstance(step, Say):
        hand.note("not_started")
    elif isinstance(step, Ask):
        _answer_in_parts(hand, step, parts)
    elif state.endswith(f".{Sub.NOT_TO}"):
        _must_not_reach(hand, state.split(".")[0], parts)
    elif "." in state:
        hand.append(state.split(".")[0], parts, widened=True)
        hand.note("added_to")
    else:
        _add_something(hand, parts)


def _moved_on(hand: Hand, state: str) -> bool:
    return hand.now.last in hand.now.answers and state.split(".")[0] != hand.now.last


def _answer_in_parts(hand: Hand, step: Ask, parts: list[Part]) -> None:
    kind = step.answer
    if isinstance(kind, OneChoice | YesNo | Scale | Faces | Language):
        _answer_choice_in_words(hand, step, parts)
    elif isinstance(kind, Choices | People):
        if isinstance(kind, People):
            parts = [
                part.model_copy(update={"kind": "person"}) if part.kind == "words" else part
                for part in parts
            ]
        hand.append(step.id, parts, widened=True)
        hand.note("thanks")
    else:
        before = hand.now.answers.get(step.id)
        if step.id == EXTRA and before is not None:
            parts = [*before.parts, *parts]
        hand.give(step, Answer(step=step.id, parts=tuple(parts)))


def _answer_choice_in_words(hand: Hand, step: Ask, parts: list[Part]) -> None:
    text = next((part.text for part in parts if part.kind == "words"), "")
    option = option_in_words(step, text, _options(hand, step), hand.now.language)
    if option is not None:
        rest = () if option.whole else tuple(parts)
        _choose(hand, step, option.id, rest)
    elif step.exits:
        hand.append(step.id, parts, widened=True)
        hand.note("note_kept")
    else:
        hand.note("not_here")


def _must_not_reach(hand: Hand, step: str, parts: list[Part]) -> None:
    names = tuple(part.text for part in parts if part.text)
    answer = hand.now.answers[step]
    sharing = answer.sharing
    hand.save(
        answer.model_copy(
            update={"sharing": sharing.model_copy(update={"not_to": sharing.not_to + names})}
        )
    )


def _add_something(hand: Hand, parts: list[Part]) -> None:
    """Words typed at the list, or after sending: kept, never dropped."""
    if hand.now.state != REVIEW:
        hand.set(state=REVIEW)
    hand.append(EXTRA, parts, widened=False)
    hand.note("anything_kept")


def take_edit(hand: Hand, edit: Edited) -> None:
    if not edit.text.strip() or len(edit.text) > LONGEST_WORDS:
        hand.note(f"refused_{Refusal.TOO_LONG if edit.text.strip() else Refusal.EMPTY}")
        return
    for answer in hand.now.answers.values():
        if not any(part.ref == edit.ref and part.text for part in answer.parts):
            continue
        parts = tuple(
            part.model_copy(update={"text": edit.text})
            if part.ref == edit.ref and part.text
            else part
            for part in answer.parts
        )
        shared = answer.sharing.hears == "meeting"
        hand.save(answer.model_copy(update={"parts": parts, "sharing": answer.sharing.narrowed()}))
        hand.note("edited_narrowed" if shared else "edited")
        return
    hand.note("edit_unknown")


def tap_answer(hand: Hand, step: Ask, choice: str) -> None:
    kind = step.answer
    several = isinstance(kind, Choices | People)
    said = hand.now.answers.get(step.id)
    if choice in (How.SKIPPED, "skip") and step.exits:
        if said is None or not said.said_something:
            hand.save(hand.answer(step, Answer(step=step.id, how=How.SKIPPED)))
            hand.note("skipped")
        hand.advance(Trigger.LEAVE)
    elif choice in (How.NOT_SURE, How.IN_PERSON) and step.exits:
        parts = said.parts if said is not None else ()
        how = How(choice)
        hand.save(hand.answer(step, Answer(step=step.id, how=how, parts=parts)))
        hand.note("in_person_kept" if how is How.IN_PERSON else "skipped")
        hand.advance(Trigger.LEAVE)
    elif choice == "keep" and said is not None:
        hand.advance(Trigger.LEAVE)
    elif choice == "rehear" and _may_rehear(hand):
        back_to = hand.now.trail[:-1] if hand.now.trail[-1:] == (hand.now.last,) else hand.now.trail
        hand.set(state=f"{hand.now.last}.{Sub.HEARS}", same=None, trail=back_to)
    elif choice == "clear" and isinstance(kind, People):
        hand.save(hand.answer(step, Answer(step=step.id)))
    elif choice == "done" and several:
        if said is None or not said.said_something:
            hand.save(hand.answer(step, Answer(step=step.id, how=How.SKIPPED)))
            hand.advance(Trigger.LEAVE)
        else:
            hand.give(step, said)
    elif choice in _options(hand, step):
        _choose(hand, step, choice, said.parts if said is not None else ())
    else:
        hand.note("stale")


def _choose(hand: Hand, step: Ask, option: str, parts: tuple[Part, ...]) -> None:
    match step.answer:
        case Language():
            _speak(hand, option)
            return
        case Choices():
            said = hand.now.answers.get(step.id) or hand.answer(step, Answer(step=step.id))
            chosen = (
                tuple(one for one in said.chosen if one != option)
                if option in said.chosen
                else (*said.chosen, option)
            )
            merged = hand.merged(said.parts, parts)
            hand.save(
                said.model_copy(update={"how": How.ANSWERED, "chosen": chosen, "parts": merged})
            )
            hand.replaces = True
            return
    if option in step.pause or option in step.help:
        _pause_or_help(hand, step, option)
        return
    if step.id == "messages_ok":
        hand.effects.append(AllowMessages(allowed=option == "yes"))
    hand.give(step, Answer(step=step.id, chosen=(option,), parts=parts))


def _pause_or_help(hand: Hand, step: Ask, option: str) -> None:
    hand.ask_again = False
    if option in step.help:
        hand.messages.append(hand.showing.help_card())
    phrase = "not_safe_now" if option in step.help else "kept_for_later"
    hand.messages.append(hand.showing.notice(hand.showing.plain(phrase), resume=True))
    if option in step.pause:
        hand.set(resting=True)
        hand.effects.append(Pause(reminders=option not in step.help))


def _speak(hand: Hand, language: str) -> None:
    if not hand.wording.speaks(language):
        hand.note("not_here")
        return
    hand.set(language=language)
    if hand.now.language_from:
        hand.set(state=hand.now.language_from, language_from="")
    else:
        hand.advance(Trigger.ANSWER)


def _options(hand: Hand, step: Ask) -> dict[str, str]:
    """Option ids that this question offers, with the labels on its buttons."""
    exits = {"skip", "not_sure", "in_person", "rehear", "back", "keep", "done", "clear"}
    now = hand.now.model_copy(update={"state": step.id})
    message = Showing(hand.machine, now, hand.around, hand.wording).message()
    return {
        choice.id: choice.label
        for row in message.rows
        for choice in row
        if choice.id not in exits
        or (isinstance(step.answer, OneChoice) and choice.id == "not_sure")
    }


def _may_rehear(hand: Hand) -> bool:
    """Whether there is a last answer whose hearers were chosen in advance."""
    last = hand.machine.steps.get(hand.now.last)
    said = hand.now.answers.get(hand.now.last)
    return (
        isinstance(last, Ask)
        and last.sharing in (SharingRule.ASK, SharingRule.EACH)
        and said is not None
        and said.how is How.ANSWERED
    )
