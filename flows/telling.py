"""What a person is told about privacy (promises P1 and P32), idea by idea: one card for each topic
in the chat, and all of them on one page of the web."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal

from flows.exchange import Choice, Look, Paragraph, Style
from flows.hand import Hand
from flows.schema import Audience
from flows.speech import ANYWHERE
from flows.wording import Wording, isolated

Place = Literal["telegram", "web", "terminal", "page"]

TOPICS = {
    "privacy_who": (
        "privacy_program",
        "privacy_coordinator",
        "privacy_service",
        "privacy_law",
        "privacy_no_adverts",
    ),
    "privacy_reads": (
        "privacy_locked",
        "privacy_started",
        "privacy_then",
        "privacy_choose",
        "privacy_family",
        "privacy_no_ai",
    ),
    "privacy_cannot": ("privacy_limits", "privacy_danger_words", "privacy_at_once"),
    "privacy_kept": (
        "privacy_drafts",
        "privacy_after_meeting",
        "privacy_sent",
        "privacy_record",
        "privacy_backups",
        "privacy_trail",
        "privacy_keeps_telegram",
    ),
    "privacy_not_safe": (
        "privacy_phone",
        "privacy_screen",
        "privacy_remember",
        "privacy_duty",
        "privacy_reads_telegram",
        "privacy_leave_web",
    ),
    "privacy_can": (
        "privacy_see",
        "privacy_copy",
        "privacy_wipe",
        "privacy_how_telegram",
        "privacy_hide_telegram",
        "privacy_how_web",
        "privacy_ask",
        "privacy_complain",
        "privacy_ico",
    ),
}
"""Each topic's phrase, which is its heading and its button, and the phrases that it says."""

LIMITS = ("privacy_limits", "privacy_phone")
"""Said before anything is tapped, beside `privacy_telegram`."""


@dataclass(frozen=True)
class KeptDays:
    """For how long what is kept, in days: the service's settings."""

    drafts: int = 30
    after_meeting: int = 14
    """Drafts, sent or not."""
    sent: int = 90
    """What was sent, after the meeting."""
    backups: int = 30


def told(
    topic: str, place: Place, wording: Wording, audience: Audience, language: str, days: KeptDays
) -> Iterator[str]:
    """The sentences of a topic, in order. What is only so in another place is left out; a page
    is read from everywhere."""
    counts = {
        "privacy_drafts": days.drafts,
        "privacy_after_meeting": days.after_meeting,
        "privacy_sent": days.sent,
        "privacy_backups": days.backups,
    }
    for phrase in TOPICS[topic]:
        only = phrase.rpartition("_")[2]
        if only in ("telegram", "web") and place not in (only, "page"):
            continue
        yield wording.say(phrase, audience, language, count=counts.get(phrase, 0))


def privacy(hand: Hand) -> None:
    """The most important, with a button for each topic. It uses up no question."""
    telegram = hand.now.channel == "telegram"
    phrases = ["privacy", *LIMITS, *(["privacy_telegram"] if telegram else [])]
    said = [hand.showing.plain(phrase) for phrase in phrases]
    if hand.around.privacy_page and telegram:  # the web has a link for each topic
        said += [
            hand.showing.small("privacy_page"),
            Paragraph(text=isolated(hand.around.privacy_page, hand.now.language)),
        ]
    _card(hand, said)


def privacy_topic(hand: Hand, topic: str) -> None:
    """One topic, in the place of the card whose button was tapped."""
    around = hand.around
    days = KeptDays(
        drafts=around.draft_days,
        after_meeting=around.after_meeting_days,
        sent=around.sent_days,
        backups=around.backup_days,
    )
    place, audience = hand.now.channel, hand.machine.flow.audience
    sentences = told(topic, place, hand.wording, audience, hand.now.language, days)
    heading = Paragraph(text=hand.showing.say(topic), style=Style.STRONG)
    _card(hand, [heading, *(Paragraph(text=one) for one in sentences)], topic)


def _card(hand: Hand, said: list[Paragraph], topic: str = "") -> None:
    """On the web the question follows at once: what was half written in its box stays there.
    Elsewhere a button leads back to it, so that the card is the last thing to be read."""
    topics = tuple(
        (Choice(id=one, label=hand.showing.say(one), look=Look.EXIT),)
        for one in TOPICS
        if one != topic
    )
    on = (Choice(id="resume", label=hand.showing.say("resume")),)
    hand.ask_again = hand.now.channel == "web"
    if not hand.ask_again:
        hand.notes.clear()
    rows = topics if hand.ask_again else (on, *topics)
    changes = {"rows": rows, "state": ANYWHERE, "replaces": bool(topic)}
    hand.messages.append(hand.showing.notice(*said).model_copy(update=changes))
