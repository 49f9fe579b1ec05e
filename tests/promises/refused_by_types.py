"""What the meeting copy must not be handed. Each marked line is an error to a type checker, which
test_p02_who_hears.py asks. Nothing in here is ever run."""

from bot.summaries.compile import Page
from bot.summaries.documents.handout import Occasion, copy_cards, copy_sheet
from bot.summaries.meeting_copy import Shared, copy_for_the_meeting
from bot.summaries.sentences import Sentences
from flows.answers import Answer, Conversation
from flows.library import Library
from flows.review import CoordinatorCopy, Item, MeetingCopy, SharedItem, meeting_copy


def an_answer(answer: Answer) -> SharedItem:
    return SharedItem(answer)  # type: ignore[arg-type]


def an_answer_by_its_parts(answer: Answer) -> SharedItem:
    return SharedItem(step=answer.step, parts=answer.parts)  # type: ignore[call-arg]


def a_coordinators_item(item: Item) -> MeetingCopy:
    return MeetingCopy("parent", 1, "en", (item,))  # type: ignore[arg-type]


def a_coordinators_copy(name: str, copy: CoordinatorCopy) -> Shared:
    return Shared(name, copy)  # type: ignore[arg-type]


def a_draft(conversation: Conversation) -> MeetingCopy:
    return meeting_copy(conversation)  # type: ignore[arg-type]


def coordinators_copies(copies: list[CoordinatorCopy], library: Library) -> None:
    copy_for_the_meeting(copies, library, "en")  # type: ignore[arg-type]


def items(item: list[Item], library: Library) -> None:
    copy_for_the_meeting(item, library, "en")  # type: ignore[arg-type]


def another_speaker(shared: SharedItem) -> None:
    shared.step = "not_safe_with"  # type: ignore[misc]


def a_persons_page_on_the_sheet(page: Page, occasion: Occasion, sentences: Sentences) -> None:
    copy_sheet(page, occasion, sentences)  # type: ignore[arg-type]


def a_persons_page_on_cards(page: Page, occasion: Occasion, sentences: Sentences) -> None:
    copy_cards(page, occasion, sentences)  # type: ignore[arg-type]


def a_coordinators_copy_on_cards(
    copy: CoordinatorCopy, occasion: Occasion, sentences: Sentences
) -> None:
    copy_cards(copy, occasion, sentences)  # type: ignore[arg-type]
