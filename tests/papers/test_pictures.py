"""Drawings: on paper where words would be, for those only who may see them."""

import io
from uuid import UUID

import docx
import pytest
from sqlalchemy import select

from bot.store.database import Database
from bot.store.models import AuditEntry
from bot.store.sealing import KeyRing, ServiceKey
from bot.summaries.attachments import pictures_in
from bot.summaries.documents.docx import docx as as_docx
from bot.summaries.documents.handout import copy_cards, copy_sheet
from bot.summaries.documents.pdf import pdf as as_pdf
from bot.summaries.documents.summary import summary_paper
from bot.summaries.entries import Piece
from bot.summaries.sentences import Sentences
from flows.answers import Answer, Part, Sharing
from tests.coordinator.household import LIBRARY, NOW, Household, to_the_meeting
from tests.papers.reading import drawing, pictures_on, read_pdf, text_in_docx
from tests.papers.telling import handed_round, page_for, sheet_of

SENTENCES = Sentences(LIBRARY.wording, "en")


@pytest.fixture
def ash(database: Database, service_key: ServiceKey) -> Household:
    return Household.of(database, service_key, "meeting-ash.yaml")


def draws(household: Household, sharing: Sharing | None = None, content: bytes = b"") -> UUID:
    picture = household.attaches("kit", "image/jpeg", content or drawing())
    part = Part(kind="picture", attachment=str(picture))
    household.sends("kit", [Answer(step="going_well", parts=(part,), sharing=sharing or Sharing())])
    return picture


def opened(household: Household, pieces: list[Piece], coordinator: UUID) -> dict[str, bytes]:
    return household.database.run_now(
        lambda session: pictures_in(
            session,
            KeyRing(session, household.service_key),
            pieces,
            coordinator_id=coordinator,
            now=NOW,
        )
    )


def shown_to_odette(household: Household, pieces: list[Piece]) -> dict[str, bytes]:
    return opened(household, pieces, household.made.coordinator_id)


def test_a_drawing_is_on_the_summary(ash: Household) -> None:
    draws(ash)
    page = page_for(ash, "kit", "en")
    assert page.sent is not None
    pictures = shown_to_odette(ash, [p for one in page.sent.entries for p in one.pieces])
    paper = summary_paper(page, SENTENCES, NOW, pictures)
    printed = as_pdf(paper)
    assert pictures_on(printed) == 1
    assert (read_pdf(printed).pages, read_pdf(printed).says_accessible) == (1, True)
    assert len(printed) < 150_000
    (inline,) = docx.Document(io.BytesIO(as_docx(paper))).inline_shapes
    assert inline._inline.docPr.get("descr") == "A picture that they sent"


def test_a_shared_drawing_is_handed_round_and_another_is_not(ash: Household) -> None:
    draws(ash, to_the_meeting())
    copy, occasion = handed_round(ash)
    pictures = shown_to_odette(ash, [piece for line in copy.lines for piece in line.pieces])
    for make in (copy_sheet, copy_cards):
        assert pictures_on(as_pdf(make(copy, occasion, SENTENCES, pictures))) == 1
    draws(ash)
    copy, occasion = handed_round(ash)
    assert copy.lines == ()
    for make in (copy_sheet, copy_cards):
        assert pictures_on(as_pdf(make(copy, occasion, SENTENCES, pictures))) == 0


def test_what_cannot_be_drawn_is_said_to_be_there(ash: Household) -> None:
    draws(ash, to_the_meeting(), b"no picture at all")
    copy, occasion = handed_round(ash)
    pictures = shown_to_odette(ash, [piece for line in copy.lines for piece in line.pieces])
    assert pictures
    for paper in (copy_sheet(copy, occasion, SENTENCES, pictures), sheet_of(ash)):
        assert "A picture that they sent" in read_pdf(as_pdf(paper)).text
        assert "A picture that they sent" in text_in_docx(as_docx(paper))


def test_pictures_are_opened_for_their_own_coordinator_and_that_is_written_down(
    database: Database, service_key: ServiceKey, ash: Household
) -> None:
    cedar = Household.of(database, service_key, "meeting-cedar.yaml")
    picture = draws(ash)
    piece = Piece("picture", "", "en", "ltr", attachment=str(picture))
    no_id = Piece("picture", "", "en", "ltr", attachment="../etc/passwd")
    assert opened(ash, [piece, no_id], cedar.made.coordinator_id) == {}
    assert shown_to_odette(ash, [piece, no_id]) == {str(picture): drawing()}
    entries = database.run_now(
        lambda session: [
            (one.actor, one.subject_id)
            for one in session.scalars(
                select(AuditEntry).where(AuditEntry.action == "attachment_read")
            )
        ]
    )
    assert entries == [(f"coordinator:{ash.made.coordinator_id}", picture)]
