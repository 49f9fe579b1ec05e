"""What a coordinator sees at the desk, and what nobody sees there."""

import re
from collections.abc import Callable
from datetime import timedelta
from html.parser import HTMLParser
from uuid import uuid4

import pytest
from sqlalchemy import select
from starlette.applications import Starlette
from starlette.routing import Route

from bot.coordinator.guard import Guarded, Role
from bot.coordinator.routes import ADDRESSES
from bot.store.database import Database
from bot.store.models import Alert, AuditEntry, Summary, Task
from flows.answers import Answer, Part, Speaker
from tests.coordinator.browser import Browser
from tests.coordinator.conftest import Hands
from tests.coordinator.household import (
    NOW,
    Household,
    in_person,
    only_coordinator,
    picked,
    to_the_meeting,
    words,
)

Browsers = Callable[[], Browser]


# --- who may open what --------------------------------------------------------------------


def test_every_address_says_who_may_open_it(site: Starlette) -> None:
    routes = [route for route in site.routes if isinstance(route, Route)]
    assert len(routes) == len(site.routes)
    open_to_all = set()
    for route in routes:
        if route.path == "/coordinator/static/{name}":
            continue
        guarded = getattr(route.endpoint, "__self__", None)
        assert isinstance(guarded, Guarded), route.path
        if guarded.address.role is Role.ANYONE:
            open_to_all.add(guarded.address.path)
    assert open_to_all == {"/in/{token}", "/sign-in", "/language"}


def test_without_signing_in_every_other_address_leads_to_sign_in(
    browser: Browsers, ash: Household
) -> None:
    ash.sends("dawn", [words("worries", "CANARY")])
    for address in ADDRESSES:
        if address.role is Role.ANYONE:
            continue
        path = _filled(address.path, ash)
        for method in address.methods:
            answer = browser().ask(method, path, form={} if method == "POST" else None)
            assert answer.status_code == 303, path
            assert answer.headers["location"].startswith("/coordinator/sign-in")
            assert "CANARY" not in answer.text
    assert browser().get("/coordinator/anything/else").status_code == 303


@pytest.mark.both_databases
def test_a_coordinator_finds_only_their_own(
    odette: Browser, priya: Browser, ash: Household, cedar: Household
) -> None:
    for household, person in ((ash, "dawn"), (cedar, "elena")):
        household.sends(person, [words("worries", f"CANARY-{person}")])
    picture = ash.attaches("dawn", "image/jpeg", b"CANARY-picture")
    ash.sends(
        "dawn",
        [Answer(step="worries", parts=(Part(kind="picture", attachment=str(picture)),))],
    )
    alert = ash.alerts("dawn")

    nothing = priya.get(f"/coordinator/summary/{uuid4()}")
    assert nothing.status_code == 404
    theirs = [
        f"/coordinator/meeting/{ash.made.meeting_id}",
        f"/coordinator/meeting/{ash.made.meeting_id}/copy",
        f"/coordinator/summary/{ash.id_of('dawn')}",
        f"/coordinator/summary/{ash.id_of('marjorie')}",
        f"/coordinator/attachment/{picture}",
        "/coordinator/summary/not-an-id",
        "/coordinator/nowhere",
    ]
    for path in theirs:
        answer = priya.get(path)
        assert (answer.status_code, answer.text) == (404, nothing.text), path
    for path in (
        f"/coordinator/alert/{alert}/acknowledge",
        f"/coordinator/task/{ash.id_of('dawn')}/told_purpose/done",
    ):
        assert priya.post(path, page="/coordinator") == (404, nothing.text)
    assert odette.status(f"/coordinator/attachment/{picture}") == 200
    assert "Meeting for Kit" not in priya.see("/coordinator")
    assert "Rahman" not in odette.see("/coordinator")


# --- drafts -------------------------------------------------------------------------------


def test_no_page_shows_a_draft(odette: Browser, ash: Household) -> None:
    """Promise P3: only that they have started, and when."""
    drafts = [
        words("worries", "CANARY-worry", to_the_meeting()),
        words("must_be_said", "CANARY-must", to_the_meeting(Speaker.READ_OUT_EXACTLY)),
        words("going_well", "CANARY-well", only_coordinator("CANARY-name")),
        picked("told_purpose", "no"),
        in_person("wants"),
    ]
    picture = ash.attaches("craig", "image/jpeg", b"CANARY-picture")
    drafts.append(
        Answer(
            step="child_needs",
            parts=(Part(kind="picture", attachment=str(picture), text="CANARY-caption"),),
        )
    )
    ash.starts("craig", drafts)
    ash.sends("dawn", [words("going_well", "sent and seen")])
    ash.starts("dawn", [words("going_well", "CANARY-changed since"), *drafts[:2]])

    for path in _every_page(ash):
        assert "CANARY" not in odette.see(path), path
    assert odette.status(f"/coordinator/attachment/{picture}") == 404
    craig = odette.see(f"/coordinator/summary/{ash.id_of('craig')}")
    assert "They started Monday 23 November 2026, 09:00 and have sent nothing yet." in craig
    assert "explain it before the day" not in craig  # a task would tell what a draft says
    meeting = odette.see(f"/coordinator/meeting/{ash.made.meeting_id}")
    assert "explain it before the day" not in meeting
    assert "sent and seen" in odette.see(f"/coordinator/summary/{ash.id_of('dawn')}")


