"""One turn of a conversation: what was said in, what is said back out. Total: anything said in any
state gets a friendly answer, and nothing that was said before is lost by it."""

from datetime import datetime

from flows.answering import LONGEST_WORDS, take_edit, take_parts, tap_answer
from flows.answers import Circumstances, Conversation, Part
from flows.commands import back, command
from flows.exchange import (
    Command,
    CommandName,
    Edited,
    Message,
    Refusal,
    Said,
    Sent,
    Tap,
    Unusable,
    Words,
)
from flows.hand import Hand, Reply
from flows.keeping import ASKED_TO_WIPE, KEEP_IN, KEEP_OUT, WIPE_NOTHING, keep_out, wipe
from flows.listening import TELL, TELL_NOT, listen, tell
from flows.machine import ITEM, PREVIEW, REVIEW, SENT, FlowMachine, Trigger
from flows.recognise import MARKS, label_in_words
from flows.reviewing import tap_about_sharing, tap_in_review
from flows.schema import Ask, Audience, People
from flows.showing import Showing
from flows.speech import ANYWHERE
from flows.telling import TOPICS, privacy_topic
from flows.wording import Wording

LONGEST_LABEL = 100
"""Characters. What is longer is not a button's label, typed."""


def begin(machine: FlowMachine, around: Circumstances, wording: Wording, language: str) -> Reply:
    """A new conversation, and the first thing that it says."""
    conversation = Conversation(
        flow=machine.flow.id,
        version=machine.flow.version,
        channel=around.channel,
        language=language if wording.speaks(language) else "en",
        state=machine.first,
        told_start=around.starts_at,
        told_cancelled=around.cancelled,
        told_place=around.place,
    )
    return Reply(conversation, (Showing(machine, conversation, around, wording).message(),), ())


def take_turn(
    machine: FlowMachine,
    conversation: Conversation,
    said: Said,
    around: Circumstances,
    wording: Wording,
) -> Reply:
    """Take one thing said.

    Args:
        machine: the flow version that the conversation is pinned to.
        conversation: as the last turn left it.
        said: anything at all; nothing here raises because of it.
        around: the meeting, as it is now.
        wording: the words.
    """
    hand = Hand(machine, conversation, around, wording)
    _tell_what_changed(hand)
    if hand.now != hand.before:  # what is asked from here on belongs to what will be kept
        hand.set(revision=hand.before.revision + 1)
    _take(hand, said)
    if not hand.understood:
        listen(hand, said)
    return hand.reply()


def what_changed(
    machine: FlowMachine, conversation: Conversation, around: Circumstances, wording: Wording
) -> Reply | None:
    """That the meeting moved or was called off, or that what they sent was read, for someone who is
    back and has said nothing yet; None where they know all. What is being asked stays as it is."""
    hand = Hand(machine, conversation, around, wording)
    _tell_what_changed(hand)
    return Reply(hand.now, tuple(hand.messages), ()) if hand.messages else None


def _tell_what_changed(hand: Hand) -> None:
    """Before all else, and once: nobody is to find out at an empty room (promise P22)."""
    now, around = hand.now, hand.around
    news = ""
    if around.cancelled and not now.told_cancelled:
        news = "meeting_cancelled"
    elif not (around.cancelled or around.over) and now.told_start not in (None, around.starts_at):
        news = "meeting_moved"
    if news:
        hand.messages.append(hand.showing.notice(hand.showing.plain(news)))
    elsewhere = now.told_place not in (None, around.place) and around.place
    if elsewhere and not (around.cancelled or around.over):
        hand.messages.append(hand.showing.notice(hand.showing.plain("meeting_elsewhere")))
    if around.read_at is not None and around.read_at != now.told_read:
        read = hand.showing.plain(
            "read_by", when=_when_read(hand, around.read_at), coordinator=around.read_by
        )
        hand.messages.append(hand.showing.notice(read))
    hand.set(
        told_start=around.starts_at,
        told_cancelled=around.cancelled,
        told_place=around.place,
        told_read=around.read_at,
    )


def _when_read(hand: Hand, at: datetime) -> str:
    """By the meeting's own clock."""
    audience, language = hand.machine.flow.audience, hand.now.language
    return hand.wording.when(at, hand.around.timezone, audience, language)


def _take(hand: Hand, said: Said) -> None:
    if isinstance(said, Tap) and (said.state, said.choice) == (ANYWHERE, ASKED_TO_WIPE):
        wipe(hand, said.revision)
        return
    if hand.now.resting and not isinstance(said, Command) and not _is_command(hand, said):
        hand.set(resting=False)
        hand.note("welcome_back")
        if isinstance(said, Words) and not said.about and _being_asked(hand):
            hand.note("rested_words")
            return
    match said:
        case Tap():
            _tap(hand, said)
        case Words():
            _words(hand, said)
        case Sent():
            part = Part(
                kind=said.kind, attachment=said.attachment, seconds=said.seconds, ref=said.ref
            )
            caption = [Part(text=said.caption, ref=said.ref)] if said.caption.strip() else []
            take_parts(hand, [part, *caption], said.at_once, said.about)
        case Edited():
            take_edit(hand, said)
        case Command():
            command(hand, said.name)
        case Unusable():
            hand.note(f"refused_{said.why}")


