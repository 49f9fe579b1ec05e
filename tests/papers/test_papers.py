"""Papers: what stands on them, in what order, and that every letter is whose it was."""

import io
import os
import shutil
import subprocess
from pathlib import Path

import docx
import pytest
from docx.oxml.ns import qn

from bot.store.database import Database
from bot.store.sealing import ServiceKey
from bot.summaries.documents.docx import docx as as_docx
from bot.summaries.documents.pdf import pdf as as_pdf
from flows.answers import Answer, How, Part, Speaker
from tests.coordinator.household import (
    Household,
    only_coordinator,
    picked,
    to_the_meeting,
    words,
)
from tests.papers.reading import read_pdf, runs_in, text_in_docx
from tests.papers.telling import (
    cards_of,
    everybody_sends,
    in_file,
    roundup_of,
    sheet_of,
    summary_of,
)

FAMILIES = ("meeting-ash.yaml", "meeting-birch.yaml", "meeting-cedar.yaml")
OFFICE = shutil.which("soffice")


@pytest.fixture
def ash(database: Database, service_key: ServiceKey) -> Household:
    return Household.of(database, service_key, "meeting-ash.yaml")


# --- one person's summary ---------------------------------------------------------------------


@pytest.mark.parametrize("file", FAMILIES)
def test_everybodys_summary_is_one_page_with_safety_first(
    file: str, database: Database, service_key: ServiceKey
) -> None:
    household = Household.of(database, service_key, file)
    everybody_sends(household, file)
    for person in in_file(file):
        paper = summary_of(household, person)
        read = read_pdf(as_pdf(paper))
        assert (read.pages, read.is_tagged, read.says_accessible) == (1, True, True), person
        assert read.title == "Summary"
        for text in (read.text, text_in_docx(as_docx(paper))):
            assert text.startswith("For the coordinator only. Not to be handed round.")
            places = [text.find(title) for title in ("Safety first", "In their own words")]
            assert places == sorted(places), person


def test_a_summary_that_needs_more_pages_gets_them(ash: Household) -> None:
    letter = "I have the good mattress. " * 400
    ash.sends("marjorie", [words("going_well", letter), words("worries", "the very last words")])
    read = read_pdf(as_pdf(summary_of(ash, "marjorie")))
    assert read.pages > 1
    assert read.text.count("mattress.") == 400
    assert "the very last words" in read.text


def test_how_an_answer_was_left_is_said_as_it_was(ash: Household) -> None:
    ash.sends(
        "dawn",
        [
            Answer(step="worries", how=How.SKIPPED),
            Answer(step="wants", how=How.IN_PERSON),
            Answer(step="going_well", how=How.NOT_SURE),
            picked("scale", "6"),
            Answer(step="child_needs", parts=(Part(kind="voice", attachment="a", seconds=12),)),
        ],
    )
    for text in (
        read_pdf(as_pdf(summary_of(ash, "dawn"))).text,
        text_in_docx(as_docx(summary_of(ash, "dawn"))),
    ):
        assert "Not answered:" in text
        assert "Worries" in text[text.index("Not answered:") :]
        assert "Would rather say it to a person" in text
        assert "Not sure." in text
        assert "From “Not OK at all” to “As good as can be”." in text
        assert "Voice message, 12 seconds" in text
        assert "refus" not in text.lower()


def test_headings_are_in_the_coordinators_language_and_words_in_their_own(
    database: Database, service_key: ServiceKey
) -> None:
    birch = Household.of(database, service_key, "meeting-birch.yaml")
    everybody_sends(birch, "meeting-birch.yaml")
    read = read_pdf(as_pdf(summary_of(birch, "agnieszka", "cy")))
    assert "Diogelwch yn gyntaf" in read.text
    assert "Zosia czyta bratu na dobranoc o smoku z pralki." in read.text
    marked = runs_in(as_docx(summary_of(birch, "agnieszka", "cy")))
    assert marked["Zosia czyta bratu"] == ("pl", False)
    assert marked["Diogelwch yn gyntaf"] == ("cy", False)


def test_of_someone_who_has_not_sent_no_paper_holds_a_draft(ash: Household) -> None:
    """Promise P3."""
    ash.starts(
        "craig",
        [
            words("worries", "CANARY-worry", to_the_meeting()),
            words("going_well", "CANARY-well", only_coordinator("CANARY-name")),
        ],
    )
    ash.alerts("craig")
    for paper in (summary_of(ash, "craig"), roundup_of(ash), sheet_of(ash), cards_of(ash)):
        assert "CANARY" not in repr(paper)
        assert "CANARY" not in read_pdf(as_pdf(paper)).text
        assert "CANARY" not in text_in_docx(as_docx(paper))
    assert "May not be safe at home" in read_pdf(as_pdf(summary_of(ash, "craig"))).text


# --- the roundup ------------------------------------------------------------------------------


def test_the_roundup_is_a_table_without_quotes(ash: Household) -> None:
    everybody_sends(ash, "meeting-ash.yaml")
    ash.sends(
        "dawn",
        [
            words("worries", "QUOTE one", to_the_meeting()),
            picked("told_purpose", "no"),
            picked("beside_you", "advocate"),
            Answer(step="practical", chosen=("language",), parts=(Part(text="QUOTE two"),)),
        ],
    )
    paper = roundup_of(ash)
    for text in (read_pdf(as_pdf(paper)).text, text_in_docx(as_docx(paper))):
        for name in ("Dawn O'Shea", "Craig Dunmore", "Kit", "Marjorie Pell"):
            assert name in text
        assert "Has not been told what the meeting is for" in text
        assert "Who I want beside me: An advocate" in text
        assert "QUOTE" not in text
        for told in in_file("meeting-ash.yaml").values():
            for said in told["says"].values():
                assert not isinstance(said, str) or len(said) < 15 or said not in text
    file = docx.Document(io.BytesIO(as_docx(paper)))
    first = file.tables[0].rows[0]._tr
    assert first.find(f".//{qn('w:tblHeader')}") is not None


