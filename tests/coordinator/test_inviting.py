"""One person's invitation at the desk: written to only as they said, printed, shown, handed over,
taken back."""

import re
import unicodedata
from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from html import unescape

import pytest
import segno
from sqlalchemy import select

from bot import invitations
from bot.meetings.invited import invited, words_for
from bot.meetings.square import square_of
from bot.store.database import Database
from bot.store.models import AuditEntry, Participant
from bot.store.models import Session as BrowserSession
from bot.store.sealing import KeyRing, ServiceKey
from bot.summaries.documents.invitation import Invitation, letters
from bot.summaries.documents.pdf import Press
from bot.summaries.sentences import Sentences
from tests.coordinator.browser import Browser
from tests.coordinator.conftest import Hands, signed_in
from tests.coordinator.household import LIBRARY, NOW, Household
from tests.papers.reading import read_pdf

MOBILE = "07700 900123"


def page_of(ash: Household, person: str) -> str:
    return f"/coordinator/person/{ash.id_of(person)}"


def links_on(page: str) -> list[str]:
    return re.findall(r"/i/([\w-]+)", page)


@pytest.fixture
def opens(database: Database, hands: Hands) -> Callable[[str], bool]:
    def look(token: str) -> bool:
        return database.run_now(
            lambda session: (
                invitations.look_up(session, token, ("web",), hands.now + timedelta(minutes=1))
                is not None
            )
        )

    return look


@pytest.mark.both_databases
def test_how_they_may_be_written_to_is_kept_sealed_and_shown_again(
    odette: Browser, ash: Household, database: Database
) -> None:
    dawn = page_of(ash, "dawn")
    form = {"mobile": MOBILE, "by_text": "yes", "care": "not after six, he reads it"}
    assert odette.post(dawn, **form) == (303, dawn)
    page = odette.see(dawn)
    assert 'value="07700900123"' in page
    assert "not after six, he reads it" in page
    assert "not after six, he reads it" in odette.see(f"/coordinator/summary/{ash.id_of('dawn')}")
    kept = database.run_now(
        lambda session: session.get_one(Participant, ash.id_of("dawn")).sealed_contact
    )
    assert kept is not None
    assert b"07700900123" not in kept


@pytest.mark.parametrize(
    ("form", "said"),
    [
        ({"mobile": "ask her sister"}, "Enter a mobile number, such as"),
        ({"by_text": "yes"}, "Enter the mobile number, or untick"),
        ({"email": "dawn at example"}, "Enter an e-mail address, such as"),
        ({"by_mail": "yes"}, "Enter the e-mail address, or untick"),
        ({"care": "x" * 301}, "300 letters"),
    ],
)
def test_what_cannot_be_used_is_said_and_nothing_typed_is_lost(
    odette: Browser, ash: Household, form: dict[str, str], said: str
) -> None:
    status, page = odette.post(page_of(ash, "dawn"), **form)
    assert status == 400
    assert said in page
    for typed in form.values():
        assert typed in page


def test_nothing_can_be_sent_that_nobody_set_up(odette: Browser, ash: Household) -> None:
    dawn = page_of(ash, "dawn")
    assert odette.post(dawn, mobile=MOBILE, by_text="yes")[0] == 303
    page = odette.see(dawn)
    assert "has not set up text messages" in page
    assert f"{dawn}/text" not in page


@pytest.mark.parametrize(
    ("person", "language", "said"),
    [("yusuf", "ar", "اجتماع"), ("mair", "cy", "cyfarfod"), ("agnieszka", "pl", "spotkanie")],
)
def test_a_letter_is_in_the_language_of_who_gets_it_and_its_link_opens(
    browser: Callable[[], Browser],
    database: Database,
    service_key: ServiceKey,
    opens: Callable[[str], bool],
    person: str,
    language: str,
    said: str,
) -> None:
    birch = Household.of(database, service_key, "meeting-birch.yaml")
    desk, page = signed_in(browser(), birch), page_of(birch, person)
    answer = desk.ask("POST", f"{page}/letter.pdf", form={"token": desk.token_on(page)})
    paper = read_pdf(answer.content)
    assert (paper.pages, paper.says_accessible, language in paper.languages) == (1, True, True)
    text = unicodedata.normalize("NFKC", paper.text)
    assert said in text or said[::-1] in text
    [token] = links_on(paper.text)
    assert opens(token)
    assert "no-store" in answer.headers["cache-control"]
    for given_away in ("child protection", "conference", "Wróbel", "Zosia"):
        assert (given_away in paper.text) is (given_away == "Wróbel" and person == "agnieszka")
    assert "Llythyr, " in desk.see(page)
    assert token not in desk.see(page)


@pytest.mark.parametrize("language", LIBRARY.wording.of_invitations.languages)
def test_an_invitation_is_whole_in_each_language_and_says_where_the_rest_is_in_english(
    ash: Household, database: Database, service_key: ServiceKey, language: str
) -> None:
    kit = database.run_now(
        lambda session: invited(
            session, KeyRing(session, service_key), ash.id_of("kit"), NOW, ash.made.coordinator_id
        )
    )
    english = words_for(LIBRARY.wording, replace(kit, language="en"))
    for role, age in (("parent", "adult"), ("young_person", "11_15"), ("child", "7_10")):
        words = words_for(LIBRARY.wording, replace(kit, language=language, role=role, age_band=age))
        assert words.language == language
        assert bool(words.in_english) is (language not in LIBRARY.wording.languages)
        said = (words.greeting, words.what, words.scan, words.alone, words.text_message)
        assert not any("{" in one for one in said)
        assert language == "en" or not set(said) & set(vars(english).values())
        assert "Odette Farrow" in words.alone
        assert len(words.text_message) < 160
        letter = Invitation(words, "https://beforehand.example.org/i/x", "Odette Farrow")
        paper = Press().pdf(letters([letter], Sentences(LIBRARY.wording, "en")))
        assert read_pdf(paper).pages == 1


