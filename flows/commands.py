"""Commands, and Back: they work wherever the conversation is and never use up a question."""

from flows.about_meeting import about_meeting
from flows.exchange import CommandName, Hide, Pause
from flows.hand import Hand
from flows.keeping import ask_to_wipe, give_data, hidden
from flows.listening import help_and_ask
from flows.machine import ITEM, PREVIEW, REVIEW, SENT, Sub
from flows.schema import Ask, Language
from flows.speech import ANYWHERE
from flows.telling import privacy


def command(hand: Hand, name: CommandName) -> None:
    resting = hand.now.resting
    if name in (CommandName.LATER, CommandName.STOP):
        rest(hand, name)
        return
    if name is CommandName.WIPE:
        ask_to_wipe(hand)
        return
    hand.set(resting=False)
    match name:
        case CommandName.HELP:
            help_and_ask(hand)
        case CommandName.MEETING:
            _about_meeting(hand)
        case CommandName.PRIVACY:
            privacy(hand)
        case CommandName.START:
            if resting:
                hand.note("welcome_back")
        case CommandName.CHANGE | CommandName.REVIEW | CommandName.MYDATA:
            if name is CommandName.MYDATA:
                give_data(hand)
            _open_review(hand)
        case CommandName.LANGUAGE:
            _choose_language(hand)
        case CommandName.BACK:
            back(hand)
        case CommandName.HIDE:
            hand.ask_again = False
            hand.effects.append(Hide())
            hand.messages.append(hidden(hand))


def _about_meeting(hand: Hand) -> None:
    """On the web the question follows at once: what was half written in its box stays there."""
    card = about_meeting(hand.showing)
    hand.ask_again = hand.now.channel == "web"
    if not hand.ask_again:
        on = (hand.showing.choice("resume", "resume"),)
        card = card.model_copy(update={"rows": (on,), "state": ANYWHERE})
        hand.notes.clear()
    hand.messages.append(card)


def rest(hand: Hand, name: CommandName) -> None:
    hand.ask_again = False
    hand.set(resting=True)
    stop = name is CommandName.STOP
    hand.effects.append(Pause(reminders=not stop))
    if stop:
        phrases = ["stopped_sent" if hand.now.sent else "stopped"]
    else:
        phrases = ["kept_for_later", "kept_for_later_date"]
    if not hand.now.sent:
        phrases.append("kept_for_days")
    told = [hand.showing.plain(phrase, count=hand.around.draft_days) for phrase in phrases]
    hand.messages.append(hand.showing.notice(*told, resume=True))
    hand.notes.clear()


def _open_review(hand: Hand) -> None:
    state = hand.now.language_from or hand.now.state
    if not hand.machine.explained_first <= set(hand.now.seen):
        hand.note("explained_first")
    elif state in (REVIEW, ITEM, PREVIEW, SENT):
        hand.set(state=REVIEW, language_from="")
    elif hand.now.returning:
        hand.set(state=REVIEW, returning=False, language_from="")
    else:
        hand.set(state=REVIEW, paused_at=state, language_from="")


def _choose_language(hand: Hand) -> None:
    first = next(
        (
            s.id
            for s in hand.machine.flow.steps
            if isinstance(s, Ask) and isinstance(s.answer, Language)
        ),
        "",
    )
    if first and hand.now.state != first:
        hand.set(language_from=hand.now.state, state=first)


def carry_on(hand: Hand) -> None:
    """From the list to where the questions were."""
    step, _, sub = hand.now.paused_at.partition(".")
    # Who hears an answer cannot be asked once the answer was taken out.
    whole = not sub or step in hand.now.answers
    hand.set(state=hand.now.paused_at if whole else step, paused_at="")


def back(hand: Hand) -> None:
    state = hand.now.state
    if hand.now.language_from:
        hand.set(state=hand.now.language_from, language_from="")
    elif state in (ITEM, PREVIEW, SENT):
        hand.set(state=REVIEW)
    elif state == REVIEW and hand.now.paused_at:
        carry_on(hand)
    elif "." in state:
        step, sub = state.split(".", 1)
        before = {Sub.SAYS: f"{step}.{Sub.HEARS}", Sub.NOT_TO: f"{step}.{Sub.HEARS}"}
        if hand.now.returning and sub in (Sub.HEARS, Sub.SAME):
            hand.set(state=REVIEW, returning=False)
        else:
            hand.set(state=before.get(Sub(sub), step))
    elif hand.now.returning:
        hand.set(state=REVIEW, returning=False)
    elif hand.now.trail:
        hand.set(state=hand.now.trail[-1], trail=hand.now.trail[:-1])
