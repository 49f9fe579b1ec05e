"""Answers: words, recordings, pictures and taps, given to the question that is open."""

from flows.answers import Answer, How, Part
from flows.danger import help_card, listen
from flows.exchange import AllowMessages, Edited, Paragraph, Pause, Refusal, Style
from flows.hand import Hand, to_be_asked
from flows.keeping import offer_to_keep_out
from flows.machine import EXTRA, REVIEW, Sub, Trigger
from flows.recognise import Recognised, option_in_words
from flows.schema import Ask, Choices, Faces, Language, People, Say, Scale, YesNo
from flows.schema import Choice as OneChoice

LONGEST_WORDS = 20_000
"""Characters in one message. A letter of ten pages fits."""


def take_parts(hand: Hand, parts: list[Part], at_once: bool, about: str) -> None:
    """Words, a recording or a picture: an answer, or more of one."""
    state = hand.now.state
    step = hand.machine.steps.get(state)
    asked = hand.machine.steps.get(about)
    if isinstance(asked, Ask) and about != state and _was_asked(hand, about):
        _add_to_earlier(hand, asked, parts)
    elif at_once and hand.now.last and _moved_on(hand, state):
        _add_in_the_same_breath(hand, parts)
    elif isinstance(step, Say):
        hand.note("not_started")
    elif isinstance(step, Ask):
        _answer_in_parts(hand, step, parts)
    elif state.endswith(f".{Sub.NOT_TO}"):
        _must_not_reach(hand, state.split(".")[0], parts)
    elif "." in state:
        hand.note("added_to")
        hand.append(state.split(".")[0], parts, widened=False)
    else:
        _add_something(hand, parts)


def _was_asked(hand: Hand, step: str) -> bool:
    return step in hand.now.answers or step in hand.now.trail


def _add_to_earlier(hand: Hand, asked: Ask, parts: list[Part]) -> None:
    if not asked.heading:
        # About this chat itself: nothing that could be added to.
        hand.note("rested_words")
        return
    hand.note("added_to_earlier")
    hand.notes.append(Paragraph(text=hand.showing.text(asked.ask), style=Style.SMALL))
    hand.append(asked.id, parts, widened=False)
    _choose_as_well(hand, asked, parts)


def _moved_on(hand: Hand, state: str) -> bool:
    return hand.now.last in hand.now.answers and state.split(".")[0] != hand.now.last


def _add_in_the_same_breath(hand: Hand, parts: list[Part]) -> None:
    last = hand.machine.steps[hand.now.last]
    if isinstance(last, Ask) and last.heading:
        hand.note("added_to")
        hand.append(last.id, parts, widened=True)
    else:
        hand.note("rested_words")
    hand.ask_again = False


def _answer_in_parts(hand: Hand, step: Ask, parts: list[Part]) -> None:
    if isinstance(step.answer, OneChoice | YesNo | Scale | Faces | Language):
        _answer_choice_in_words(hand, step, parts)
    elif isinstance(step.answer, Choices | People):
        hand.note("thanks")
        hand.append(step.id, parts, widened=False)
    else:
        before = hand.now.answers.get(step.id)
        if step.id == EXTRA and before is not None:
            parts = [*before.parts, *parts]
        hand.give(step, Answer(step=step.id, parts=tuple(parts)))


def _answer_choice_in_words(hand: Hand, step: Ask, parts: list[Part]) -> None:
    option = _option_in(hand, step, parts)
    if option is not None:
        rest = [part for part in parts if not (option.whole and part.kind == "words")]
        said = hand.now.answers.get(step.id)
        kept = said.parts if said is not None else ()
        # A note that was waiting for its choice stays; words beside an earlier choice do not.
        waiting = said is not None and not said.chosen
        _choose(
            hand, step, option.id, hand.merged(kept if waiting or not rest else (), tuple(rest))
        )
    elif step.exits:
        hand.note("note_kept")
        hand.append(step.id, parts, widened=False)
    else:
        hand.note("not_here")


def _option_in(hand: Hand, step: Ask, parts: list[Part]) -> Recognised | None:
    text = next((part.text for part in parts if part.kind == "words"), "")
    return option_in_words(step, text, hand.showing.options(step), hand.now.language)


