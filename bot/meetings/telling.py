"""Tells those who prepare, in Telegram, that their meeting has another time or is called off.

The message stands on a phone that somebody else may see, and we said that none would say what it is
about: so it names no meeting. The chat itself says more when they are back, in either channel
(`flows.conversation`), to those also whom we may not message.
"""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from bot.delivery import outbox
from bot.delivery.letters import ChatLetter
from bot.store.models import Conversation, Meeting, Participant
from bot.store.sealing import KeyGone, KeyRing
from flows.exchange import Choice, Message, Paragraph
from flows.library import audience_for
from flows.speech import ANYWHERE
from flows.wording import Wording


@dataclass(frozen=True)
class Told:
    """Who hears of a change, by the references of the meeting's file."""

    now: tuple[str, ...] = ()
    """In Telegram, where they have said that we may message them."""
    when_back: tuple[str, ...] = ()
    """They have started, and the chat says it when they are back."""
    by_you: tuple[str, ...] = ()
    """They have not started. Only a person can tell them."""


def tell(
    session: Session, ring: KeyRing, wording: Wording, meeting: Meeting, phrase: str, now: datetime
) -> Told:
    """Queues the news for everybody whom it may reach, in the caller's transaction.

    Args:
        phrase: which news. It is given {when}, the meeting's start as it stands now.
    """
    groups: dict[str, list[str]] = {"now": [], "when_back": [], "by_you": []}
    for person, begun, chosen in session.execute(
        select(Participant, Conversation.id, Conversation.language)
        .outerjoin(Conversation, Conversation.participant_id == Participant.id)
        .where(Participant.meeting_id == meeting.id)
        .order_by(Participant.reference)
    ).all():
        may_message = person.telegram_chat is not None and person.may_message is True
        if begun is None:
            groups["by_you"].append(person.reference)
        elif may_message and tell_one(
            session, ring, wording, meeting, person, chosen, phrase, "news", now
        ):
            groups["now"].append(person.reference)
        else:
            groups["when_back"].append(person.reference)
    return Told(**{group: tuple(references) for group, references in groups.items()})


def tell_one(
    session: Session,
    ring: KeyRing,
    wording: Wording,
    meeting: Meeting,
    person: Participant,
    chosen: str | None,
    phrase: str,
    kind: str,
    now: datetime,
) -> bool:
    """Queues it for somebody who has a chat in Telegram and said that we may write to them there.
    False where they were erased.

    Args:
        chosen: the language of their chat, where it is known.
        kind: of the delivery; what is `news` goes when the meeting changes again.
    """
    try:
        seal = ring.of(person.id)
    except KeyGone:
        return False
    audience = audience_for(person.role, person.age_band)
    language = wording.spoken(chosen, person.language)
    when = wording.when(meeting.starts_at, meeting.timezone, audience, language)
    message = Message(
        paragraphs=(Paragraph(text=wording.say(phrase, audience, language, when=when)),),
        rows=((Choice(id="resume", label=wording.say("resume", audience, language)),),),
        state=ANYWHERE,
        language=language,
    )
    outbox.queue(
        session,
        seal,
        ChatLetter(message=message),
        kind=kind,
        channel="telegram",
        recipient=f"telegram:{person.telegram_chat}",
        now=now,
        participant_id=person.id,
        meeting_id=meeting.id,
    )
    return True
