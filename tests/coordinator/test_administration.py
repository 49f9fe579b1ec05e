"""Who works at the desk: invited, let in anew, removed, and what the audit log tells of them."""

import ast
import codecs
import csv
import io
import re
from collections.abc import Callable
from pathlib import Path

import pytest

from bot.service import Contact, Service, write_service
from bot.store.database import Database
from bot.store.models import Alert, Meeting
from bot.store.sealing import KeyRing, ServiceKey
from bot.summaries.sentences import Sentences
from tests.coordinator.browser import Browser
from tests.coordinator.conftest import Hands
from tests.coordinator.household import LIBRARY, Household, words

DESK = "/coordinator"
ADMIN = "/coordinator/administration"
ROOT = Path(__file__).parent.parent.parent
Browsers = Callable[[], Browser]


def test_an_administrator_comes_to_the_people_and_sees_no_family(
    administrator: Browser, ash: Household
) -> None:
    ash.sends("dawn", [words("worries", "heron-by-the-weir")])
    assert administrator.get(DESK).headers["location"].startswith(ADMIN)
    page = administrator.see(ADMIN)
    assert "Odette Farrow" in page
    for hidden in ("heron", "Dawn", "Kit"):
        assert hidden not in page


def test_an_administrator_who_is_the_manager_acts_on_an_alert_and_sees_no_words(
    administrator: Browser,
    ash: Household,
    database: Database,
    service_key: ServiceKey,
    hands: Hands,
) -> None:
    ash.sends("dawn", [words("worries", "heron-by-the-weir")])
    alert = ash.alerts("dawn")
    nadia = Contact(name="Nadia Okonjo", email="nadia.okonjo@example.org")
    database.run_now(
        lambda session: write_service(
            session, KeyRing(session, service_key), Service(manager=nadia), "operator", hands.now
        )
    )
    mailed = f"{DESK}/alert/{alert}"
    page = administrator.see(mailed)
    assert "Dawn" in page
    assert "heron" not in page
    assert f"{DESK}/meeting/" not in page
    assert administrator.post(f"{mailed}/acknowledge", page=mailed) == (303, mailed)
    assert administrator.post(f"{mailed}/needed-action", page=mailed) == (303, mailed)
    kept = database.run_now(lambda session: session.get_one(Alert, alert))
    assert (kept.acknowledged_at, kept.outcome) == (hands.now, "needed_action")
    assert administrator.status(f"{DESK}/summary/{ash.id_of('dawn')}") == 404


def test_someone_invited_comes_in_by_the_link(administrator: Browser, browser: Browsers) -> None:
    page = invited(administrator, "Theo Lund", "theo.lund@example.org")
    assert page.count("Theo Lund") > 1
    theo = browser()
    assert theo.post(link_on(page))[0] == 303
    assert "You have no meeting ahead." in theo.see(DESK)
    assert link_on(page) not in administrator.see(ADMIN)


@pytest.mark.parametrize(
    ("name", "email", "told"),
    [
        ("", "theo.lund@example.org", "Enter a name"),
        ("Theo", "theo", "Enter an e-mail address"),
        ("Odette", "ODETTE.farrow@example.org", "has this e-mail address already"),
    ],
)
def test_what_is_wrong_is_said_and_what_was_typed_stays(
    administrator: Browser, ash: Household, name: str, email: str, told: str
) -> None:
    status, page = administrator.post(f"{ADMIN}/invite", page=ADMIN, name=name, email=email)
    assert (status, told in page) == (400, True)
    assert f'value="{email}"' in page


def test_for_a_forgotten_password_there_is_a_new_link_and_everyone_else_is_out(
    administrator: Browser, browser: Browsers, odette: Browser, ash: Household
) -> None:
    path = f"{ADMIN}/{ash.made.coordinator_id}/link"
    _, first = administrator.post(path, page=ADMIN, lost="password")
    assert odette.status(DESK) == 303
    _, second = administrator.post(path, page=ADMIN, lost="phone")
    assert browser().post(link_on(first))[0] == 400
    again = browser()
    assert again.post(link_on(second))[0] == 303
    assert "Meeting for Kit" in again.see(DESK)


@pytest.mark.both_databases
def test_who_is_removed_is_out_at_once_and_their_meetings_are_anothers(
    administrator: Browser, odette: Browser, priya: Browser, ash: Household, cedar: Household
) -> None:
    path = f"{ADMIN}/{ash.made.coordinator_id}/remove"
    assert "Priya" in administrator.see(path)
    assert administrator.post(path, to="")[0] == 400
    assert odette.status(DESK) == 200
    assert administrator.post(path, to=str(cedar.made.coordinator_id)) == (303, ADMIN)
    assert odette.status(DESK) == 303
    assert "Meeting for Kit" in priya.see(DESK)
    assert "Odette" not in administrator.see(ADMIN)
    assert administrator.status(path) == 404


def test_meetings_are_not_handed_to_an_administrator_nor_to_nobody(
    administrator: Browser, odette: Browser, ash: Household, database: Database
) -> None:
    page = administrator.see(ADMIN)
    ids = set(re.findall(rf"{ADMIN}/([0-9a-f-]+)/link", page))
    me = next(one for one in ids if one != str(ash.made.coordinator_id))
    path = f"{ADMIN}/{ash.made.coordinator_id}/remove"
    for to in (me, str(ash.made.coordinator_id), str(ash.made.meeting_id), "nobody"):
        assert administrator.post(path, to=to)[0] == 400
    kept = database.run_now(lambda session: session.get_one(Meeting, ash.made.meeting_id))
    assert kept.coordinator_id == ash.made.coordinator_id
    assert odette.status(DESK) == 200
    assert administrator.post(f"{ADMIN}/{me}/remove", page=path)[0] == 400


