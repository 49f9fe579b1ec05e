"""In which language somebody writes to the desk, and in which we write to them."""

import re

from tests.coordinator.browser import Browser
from tests.coordinator.household import Household, to_the_meeting, words
from tests.papers.reading import read_pdf, runs_in

SMALL = "cel mai mic râde la video"


def marked(page: str) -> list[tuple[str, str]]:
    """Language and direction of each of their words."""
    return re.findall(r'<blockquote lang="(.*?)" dir="(.*?)">', page)


def test_words_of_whom_we_cannot_speak_to_in_their_own_language_are_marked_with_none(
    priya: Browser, cedar: Household
) -> None:
    """Elena's is Romanian. Her chat is in English, and she may write in either."""
    said = words("going_well", SMALL, to_the_meeting())
    cedar.sends("elena", [said, words("worries", "أخاف من الليل")])
    page = f"/coordinator/summary/{cedar.id_of('elena')}"
    assert marked(priya.see(page)) == [("", "ltr"), ("", "rtl")]
    paper = priya.get(f"{page}/pdf").content
    assert SMALL in read_pdf(paper).text
    assert "English" not in read_pdf(paper).text
    assert b"/Lang (und)" in paper or b"/Lang(und)" in paper
    assert runs_in(priya.get(f"{page}/docx").content)[SMALL[:12]] == ("x-none", False)
    copy = f"/coordinator/meeting/{cedar.made.meeting_id}/copy"
    assert marked(priya.see(copy)) == [("", "ltr")]
    for paper in ("copy.pdf", "cards.pdf", "copy.docx"):
        assert priya.get(f"{copy.removesuffix('copy')}{paper}").status_code == 200


def test_whoever_chose_another_language_in_their_chat_writes_in_that(
    priya: Browser, cedar: Household
) -> None:
    cedar.sends("elena", [words("going_well", "يضحك أخوه الصغير", language="ar")])
    cedar.sends("tariq", [words("going_well", "the barbers")])
    shown = {
        person: marked(priya.see(f"/coordinator/summary/{cedar.id_of(person)}"))
        for person in ("elena", "tariq")
    }
    assert shown == {"elena": [("ar", "rtl")], "tariq": [("en", "ltr")]}