def test_an_alert_shows_before_anything_is_sent_and_holds_no_words(
    odette: Browser, ash: Household, database: Database
) -> None:
    ash.starts("kit", [words("worries", "CANARY")])
    alert = ash.alerts("kit", "suicide")
    page = odette.see(f"/coordinator/summary/{ash.id_of('kit')}")
    assert "Words that may be about suicide" in page
    assert "CANARY" not in page
    assert "1 alert is open" in odette.see("/coordinator")

    here = f"/coordinator/meeting/{ash.made.meeting_id}"
    for _ in range(2):
        assert odette.post(f"/coordinator/alert/{alert}/acknowledge", page=here) == (303, here)
    row, notes = database.run_now(
        lambda session: (
            session.get_one(Alert, alert),
            session.scalars(
                select(AuditEntry).where(AuditEntry.action == "alert_acknowledged")
            ).all(),
        )
    )
    assert row.acknowledged_at is not None
    assert len(notes) == 1
    assert "alert is open" not in odette.see("/coordinator")


# --- reading ------------------------------------------------------------------------------


@pytest.mark.both_databases
def test_reading_is_written_down_and_looking_ahead_is_not(
    odette: Browser, ash: Household, database: Database, hands: Hands
) -> None:
    ash.sends("dawn", [words("worries", "money")])
    path = f"/coordinator/summary/{ash.id_of('dawn')}"

    def read_at() -> object:
        return database.run_now(lambda session: session.scalar(select(Summary.first_read_at)))

    odette.see("/coordinator")
    odette.see(f"/coordinator/meeting/{ash.made.meeting_id}")
    assert odette.ask("HEAD", path).status_code == 405
    assert odette.get(path, **{"Sec-Purpose": "prefetch;prerender"}).status_code == 503
    assert read_at() is None

    first = hands.now
    odette.see(path)
    hands.now += timedelta(minutes=40)
    odette.see(path)
    assert read_at() == first
    entries = database.run_now(
        lambda session: session.scalars(
            select(AuditEntry).where(AuditEntry.action == "summary_read")
        ).all()
    )
    assert {entry.subject_id for entry in entries} == {ash.id_of("dawn")}
    assert {entry.actor for entry in entries} == {f"coordinator:{ash.made.coordinator_id}"}
    assert len(entries) == 2


def test_what_people_wrote_is_shown_letter_for_letter(odette: Browser, ash: Household) -> None:
    nasty = {
        "worries": "<b>bold</b> & <script>alert('x')</script> Marks & Spencer",
        "going_well": "  two  spaces\n\nand an empty line 🥞👨‍👩‍👧‍👦 {{ 7*7 }} %(name)s",
        "wants": "Ł ʹ\u200f שלום \u202eabc\u202c é é",
        "must_be_said": "' OR 1=1; -- \" ` \\ &amp; &lt;",
    }
    arabic = "لا أستطيع يوم الجمعة، رقمي 07700 900142 في Marrow Lane."
    ash.sends(
        "dawn",
        [
            *(words(step, text, to_the_meeting()) for step, text in nasty.items()),
            words("practical", arabic, language="ar"),
        ],
    )
    quotes = Quotes.on(odette.see(f"/coordinator/summary/{ash.id_of('dawn')}"))
    assert {text for text, _, _ in quotes} == {*nasty.values(), arabic}
    assert (arabic, "ar", "rtl") in quotes
    assert (nasty["worries"], "en", "ltr") in quotes
    shared = Quotes.on(odette.see(f"/coordinator/meeting/{ash.made.meeting_id}/copy"))
    assert {text for text, _, _ in shared} == set(nasty.values())


def test_a_name_is_shown_as_it_is(odette: Browser, ash: Household) -> None:
    assert "Dawn O&#39;Shea" in odette.see(f"/coordinator/meeting/{ash.made.meeting_id}")


def test_what_was_taken_back_is_gone_and_says_when(odette: Browser, ash: Household) -> None:
    ash.sends("kit", [words("worries", "CANARY", to_the_meeting()), words("wants", "one brush")])
    ash.takes_back("kit", "worries", NOW + timedelta(hours=5))
    page = odette.see(f"/coordinator/summary/{ash.id_of('kit')}")
    assert "Taken back on Monday 23 November 2026, 14:00." in page
    assert "Worries, and what is hard" in page
    for path in _every_page(ash):
        assert "CANARY" not in odette.see(path)