def test_an_address_that_was_removed_can_be_invited_again(
    administrator: Browser, ash: Household, cedar: Household
) -> None:
    path = f"{ADMIN}/{ash.made.coordinator_id}/remove"
    administrator.post(path, to=str(cedar.made.coordinator_id))
    page = invited(administrator, "Odette Farrow", "odette.farrow@example.org")
    assert link_on(page)


@pytest.mark.both_databases
def test_the_audit_log_is_searched_and_taken_away_without_a_word_of_anybodys(
    administrator: Browser, odette: Browser, ash: Household
) -> None:
    ash.sends("dawn", [words("worries", "heron-by-the-weir")])
    odette.see(f"{DESK}/summary/{ash.id_of('dawn')}")
    everything = administrator.see(f"{ADMIN}/log")
    assert ">A summary was read</td>" in everything
    assert "Odette Farrow" in everything
    assert "heron" not in everything
    found = administrator.see(
        f"{ADMIN}/log?action=summary_read&who={ash.made.coordinator_id}&since=2020-01-01"
    )
    assert found.count(">A summary was read</td>") == 1
    assert ">A meeting was made</td>" not in found
    assert "A summary was read" in administrator.see(f"{ADMIN}/log?until=9999-12-31")
    assert "Nothing was found." in administrator.see(f"{ADMIN}/log?until=2020-01-01")
    file = administrator.get(f"{ADMIN}/log.csv?action=summary_read")
    assert file.content.startswith(codecs.BOM_UTF8), "Excel reads it as UTF-8 only so"
    lines = list(csv.DictReader(io.StringIO(file.text)))
    assert [(one["actor"], one["subject"]) for one in lines] == [
        ("Odette Farrow", str(ash.id_of("dawn")))
    ]


def test_what_somebody_did_is_found_after_they_were_removed(
    administrator: Browser, ash: Household, cedar: Household
) -> None:
    gone = ash.made.coordinator_id
    administrator.post(f"{ADMIN}/{gone}/remove", to=str(cedar.made.coordinator_id))
    choice = f'<option value="{gone}">Odette Farrow</option>'
    assert choice in administrator.see(f"{ADMIN}/log").replace(" selected", "")
    found = administrator.see(f"{ADMIN}/log?who={gone}")
    assert "Nothing was found." in found, "she did nothing yet"


def codes_in(module: Path) -> set[str]:
    """What this module writes down as done."""
    found: set[str] = set()
    for node in ast.walk(ast.parse(module.read_text(encoding="utf-8"))):
        if not isinstance(node, ast.Call):
            continue
        called = node.func.attr if isinstance(node.func, ast.Attribute) else ""
        called = node.func.id if isinstance(node.func, ast.Name) else called
        named = [one.value for one in node.keywords if one.arg == "action"]
        if called in NOTES or named:
            given = [*(node.args if called in NOTES else []), *named]
            texts = [one.value for one in given if isinstance(one, ast.Constant)]
            found |= {one for one in texts if isinstance(one, str) and one not in WHO}
    return found


NOTES = {"note", "_note", "_note_refusal", "_remember", "_with", "enter_alone"}
WHO = {"operator", "service", ""}
MADE_OF_TWO = {
    *("alert_needed_action", "alert_false_alarm"),
    *("invitation_by_text", "invitation_by_mail"),
}


@pytest.mark.parametrize("language", ["en", "cy", "ar"])
def test_each_thing_that_is_ever_done_has_a_sentence_in_every_language(language: str) -> None:
    sentences = Sentences(LIBRARY.wording, language)
    done = MADE_OF_TWO.union(*(codes_in(module) for module in (ROOT / "bot").rglob("*.py")))
    assert len(done) > 40
    plain = Sentences(LIBRARY.wording, "en")
    for code in done:
        assert "_" not in sentences.done(code), code
        assert sentences.done(code) != code.replace("_", " "), code
        assert language == "en" or sentences.done(code) != plain.done(code), code


def test_a_welsh_desk_reads_the_log_in_welsh(
    administrator: Browser, odette: Browser, ash: Household
) -> None:
    ash.sends("dawn", [words("worries", "heron-by-the-weir")])
    odette.see(f"{DESK}/summary/{ash.id_of('dawn')}")
    chosen = {"language": "cy", "back": f"{ADMIN}/log"}
    assert administrator.post(f"{DESK}/language", page=ADMIN, **chosen)[0] == 303
    page = administrator.see(f"{ADMIN}/log")
    assert ">Darllenwyd crynodeb</td>" in page
    [offered] = re.findall(r'<select[^>]*name="action".*?</select>', page, re.DOTALL)
    choices = re.findall(r'<option value="\w+"[^>]*>([^<]+)<', offered)
    assert choices == sorted(choices), "in the order in which they are looked for"
    for english in ("summary_read", "summary read", "A summary", "operator"):
        assert english not in re.sub(r'value="\w+"', "", page)


def test_a_name_that_a_spreadsheet_would_run_is_only_a_name(
    administrator: Browser, browser: Browsers
) -> None:
    page = invited(administrator, "=1+1", "sum@example.org")
    browser().post(link_on(page))
    file = administrator.get(f"{ADMIN}/log.csv")
    assert "'=1+1" in file.text
    assert "\n=1+1" not in file.text
    assert ",=1+1" not in file.text


def invited(administrator: Browser, name: str, email: str) -> str:
    status, page = administrator.post(
        f"{ADMIN}/invite", page=ADMIN, name=name, email=email, role="coordinator"
    )
    assert status == 200
    return page


def link_on(page: str) -> str:
    found = re.search(r"http://testserver(/coordinator/in/[\w-]+)", page)
    return found[1] if found else ""