def _words(hand: Hand, words: Words) -> None:
    if not words.text.strip():
        hand.note(f"refused_{Refusal.EMPTY}")
        return
    if len(words.text) > LONGEST_WORDS:
        hand.note(f"refused_{Refusal.TOO_LONG}")
        return
    if name := _command_in_words(hand, words.text):
        hand.understood = True
        command(hand, name)
        return
    if _typed_alone(hand, words.text, "person"):
        hand.note("person_or_program")
        return
    if words.forwarded:
        hand.note("forwarded")
    elif button := _button_in_words(hand, words):
        hand.understood = True
        _tap_in_words(hand, button)
        return
    take_parts(hand, [Part(text=words.text, ref=words.ref)], words.at_once, words.about)


def _is_command(hand: Hand, said: Said) -> bool:
    return isinstance(said, Words) and _command_in_words(hand, said.text) is not None


def _command_in_words(hand: Hand, text: str) -> CommandName | None:
    for name in (CommandName.HELP, CommandName.STOP, CommandName.WIPE):
        if _typed_alone(hand, text, name):
            return name
    return None


def _button_in_words(hand: Hand, words: Words) -> str:
    """The button whose label is all that was typed. None where it was typed before we asked."""
    state = hand.now.state
    if words.at_once or words.about not in ("", state) or len(words.text) > LONGEST_LABEL:
        return ""
    button = label_in_words(words.text, hand.showing.buttons)
    step, said = hand.machine.steps.get(state), hand.now.answers.get(state)
    if said is not None and button in said.chosen:
        return ""  # to type a choice a second time is not to take its tick away
    if not button and said is None and isinstance(step, Ask) and isinstance(step.answer, People):
        # "Is there someone ...?" "No" names nobody, and must not raise an alert.
        no = {"nobody": hand.showing.say("answer_no")} if step.answer.nobody else {}
        return label_in_words(words.text, no)
    return button


def _tap_in_words(hand: Hand, button: str) -> None:
    if hand.now.state == PREVIEW and button == "send":
        hand.note("not_here")  # sent by a tap alone (promise P3)
    else:
        _tap(hand, Tap(state=hand.now.state, choice=button, revision=hand.now.revision))


def _typed_alone(hand: Hand, text: str, what: str) -> bool:
    audience = hand.machine.flow.audience
    return is_typed(text, what, hand.wording, audience, hand.now.language)


def is_typed(text: str, what: str, wording: Wording, audience: Audience, language: str) -> bool:
    """Whether nothing but such a word was typed: "help", in their language or in English."""
    alone = " ".join(text.strip(MARKS).casefold().split())
    known = (wording.say(f"typed_{what}", audience, one) for one in {language, "en"})
    return any(alone == word.strip().casefold() for words in known for word in words.split(","))


def _tap(hand: Hand, tap: Tap) -> None:
    state = hand.now.state
    if tap.state == ANYWHERE:
        if tap.choice == "help":
            command(hand, CommandName.HELP)
        elif tap.choice in TOPICS:
            privacy_topic(hand, tap.choice)
        elif tap.choice == TELL:
            tell(hand)
        elif tap.choice in (KEEP_OUT, KEEP_IN):
            keep_out(hand, on=tap.choice == KEEP_OUT)
        elif tap.choice not in ("resume", WIPE_NOTHING, TELL_NOT):
            hand.note("stale")
    elif tap.state != state:
        twice = tap.state == PREVIEW and tap.choice == "send" and state == SENT
        hand.note("sent_already" if twice else "stale")
    elif tap.choice == "back":
        back(hand)
    elif state in (REVIEW, ITEM, PREVIEW, SENT):
        tap_in_review(hand, tap)
    elif "." in state:
        step_id, sub = state.split(".", 1)
        tap_about_sharing(hand, step_id, sub, tap.choice)
    else:
        step = hand.machine.steps[state]
        if isinstance(step, Ask):
            tap_answer(hand, step, tap.choice)
        elif tap.choice == "go_on":
            hand.set(seen=(*(one for one in hand.now.seen if one != step.id), step.id))
            hand.advance(Trigger.GO_ON)
        else:
            hand.note("stale")


def _being_asked(hand: Hand) -> bool:
    return hand.now.state not in (REVIEW, ITEM, PREVIEW, SENT)


def where_we_are(
    machine: FlowMachine, conversation: Conversation, around: Circumstances, wording: Wording
) -> Message:
    """The message of the state that a conversation is in, for a channel that has not shown it."""
    return Showing(machine, conversation, around, wording).message()