def _choose_as_well(hand: Hand, step: Ask, parts: list[Part]) -> None:
    """Words that were added, or changed, may name another option than was chosen before."""
    if isinstance(step.answer, OneChoice | YesNo | Scale | Faces):
        option = _option_in(hand, step, parts)
        if option is not None:
            said = hand.now.answers[step.id]
            hand.save(said.model_copy(update={"how": How.ANSWERED, "chosen": (option.id,)}))


def _must_not_reach(hand: Hand, step: str, parts: list[Part]) -> None:
    names = tuple(part.text for part in parts if part.text)
    if any(part.attachment for part in parts):
        hand.note("refused_unknown")
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
    hand.note("anything_kept")
    hand.append(EXTRA, parts, widened=False)


def take_edit(hand: Hand, edit: Edited) -> None:
    if not edit.text.strip() or len(edit.text) > LONGEST_WORDS:
        hand.note(f"refused_{Refusal.TOO_LONG if edit.text.strip() else Refusal.EMPTY}")
        return
    for answer in hand.now.answers.values():
        if not any(part.ref == edit.ref and part.text for part in answer.parts if edit.ref):
            continue
        parts = tuple(
            part.model_copy(update={"text": edit.text})
            if part.ref == edit.ref and part.text
            else part
            for part in answer.parts
        )
        if parts == answer.parts:
            hand.note("edited")
            return
        listen(hand, edit.text, answer.step)
        _changed(hand, answer.model_copy(update={"parts": parts}))
        step = hand.machine.steps[answer.step]
        assert isinstance(step, Ask)  # noqa: S101 - only questions have answers
        _choose_as_well(hand, step, [Part(text=edit.text)])
        return
    hand.note("edit_unknown")


def _changed(hand: Hand, answer: Answer) -> None:
    asking = hand.now.state.startswith(f"{answer.step}.")
    if answer.sharing.hears == "meeting" and not asking:
        hand.note("edited_narrowed")
        hand.save(answer.model_copy(update={"sharing": to_be_asked(answer.sharing)}))
    else:
        hand.note("edited")
        hand.change(answer)


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
        left = Answer(step=step.id, how=How(choice))
        if said is not None:
            kept = {"parts": said.parts, "sharing": to_be_asked(said.sharing)}
            left = left.model_copy(update=kept)
        hand.save(hand.answer(step, left))
        hand.note("in_person_kept" if left.how is How.IN_PERSON else "skipped")
        hand.advance(Trigger.LEAVE)
    elif choice == "keep" and said is not None:
        hand.advance(Trigger.LEAVE)
    elif choice == "rehear" and hand.showing.can_rehear:
        state = f"{hand.now.last}.{Sub.HEARS}"
        hand.set(state=state, same=None, trail=hand.now.trail[:-1])
    elif choice == "clear" and isinstance(kind, People):
        hand.set(answers={k: kept for k, kept in hand.now.answers.items() if k != step.id})
    elif choice == "done" and several:
        if said is None or not said.said_something:
            hand.save(hand.answer(step, Answer(step=step.id, how=How.SKIPPED)))
            hand.advance(Trigger.LEAVE)
        else:
            hand.give(step, said.model_copy(update={"how": How.ANSWERED}))
    elif choice in hand.showing.options(step):
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
            how = How.ANSWERED if chosen or merged else How.SKIPPED
            hand.change(said.model_copy(update={"how": how, "chosen": chosen, "parts": merged}))
            hand.replaces = True
            return
    if option in step.pause or option in step.help:
        _pause_or_help(hand, step, option)
        return
    if step.id == "messages_ok":
        hand.effects.append(AllowMessages(allowed=option == "yes"))
        offer_to_keep_out(hand)
    hand.give(step, Answer(step=step.id, chosen=(option,), parts=parts))


def _pause_or_help(hand: Hand, step: Ask, option: str) -> None:
    hand.ask_again = False
    hand.notes.clear()
    if option in step.help:
        hand.messages.append(help_card(hand))
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
