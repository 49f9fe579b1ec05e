"""A letter with a private link, to be printed and given: a page for each person, in their own
language. It says nothing of what the meeting is about, and of nobody else in it."""

from collections.abc import Sequence
from dataclasses import dataclass

from bot.meetings.invited import InvitationWords
from bot.meetings.square import square_of
from bot.summaries.documents.structure import Document, Letter
from bot.summaries.sentences import Sentences


@dataclass(frozen=True)
class Invitation:
    words: InvitationWords
    link: str
    coordinator: str


def letters(invitations: Sequence[Invitation], sentences: Sentences) -> Document:
    """All of them as one paper. `sentences`: of whoever prints it."""
    return Document(
        title=sentences.gettext("Letters with a private link"),
        heading="",
        language=sentences.language,
        shape="letters",
        about_boxes=sentences.about_boxes(),
        letters=tuple(_letter(one) for one in invitations),
    )


def _letter(invitation: Invitation) -> Letter:
    words = invitation.words
    return Letter(
        language=words.language,
        greeting=words.greeting,
        before=(words.what, words.scan),
        square=square_of(invitation.link).svg,
        about_square=words.square,
        address=invitation.link,
        after=tuple(filter(None, (words.in_english, words.alone, words.no_need))),
        signed=invitation.coordinator,
    )
