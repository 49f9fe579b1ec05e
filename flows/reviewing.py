"""Taps about who hears an answer, in the list of answers, and on Send."""

from flows.answers import Answer, How, Sharing, Speaker
from flows.commands import carry_on, rest
from flows.exchange import CommandName, SendSummary, TakeBack, Tap
from flows.hand import Hand
from flows.machine import ITEM, PREVIEW, REVIEW, SENT, Sub, Trigger
from flows.review import coordinators_copy
from flows.schema import Ask, SharingRule


def tap_about_sharing(hand: Hand, step_id: str, sub: str, choice: str) -> None:
    answer = hand.now.answers[step_id]
    sharing = answer.sharing
    if sub == Sub.HEARS and choice == "coordinator":
        hand.save(answer.model_copy(update={"sharing": _settled(sharing.narrowed())}))
        hand.advance(Trigger.COORDINATOR)
    elif sub == Sub.HEARS and choice == "meeting":
        hand.advance(Trigger.MEETING)
    elif sub == Sub.HEARS and choice == "not_to":
        hand.advance(Trigger.NOT_TO)
    elif sub == Sub.SAYS and choice in set(Speaker):
        wider = sharing.model_copy(update={"hears": "meeting", "says": Speaker(choice)})
        hand.save(answer.model_copy(update={"sharing": _settled(wider)}))
        hand.advance(Trigger.SAYS)
    elif sub == Sub.NOT_TO and choice == "done":
        hand.advance(Trigger.NAMED)
    elif sub == Sub.SAME and choice in ("same", "each"):
        hand.set(same=sharing if choice == "same" else None)
        hand.advance(Trigger.SETTLED)
    else:
        hand.note("stale")


def tap_in_review(hand: Hand, tap: Tap) -> None:
    state, choice = hand.now.state, tap.choice
    if choice == "later":
        rest(hand, CommandName.LATER)
    elif state == REVIEW and choice == "carry_on" and hand.now.paused_at:
        carry_on(hand)
    elif state == REVIEW and choice in ("look", "add"):
        hand.set(returning=choice == "add")
        hand.advance(Trigger.LOOK if choice == "look" else Trigger.ADD)
    elif state == REVIEW and choice in {step.id for step in hand.showing.listed()}:
        hand.set(state=ITEM, item=choice)
    elif state == ITEM and tap.revision == hand.before.revision:
        # Else it is the button of an answer that was open before, and this is another.
        _tap_item(hand, choice)
    elif state == PREVIEW and choice == "send":
        _send(hand, tap.revision)
    elif state in (PREVIEW, SENT) and choice == "change":
        hand.advance(Trigger.CHANGE)
    else:
        hand.note("stale")


def _tap_item(hand: Hand, choice: str) -> None:
    step = hand.machine.steps.get(hand.now.item)
    said = hand.now.answers.get(hand.now.item)
    if not isinstance(step, Ask):
        hand.note("stale")
    elif choice == "change":
        hand.set(state=step.id, returning=True)
    elif choice == "hears" and said is not None and _may_be_heard(step, said):
        hand.set(state=f"{step.id}.{Sub.HEARS}", returning=True)
    elif choice == "out" and said is not None:
        rest = {key: kept for key, kept in hand.now.answers.items() if key != step.id}
        hand.set(answers=rest, state=REVIEW)
        if hand.now.sent:
            hand.effects.append(TakeBack(step=step.id))
            hand.note("taken_back")
            hand.notes.append(hand.showing.seen("taken_back_read", "taken_back_unread"))
        else:
            hand.note("taken_out")
    else:
        hand.note("stale")


def _send(hand: Hand, revision: int) -> None:
    """Only what was on the screen when Send was tapped may go (promise P3)."""
    if hand.around.over or hand.around.cancelled:
        hand.note("meeting_over" if hand.around.over else "meeting_cancelled")
    elif not hand.now.previewed or not hand.now.previewed <= revision <= hand.before.revision:
        hand.note("look_again")
    elif not coordinators_copy(hand.machine, hand.now).items:
        hand.note("preview_empty")
    else:
        hand.effects.append(SendSummary())
        hand.advance(Trigger.SEND)
        hand.set(sent=hand.now.sent + 1, changed_since_sent=False)


def _may_be_heard(step: Ask, said: Answer) -> bool:
    return step.sharing is not SharingRule.LOCKED and said.how is How.ANSWERED


def _settled(sharing: Sharing) -> Sharing:
    return sharing.model_copy(update={"chosen": True})
