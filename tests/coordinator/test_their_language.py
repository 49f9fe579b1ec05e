"""In which language somebody writes to the desk, and in which we write to them."""

import re
from datetime import UTC, datetime, timedelta
from html import unescape

import pytest
from sqlalchemy.orm import Session

from bot.meetings import move_meeting
from bot.store.database import Database
from bot.store.models import Meeting
from bot.store.sealing import KeyRing, ServiceKey
from tests.coordinator.browser import Browser
from tests.coordinator.household import LIBRARY, Household, picked, to_the_meeting, words
from tests.papers.reading import read_pdf, runs_in
from tests.promises.ash import Ash, ash_family

ARABIC = re.compile("[\u0621-\u064a]{2}")
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
    for name in ("copy.pdf", "cards.pdf", "copy.docx"):
        assert priya.get(f"{copy.removesuffix('copy')}{name}").status_code == 200


def test_urdu_of_somebody_whose_chat_is_in_english_is_urdu_and_their_english_is_unknown(
    priya: Browser, cedar: Household
) -> None:
    cedar.sends("nadeem", [words("going_well", "لڑکا محنتی ہے"), words("worries", "he is scared")])
    page = f"/coordinator/summary/{cedar.id_of('nadeem')}"
    assert marked(priya.see(page)) == [("ur", "rtl"), ("", "ltr")]
    paper = priya.get(f"{page}/pdf").content
    assert "ur" in read_pdf(paper).languages
    assert b"NastaliqUrdu" in paper


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


async def moves(ash: Ash, starts_at: datetime) -> None:
    def move(session: Session) -> None:
        ring = KeyRing(session, ash.service.service_key)
        [meeting] = session.query(Meeting.id).one()
        move_meeting(session, ring, LIBRARY.wording, meeting, starts_at, ash.clock())

    await ash.database.run(move)
    await ash.delivered()


@pytest.mark.asyncio
async def test_whoever_chose_a_language_in_their_chat_gets_the_news_in_it_and_the_desk_says_so(
    database: Database, service_key: ServiceKey
) -> None:
    """Dawn's coordinator noted English; she chose Arabic."""
    async with ash_family(database, service_key) as ash:
        desk = await ash.odette()
        dawn = await ash.in_telegram("dawn", until="worries")
        page = f"/coordinator/summary/{ash.id_of('dawn')}"
        assert "in this language: English." in (await desk.opens(page)).text
        dawn.says("/language")
        await dawn.quiet()
        dawn.taps("العربية")
        await dawn.quiet()
        shown = unescape((await desk.opens(page)).text)
        assert "Their chat is in this language: Arabic." in shown
        assert " · English · " in shown, "what was noted stays as it was"
        seen = len(dawn.screen)
        await desk.client.post(f"{page}/answer", data={**desk.paper.fields, "answer": "Yes."})
        await ash.delivered()
        await moves(ash, datetime(2027, 4, 6, 9, 0, tzinfo=UTC))
        ash.clock.move(timedelta(days=4))
        await ash.service.app.scheduler.round()
        await ash.delivered()
        await dawn.quiet()
        news = [one.text for one in dawn.screen[seen:]]
        assert len(news) == 3
        assert all(ARABIC.search(text) for text in news), news


def test_a_language_that_we_do_not_speak_stays_known_though_the_chat_is_in_english(
    priya: Browser, cedar: Household
) -> None:
    cedar.sends("elena", [picked("told_purpose", "no")])
    page = unescape(priya.see(f"/coordinator/summary/{cedar.id_of('elena')}"))
    assert "Their chat is in this language: English." in page
    assert " · Romanian · " in page
    assert "Romanian · " in priya.see("/coordinator")
