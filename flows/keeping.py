"""What someone can have done with all that they said: wiped, taken along, kept out of the chat.

The buttons for it work wherever the conversation is (`ANYWHERE`), and change nothing in it.
"""

from flows.exchange import Choice, GiveData, KeepOut, Look, Message, Paragraph, Wipe
from flows.hand import Hand
from flows.speech import ANYWHERE

ASKED_TO_WIPE = "wipe"
WIPE_NOTHING = "wipe_nothing"
KEEP_OUT = "keep_out"
KEEP_IN = "keep_in"


def ask_to_wipe(hand: Hand) -> None:
    """Once more, with what goes and what cannot go, before anything does (promise P7)."""
    hand.ask_again = False
    told = ["wipe_stays_alert"]
    if hand.now.channel == "telegram":
        told.append("wipe_stays_telegram")
    told.append("wipe_stays_backups")
    yes = hand.showing.choice("wipe_yes", ASKED_TO_WIPE)
    no = hand.showing.choice("wipe_no", WIPE_NOTHING)
    message = hand.showing.notice(
        *_plain(hand, "wipe_question", "wipe_goes"), *_already_sent(hand), *_plain(hand, *told)
    )
    hand.messages.append(message.model_copy(update={"rows": ((yes,), (no,)), "state": ANYWHERE}))


def wipe(hand: Hand, revision: int) -> None:
    """Only on the question as it stands: after anything else was said, it is asked again."""
    if revision != hand.before.revision:
        ask_to_wipe(hand)
        return
    hand.ask_again = False
    hand.effects.append(Wipe())
    told = ["wiped_telegram"] if hand.now.channel == "telegram" else []
    told += ["wiped_backups", "wiped_link"]
    hand.messages.append(
        hand.showing.notice(*_plain(hand, "wiped"), *_already_sent(hand), *_plain(hand, *told))
    )


def _plain(hand: Hand, *phrases: str) -> list[Paragraph]:
    return [hand.showing.plain(phrase, count=hand.around.backup_days) for phrase in phrases]


def _already_sent(hand: Hand) -> list[Paragraph]:
    if not hand.now.sent:
        return []
    seen = hand.showing.seen("wipe_sent_read", "wipe_sent_unread")
    return [hand.showing.plain("wipe_sent"), seen]


def give_data(hand: Hand) -> None:
    hand.effects.append(GiveData())
    hand.note("mydata")
    hand.note("mydata_telegram" if hand.now.channel == "telegram" else "mydata_web")


# --- answers kept out of the Telegram chat ---


def offer_to_keep_out(hand: Hand) -> None:
    """Once, after it is known whether this phone may be written to."""
    if hand.now.channel != "telegram" or hand.now.offered_out:
        return
    hand.set(offered_out=True)
    hand.note("keep_out_offer")


def hidden(hand: Hand) -> Message:
    """What is left after the chat was cleared: neutral, as someone may look on (promise P9)."""
    if hand.now.channel != "telegram":
        return hand.showing.notice(hand.showing.plain("hidden_web"))
    said = hand.showing.notice(hand.showing.plain("hidden"))
    switch = ("keep_in_button", KEEP_IN) if hand.now.keeps_out else ("keep_out_button", KEEP_OUT)
    button = Choice(id=switch[1], label=hand.showing.say(switch[0]), look=Look.EXIT)
    return said.model_copy(update={"rows": ((button,),), "state": ANYWHERE})


def keep_out(hand: Hand, *, on: bool) -> None:
    if hand.now.channel != "telegram":
        hand.note("stale")
        return
    hand.set(keeps_out=on)
    hand.effects.append(KeepOut(on=on))
    if on:
        hand.note("keep_out_on")
        hand.note("keep_out_limits")
    else:
        hand.note("keep_out_off")