def test_everyone_who_has_not_opened_gets_a_letter_of_their_own(
    odette: Browser, ash: Household, opens: Callable[[str], bool]
) -> None:
    ash.starts("dawn", [])
    meeting = f"/coordinator/meeting/{ash.made.meeting_id}"
    answer = odette.ask("POST", f"{meeting}/letters.pdf", form={"token": odette.token_on(meeting)})
    paper = read_pdf(answer.content)
    tokens = links_on(paper.text)
    assert (paper.pages, len(set(tokens))) == (3, 3)
    assert all(opens(token) for token in tokens)
    assert "Dawn" not in paper.text
    assert {"Craig", "Kit", "Marjorie"} <= set(re.findall(r"Hello (\w+)", paper.text))


def test_beside_the_button_stands_whose_letter_may_be_posted_and_whose_goes_by_hand(
    odette: Browser, ash: Household
) -> None:
    craig = f"/coordinator/person/{ash.id_of('craig')}"
    odette.post(craig, by_post="yes")
    shown = unescape(odette.see(f"/coordinator/meeting/{ash.made.meeting_id}"))
    by_post, _, by_hand = shown.partition("Give the letter by hand:")
    assert "They said that post is safe: <bdi>Craig Dunmore</bdi></li>" in by_post
    assert "Craig" not in by_hand.partition("</li>")[0]
    for name in ("Dawn O'Shea", "Kit", "Marjorie Pell"):
        assert f"<bdi>{name}</bdi>" in by_hand.partition("</li>")[0]


def test_the_square_is_the_link() -> None:
    link = "https://beforehand.example.org/i/9U6YVJ61szN0n7pjT2vEppqgcsG557YY"
    square = square_of(link)
    dark = set()
    for x, y, run in re.findall(r"M(\d+) (\d+)h(\d+)v1h-\d+z", square.path):
        dark |= {(int(x) + step, int(y)) for step in range(int(run))}
    rows = segno.make(link, error="q", micro=False).matrix_iter(border=4)
    assert dark == {(x, y) for y, row in enumerate(rows) for x, cell in enumerate(row) if cell}
    assert len(dark) > 400


def test_a_shown_link_opens_and_puts_nobody_out(
    odette: Browser, ash: Household, opens: Callable[[str], bool]
) -> None:
    first = next(one for one in ash.made.people if one.id == "kit").web
    page = page_of(ash, "kit")
    status, shown = odette.post(f"{page}/link", page=page)
    [token] = links_on(shown)
    assert (status, 'class="square"' in shown) == (200, True)
    assert "t.me/beforehand_bot?start=" not in shown
    assert opens(token)
    assert opens(first)


def test_a_new_link_takes_the_place_of_the_old(
    odette: Browser, ash: Household, opens: Callable[[str], bool]
) -> None:
    old = next(one for one in ash.made.people if one.id == "kit").web
    page = page_of(ash, "kit")
    status, shown = odette.post(f"{page}/new-link", page=page)
    [new] = links_on(shown)
    assert status == 200
    assert (opens(old), opens(new)) == (False, True)


def test_what_is_taken_back_opens_nothing_and_whoever_was_in_is_out(
    odette: Browser, ash: Household, database: Database, opens: Callable[[str], bool], hands: Hands
) -> None:
    token = next(one for one in ash.made.people if one.id == "dawn").web
    database.run_now(
        lambda session: invitations.sign_in(
            session, now=hands.now, participant_id=ash.id_of("dawn")
        )
    )
    page = page_of(ash, "dawn")
    assert odette.post(f"{page}/take-back", page=page) == (303, page)
    assert not opens(token)
    still_in = select(BrowserSession).where(
        BrowserSession.participant_id == ash.id_of("dawn"), BrowserSession.ended_at.is_(None)
    )
    assert database.run_now(lambda session: session.scalars(still_in).all()) == []
    assert "It opens nothing any more." in odette.see(page)


def test_a_device_is_handed_over_with_the_desk_closed_behind_it(
    odette: Browser, ash: Household, opens: Callable[[str], bool]
) -> None:
    page = page_of(ash, "kit")
    cookie = odette.cookies["beforehand_desk"]
    status, to = odette.post(f"{page}/here", page=page)
    assert status == 303
    [token] = links_on(to)
    assert opens(token)
    assert odette.get(page).headers["location"].startswith("/coordinator/sign-in")
    odette.cookies.set("beforehand_desk", cookie)
    assert odette.get(page).headers["location"].startswith("/coordinator/sign-in")


def test_nobody_is_invited_to_what_was_called_off(
    odette: Browser, ash: Household, database: Database
) -> None:
    odette.post(f"/coordinator/meeting/{ash.made.meeting_id}/call-off")
    page = odette.see(page_of(ash, "dawn"))
    assert "Nobody is invited to it any more" in page
    assert "/letter.pdf" not in page
    for what in ("link", "letter.pdf", "here", "new-link"):
        address = f"{page_of(ash, 'dawn')}/{what}"
        assert odette.post(address, page="/coordinator/account")[0] == 404


def test_each_thing_that_was_done_is_in_the_log_without_number_or_address(
    odette: Browser, ash: Household, database: Database
) -> None:
    page = page_of(ash, "dawn")
    odette.post(page, mobile=MOBILE, by_text="yes")
    odette.post(f"{page}/take-back", page=page)
    entries = database.run_now(
        lambda session: session.scalars(
            select(AuditEntry.action).where(AuditEntry.subject_id == ash.id_of("dawn"))
        ).all()
    )
    assert {"contact_kept", "links_taken_back"} <= set(entries)
