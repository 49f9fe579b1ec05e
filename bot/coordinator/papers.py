"""Papers to take away: the summary, the roundup, the meeting copy and its cards. Each reads with
the coordinator's id in hand, and is made in a thread of its own."""

import asyncio
from collections.abc import Callable
from uuid import UUID

from sqlalchemy.orm import Session
from starlette.responses import Response

from bot.coordinator.desk import Desk, Page, Visit
from bot.store.sealing import KeyRing
from bot.summaries.attachments import pictures_in
from bot.summaries.compile import Page as PersonsPage
from bot.summaries.compile import compile_page, mark_read
from bot.summaries.documents.docx import docx
from bot.summaries.documents.handout import Occasion, copy_cards, copy_sheet
from bot.summaries.documents.pdf import pdf
from bot.summaries.documents.pictures import Pictures
from bot.summaries.documents.structure import Document
from bot.summaries.documents.summary import summary_paper
from bot.summaries.documents.whole_family import roundup_paper
from bot.summaries.handing_round import gather, occasion
from bot.summaries.meeting_copy import CopyForTheMeeting
from bot.summaries.roundup import roundup
from bot.summaries.sentences import Sentences

Print = Callable[[Document], bytes]
HandOut = Callable[[CopyForTheMeeting, Occasion, Sentences, Pictures], Document]

_MEDIA_TYPES = {
    "pdf": "application/pdf",
    "docx": "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
}


def given_file(document: bytes, about: str, whose: UUID, ending: str) -> Response:
    """A file that nobody's name is on, to be kept by nothing on the way."""
    return Response(
        document,
        media_type=_MEDIA_TYPES[ending],
        headers={
            "Content-Disposition": f'attachment; filename="{about}-{whose.hex[:8]}.{ending}"',
            "X-Content-Type-Options": "nosniff",
            "Cache-Control": "no-store",
        },
    )


def _summary(ending: str, print_: Print) -> Page:
    async def paper(desk: Desk, visit: Visit) -> Response:
        who, asked, now = visit.signed_in, visit.id_in_path("participant_id"), desk.clock()
        sentences = Sentences(desk.library.wording, who.language)

        def read(session: Session) -> tuple[PersonsPage, Pictures]:
            ring = KeyRing(session, desk.service_key)
            found = compile_page(
                session, ring, desk.library, asked, coordinator_id=who.id, language=who.language
            )
            mark_read(session, found, who.id, now)
            answers = found.sent.entries if found.sent is not None else ()
            pieces = [piece for one in answers for piece in one.pieces]
            return found, pictures_in(session, ring, pieces, coordinator_id=who.id, now=now)

        found, pictures = await desk.database.run(read)
        printed = await asyncio.to_thread(
            lambda: print_(summary_paper(found, sentences, now, pictures))
        )
        return given_file(printed, "summary", asked, ending)

    return paper


def _roundup(ending: str, print_: Print) -> Page:
    async def paper(desk: Desk, visit: Visit) -> Response:
        who, asked, now = visit.signed_in, visit.id_in_path("meeting_id"), desk.clock()
        sentences = Sentences(desk.library.wording, who.language)

        def read(session: Session) -> Document:
            ring = KeyRing(session, desk.service_key)
            found = roundup(
                session, ring, desk.library, asked, coordinator_id=who.id, language=who.language
            )
            return roundup_paper(found, sentences, now)

        document = await desk.database.run(read)
        return given_file(await asyncio.to_thread(print_, document), "roundup", asked, ending)

    return paper


def _handout(about: str, ending: str, make: HandOut, print_: Print) -> Page:
    async def paper(desk: Desk, visit: Visit) -> Response:
        who, asked, now = visit.signed_in, visit.id_in_path("meeting_id"), desk.clock()
        sentences = Sentences(desk.library.wording, who.language)

        def read(session: Session) -> tuple[CopyForTheMeeting, Occasion, Pictures]:
            ring = KeyRing(session, desk.service_key)
            copy = gather(
                session, ring, desk.library, asked, coordinator_id=who.id, language=who.language
            )
            pieces = [piece for line in copy.lines for piece in line.pieces]
            pictures = pictures_in(session, ring, pieces, coordinator_id=who.id, now=now)
            meeting = occasion(session, ring, asked, sentences, coordinator_id=who.id, now=now)
            return copy, meeting, pictures

        copy, meeting, pictures = await desk.database.run(read)
        printed = await asyncio.to_thread(lambda: print_(make(copy, meeting, sentences, pictures)))
        return given_file(printed, about, asked, ending)

    return paper


summary_pdf = _summary("pdf", pdf)
summary_docx = _summary("docx", docx)
roundup_pdf = _roundup("pdf", pdf)
roundup_docx = _roundup("docx", docx)
copy_pdf = _handout("copy", "pdf", copy_sheet, pdf)
copy_docx = _handout("copy", "docx", copy_sheet, docx)
cards_pdf = _handout("cards", "pdf", copy_cards, pdf)
