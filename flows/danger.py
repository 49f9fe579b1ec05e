"""What is said to somebody who may be in danger, and the alert that goes with it (promise P12).

Words of danger never block an answer and never change it: they are kept like any others.
"""

from flows.exchange import Choice, Look, Message, RaiseAlert
from flows.hand import Hand
from flows.safeguarding import assess
from flows.speech import ANYWHERE

TELL = "tell"
"""The button of "Shall I tell the coordinator?"."""


def listen(hand: Hand, text: str, about: str = "") -> None:
    """Hears whether words that someone wrote speak of danger, and if so says what help there is.

    Args:
        about: the question that the words answer, where it is not the one that is open.
    """
    heard = assess(text, hand.now.language)
    if not heard.alert:
        return
    step = about or hand.now.state.split(".")[0]
    hand.effects.append(RaiseAlert(step=step, category=heard.categories[0], source="words"))
    card = hand.showing.help_card()
    told = (
        hand.showing.plain("danger_heard"),
        *card.paragraphs,
        hand.showing.plain("danger_told"),
        *hand.showing.when_read(),
    )
    hand.messages.insert(0, card.model_copy(update={"paragraphs": told}))


def help_card(hand: Hand) -> Message:
    """Whom to call, and a button that tells the coordinator."""
    card = hand.showing.help_card()
    offer = hand.showing.plain("tell_offer")
    button = Choice(id=TELL, label=hand.showing.say("tell_button"), look=Look.ANSWER)
    return card.model_copy(
        update={
            "paragraphs": (*card.paragraphs, offer),
            "rows": ((button,),),
            "state": ANYWHERE,
        }
    )


def tell(hand: Hand) -> None:
    """They asked for help, and for the coordinator to be told."""
    step = hand.now.state.split(".")[0]
    hand.effects.append(RaiseAlert(step=step, category="asked", source="asked"))
    hand.messages.append(
        hand.showing.notice(hand.showing.plain("tell_told"), *hand.showing.when_read())
    )
