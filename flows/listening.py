"""Own words that may be about danger (promise P12): a help card, and an alert without the words.

Nothing is blocked or lost by it: the words were kept, or answered, as any others first. Each
message is looked at once; an edit that changes nothing does not call for help a second time.
"""

from flows.answers import Conversation
from flows.exchange import Edited, Paragraph, RaiseAlert, Said, Sent, Style, Words
from flows.hand import Hand
from flows.machine import EXTRA
from flows.safeguarding import assess
from flows.speech import ANYWHERE, Rows

LOOKED_AT = 20_000
"""Characters of one message: all that can be an answer, and the beginning of what is refused."""

ASKED = "asked"
"""The category of an alert that someone asked for."""

HELP_STEP = "~help"
"""The step of such an alert. No flow's step is called so."""

TELL = "tell"
TELL_NOT = "tell_not"

_FIRST = (
    "immediate_danger",
    "suicide",
    "threat_to_others",
    "sexual_abuse",
    "physical_abuse",
    "domestic_abuse",
    "self_harm",
    "honour_based",
    "exploitation_missing",
    "neglect",
)
"""Of several kinds of danger in one message, the first of these is the alert's."""


def listen(hand: Hand, said: Said) -> None:
    """Looks at what was typed, after it was kept."""
    text = _typed(said)[:LOOKED_AT]
    if not text.strip() or (isinstance(said, Edited) and text in _kept(hand.before)):
        return
    heard = assess(text, hand.now.language)
    if not heard.alert:
        return
    kinds = tuple(sorted(heard.categories, key=_urgency))
    step = _where(hand, text)
    hand.effects.append(RaiseAlert(step=step, category=kinds[0], categories=kinds))
    told = [hand.showing.plain("words_heard"), hand.showing.plain("words_told")]
    card = hand.showing.help_card()
    paragraphs = (*told, *hand.showing.when_read(), *card.paragraphs)
    hand.messages.append(card.model_copy(update={"paragraphs": paragraphs}))


def help_and_ask(hand: Hand) -> None:
    """The help card, and whether somebody is to be told. It uses up no question."""
    card = hand.showing.help_card()
    question = Paragraph(text=hand.showing.say("tell_question"), style=Style.STRONG)
    rows: Rows = (
        (hand.showing.choice("tell_yes", TELL),),
        (hand.showing.exit("tell_no").model_copy(update={"id": TELL_NOT}),),
    )
    changes = {"paragraphs": (*card.paragraphs, question), "rows": rows, "state": ANYWHERE}
    hand.messages.append(card.model_copy(update=changes))


def tell(hand: Hand) -> None:
    """They asked that somebody be told. Nothing of theirs is told but that they asked.

    A message of its own: the web's help page shows it without the question that is open.
    """
    hand.effects.append(RaiseAlert(step=HELP_STEP, category=ASKED))
    told = (hand.showing.plain("told_asked"), *hand.showing.when_read())
    hand.messages.append(hand.showing.notice(*told))


def _typed(said: Said) -> str:
    match said:
        case Words(text=text) | Edited(text=text):
            return text
        case Sent(caption=caption):
            return caption
    return ""


def _kept(conversation: Conversation) -> set[str]:
    """All that they had written before, letter for letter."""
    return {
        text
        for answer in conversation.answers.values()
        for text in (*(part.text for part in answer.parts), *answer.sharing.not_to)
    }


def _where(hand: Hand, text: str) -> str:
    """The answer that holds the words now, or else the question that was open."""
    for answer in hand.now.answers.values():
        if any(part.text == text for part in answer.parts) or text in answer.sharing.not_to:
            return answer.step
    state = hand.before.state.split(".")[0]
    return state if state in hand.machine.steps else EXTRA


def _urgency(category: str) -> int:
    return _FIRST.index(category) if category in _FIRST else len(_FIRST)