def test_what_did_not_arrive_is_said_loudly(odette: Browser, ash: Household) -> None:
    ash.fails_to_deliver("dawn", "alert")
    ash.fails_to_deliver("craig", "reminder", "blocked")
    today = odette.see("/coordinator")
    assert "An alert did not arrive." in today
    assert "The chat is blocked or gone." in today
    meeting = odette.see(f"/coordinator/meeting/{ash.made.meeting_id}")
    assert "An alert did not arrive." in meeting
    assert "The chat is blocked or gone." in meeting


def test_a_task_is_done_once(odette: Browser, ash: Household, database: Database) -> None:
    ash.sends("dawn", [picked("told_purpose", "no")])
    here = f"/coordinator/meeting/{ash.made.meeting_id}"
    assert "explain it before the day" in odette.see(here)
    done = f"/coordinator/task/{ash.id_of('dawn')}/told_purpose/done"
    for _ in range(2):
        assert odette.post(done, page=here) == (303, here)
    assert "Done Tuesday 24 November 2026" in odette.see(here)
    tasks = database.run_now(lambda session: session.scalars(select(Task)).all())
    assert [task.step for task in tasks if task.done_at] == ["told_purpose"]


# --- attachments --------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("stored", "served", "how"),
    [
        ("image/jpeg", "image/jpeg", "inline"),
        ("audio/ogg; codecs=opus", "audio/ogg", "inline"),
        ("application/pdf", "application/pdf", "attachment"),
        ("text/plain", "text/plain; charset=utf-8", "attachment"),
        ("text/html", "application/octet-stream", "attachment"),
        ("image/svg+xml", "application/octet-stream", "attachment"),
    ],
)
def test_an_attachment_cannot_do_anything(
    odette: Browser, ash: Household, stored: str, served: str, how: str
) -> None:
    content = b"<script>alert(1)</script>"
    row = ash.attaches("kit", stored, content)
    ash.sends("kit", [Answer(step="worries", parts=(Part(kind="picture", attachment=str(row)),))])
    answer = odette.get(f"/coordinator/attachment/{row}")
    assert answer.content == content
    assert answer.headers["content-type"] == served
    assert answer.headers["content-disposition"].startswith(f"{how}; ")
    assert answer.headers["x-content-type-options"] == "nosniff"
    ash.takes_back("kit", "worries", NOW)
    assert odette.status(f"/coordinator/attachment/{row}") == 404


def test_nothing_is_kept_by_a_browser_or_a_proxy(odette: Browser, ash: Household) -> None:
    for path in (*_every_page(ash), "/coordinator/sign-in", "/coordinator/nowhere"):
        assert odette.get(path).headers.get("cache-control", "no-store") == "no-store"


def test_no_page_needs_anything_from_elsewhere_or_inline(odette: Browser, ash: Household) -> None:
    ash.sends("dawn", [words("worries", "money")])
    for path in _every_page(ash):
        page = odette.see(path)
        scripts = re.findall(r"<script([^>]*)>([^<]*)</script>", page)
        assert all(re.match(r' src="/coordinator/static/', how) for how, _ in scripts), path
        assert not any(inline for _, inline in scripts), path
        assert page.count("<script") == len(scripts), path
        assert "<style" not in page
        assert " style=" not in page
        assert "http" not in page.replace("http-equiv", "")


# --- helpers ------------------------------------------------------------------------------


class Quotes(HTMLParser):
    """The blockquotes of a page, as a browser would show them."""

    def __init__(self) -> None:
        super().__init__()
        self.found: list[tuple[str, str, str]] = []
        self._open: dict[str, str | None] | None = None
        self._text = ""

    @classmethod
    def on(cls, page: str) -> set[tuple[str, str, str]]:
        parser = cls()
        parser.feed(page)
        return set(parser.found)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        assert tag not in ("script", "b"), "a person's words became markup"
        if tag == "blockquote":
            self._open, self._text = dict(attrs), ""

    def handle_data(self, data: str) -> None:
        self._text += data

    def handle_endtag(self, tag: str) -> None:
        if tag == "blockquote" and self._open is not None:
            language, way = self._open.get("lang") or "", self._open.get("dir") or ""
            self.found.append((self._text, language, way))
            self._open = None


def _every_page(household: Household) -> list[str]:
    return [
        "/coordinator",
        "/coordinator/meetings",
        f"/coordinator/meeting/{household.made.meeting_id}",
        f"/coordinator/meeting/{household.made.meeting_id}/copy",
        *(f"/coordinator/summary/{person.participant_id}" for person in household.made.people),
    ]


def _filled(path: str, household: Household) -> str:
    return "/coordinator" + path.format(
        token="x",  # noqa: S106
        meeting_id=household.made.meeting_id,
        participant_id=household.id_of("dawn"),
        attachment_id=uuid4(),
        alert_id=uuid4(),
        step="worries",
        coordinator_id=household.made.coordinator_id,
    )
