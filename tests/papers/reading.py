"""Papers read back, as a program that knows nothing of ours reads them."""

import io
import re
from dataclasses import dataclass

import docx
import pypdfium2  # type: ignore[import-untyped]
import pypdfium2.raw as pdfium  # type: ignore[import-untyped]
from docx.oxml.ns import qn
from docx.text.paragraph import Paragraph
from PIL import Image


@dataclass(frozen=True)
class Pdf:
    pages: int
    text: str
    """One line for what stands together: where lines were broken is forgotten."""
    letters: frozenset[str]
    title: str
    is_tagged: bool
    says_accessible: bool
    languages: frozenset[str]
    """In which something on it is to be read aloud."""


def read_pdf(content: bytes) -> Pdf:
    document = pypdfium2.PdfDocument(content)
    try:
        pages = []
        for number in range(len(document)):
            page = document[number]
            text = page.get_textpage()
            pages.append(text.get_text_bounded())
            text.close()
            page.close()
        whole = "\n".join(pages)
        return Pdf(
            pages=len(pages),
            text=re.sub(r"\s+", " ", whole),
            letters=frozenset(whole),
            title=document.get_metadata_value("Title"),
            is_tagged=bool(pdfium.FPDFCatalog_IsTagged(document)),
            says_accessible=b"<pdfuaid:part>1</pdfuaid:part>" in content,
            languages=frozenset(one.decode() for one in re.findall(rb"/Lang\(([^)]+)\)", content)),
        )
    finally:
        document.close()


def text_in_docx(content: bytes) -> str:
    """Paragraphs and cells, one a line, in the order in which they stand."""
    file = docx.Document(io.BytesIO(content))
    lines = []
    for block in file.iter_inner_content():
        if isinstance(block, Paragraph):
            lines.append(block.text)
        else:
            lines += [cell.text for row in block.rows for cell in row.cells]
    return "\n".join(lines)


def runs_in(content: bytes) -> dict[str, tuple[str, bool]]:
    """By the first letters of each run: its language, and whether it runs from the right."""
    found = {}
    for paragraph in docx.Document(io.BytesIO(content)).paragraphs:
        for run in paragraph.runs:
            language = run._r.get_or_add_rPr().find(qn("w:lang"))
            code = language.get(qn("w:val")) or language.get(qn("w:bidi"))
            bidi = paragraph._p.get_or_add_pPr().find(qn("w:bidi"))
            from_right = bool(run.font.rtl) and bidi is not None
            for length in (12, 17, 19):
                found[run.text[:length]] = (code, from_right)
    return found


def pictures_on(content: bytes) -> int:
    """How many there are in a PDF."""
    document = pypdfium2.PdfDocument(content)
    count = sum(
        1
        for page in document
        for _ in page.get_objects(filter=(pdfium.FPDF_PAGEOBJ_IMAGE,), max_depth=5)
    )
    document.close()
    return count


def drawing() -> bytes:
    """A picture, as it is kept."""
    made = io.BytesIO()
    Image.new("RGB", (1600, 1200), "#e0a030").save(made, "JPEG")
    return made.getvalue()