# --- the meeting copy -------------------------------------------------------------------------


@pytest.mark.parametrize("file", FAMILIES)
def test_each_shared_answer_is_on_the_sheet_and_on_a_card_with_who_says_it(
    file: str, database: Database, service_key: ServiceKey
) -> None:
    household = Household.of(database, service_key, file)
    everybody_sends(household, file)
    sheet, cards = sheet_of(household), cards_of(household)
    texts = (
        text_in_docx(as_docx(sheet)),
        read_pdf(as_pdf(sheet)).text,
        read_pdf(as_pdf(cards)).text,
    )
    who_says = {"me": "They say it themselves.", "coordinator": "Said by the coordinator."}
    who_says["advocate"] = "Said by an advocate or supporter."
    who_says["read_out_exactly"] = "Read out in exactly these words."
    notes = {one.words[0].text: one.notes for section in sheet.sections for one in section.items}
    assert notes == {card.item.words[0].text: card.item.notes for card in cards.cards}
    shared = 0
    for told in in_file(file).values():
        # A reader of PDF puts letters that run from the right into an order of its own.
        readable = texts[:1] if told["language"] in ("ar", "ur") else texts
        for step, said in told["says"].items():
            if not isinstance(said, str) or len(said) < 15:
                continue
            everyone = told["sharing"].get(step) == "meeting" and not told["not_to"].get(step)
            assert [said in text for text in readable] == [everyone] * len(readable), step
            shared += everyone
            if everyone:
                assert notes[said] == (who_says[told["who_says_it"].get(step, "me")],)
    assert shared > 3
    assert len(cards.cards) == sum(len(one.items) for one in sheet.sections)


def test_nothing_unshared_is_on_what_is_handed_round(ash: Household) -> None:
    """Promise P24: neither the words, nor that there is more, nor who must not hear it."""
    ash.sends(
        "dawn",
        [
            words("wants", "SHARED", to_the_meeting()),
            words("worries", "CANARY-worry"),
            words("going_well", "CANARY-not-to", to_the_meeting(Speaker.ME, "CANARY-name")),
            words("not_safe_with", "CANARY-safety", to_the_meeting()),
            Answer(step="child_needs", how=How.IN_PERSON, sharing=to_the_meeting()),
            picked("told_purpose", "no"),
        ],
    )
    ash.alerts("dawn")
    for paper in (sheet_of(ash), cards_of(ash)):
        for text in (read_pdf(as_pdf(paper)).text, text_in_docx(as_docx(paper))):
            assert "SHARED" in text
            assert "Dawn O'Shea" in text
            for never in ("CANARY", "Safety", "needed to be safe", "told", "Must not", "answer of"):
                assert never not in text, never
        assert (paper.only_for, paper.safety, paper.table) == ("", None, None)


def test_on_the_wall_nobody_is_named(ash: Household) -> None:
    ash.sends("dawn", [words("wants", "for the wall", to_the_meeting(Speaker.ON_THE_WALL))])
    for paper in (sheet_of(ash), cards_of(ash)):
        text = read_pdf(as_pdf(paper)).text
        assert "for the wall" in text
        assert "Dawn" not in text


# --- files ------------------------------------------------------------------------------------


def test_no_file_names_anybody_in_its_properties(ash: Household) -> None:
    everybody_sends(ash, "meeting-ash.yaml")
    for paper in (summary_of(ash, "dawn"), roundup_of(ash), sheet_of(ash), cards_of(ash)):
        properties = docx.Document(io.BytesIO(as_docx(paper))).core_properties
        told = " ".join(
            str(getattr(properties, one))
            for one in ("title", "author", "subject", "keywords", "comments", "last_modified_by")
        )
        for name in ("Dawn", "Kit", "Craig", "Odette"):
            assert name not in told
            assert name not in read_pdf(as_pdf(paper)).title


@pytest.mark.skipif(OFFICE is None and not os.environ.get("CI"), reason="no LibreOffice here")
def test_an_office_program_opens_the_docx(
    database: Database, service_key: ServiceKey, tmp_path: Path
) -> None:
    cedar = Household.of(database, service_key, "meeting-cedar.yaml")
    everybody_sends(cedar, "meeting-cedar.yaml")
    papers = {
        "summary": summary_of(cedar, "elena"),
        "sheet": sheet_of(cedar),
        "roundup": roundup_of(cedar),
    }
    for name, paper in papers.items():
        (tmp_path / f"{name}.docx").write_bytes(as_docx(paper))
    assert OFFICE is not None, "CI installs it"
    subprocess.run(  # noqa: S603 - our own files
        [
            OFFICE,
            "--headless",
            f"-env:UserInstallation={(tmp_path / 'profile').as_uri()}",
            *("--convert-to", "pdf", "--outdir", str(tmp_path)),
            *(str(tmp_path / f"{name}.docx") for name in papers),
        ],
        check=True,
        capture_output=True,
        timeout=120,
    )
    read = {name: read_pdf((tmp_path / f"{name}.pdf").read_bytes()).text for name in papers}
    assert "Facem sarmale împreună duminica" in read["summary"]
    assert "For the coordinator only" in read["summary"]
    assert "I already know more than you think." in read["sheet"]
    assert "Tariq Rahman" in read["roundup"]
