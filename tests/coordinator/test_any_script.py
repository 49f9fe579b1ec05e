"""Whatever script people write in: it fits, it is kept letter for letter, and what cannot be used
is said to whoever wrote it."""

from html import unescape

import pytest

from bot.human_answers import LONGEST as LONGEST_ANSWER
from bot.meetings.about import LONGEST
from tests.coordinator.browser import Browser
from tests.coordinator.household import Household, picked

FAMILY = "👨‍👩‍👧 Meeting for Kit"
PERSIAN = "خانهٔ علی‌پور"
SINHALA = "ශ්‍රී ලංකා"


def about_page(ash: Household) -> str:
    return f"/coordinator/meeting/{ash.made.meeting_id}/about"


def about_form(**other: str) -> dict[str, str]:
    return {"title": "Meeting for Kit", "kind": "family_group_conference", "place": "", **other}


@pytest.mark.parametrize("letter", ["ع", "ক", "𐐷"])
def test_about_the_meeting_may_be_as_long_in_any_letters(
    odette: Browser, ash: Household, letter: str
) -> None:
    whole = {name: letter * most for name, most in LONGEST.items()}
    form = about_form(title=letter * 200, place=letter * 300, **whole)
    assert odette.post(about_page(ash), **form)[0] == 303
    shown = odette.see(about_page(ash))
    for text in whole.values():
        assert text in shown


def test_an_answer_that_is_too_long_is_said_to_be_and_stays_in_the_box(
    odette: Browser, ash: Household
) -> None:
    ash.starts("dawn", [])
    page = f"/coordinator/summary/{ash.id_of('dawn')}"
    long = "আমি " * LONGEST_ANSWER
    status, shown = odette.post(f"{page}/answer", page, answer=long, key="once")
    assert (status, "1000 letters" in shown, long.strip() in shown) == (400, True, True)


def test_what_no_form_holds_is_said_to_be_too_long_and_changes_nothing(
    odette: Browser, ash: Household
) -> None:
    status, shown = odette.post(about_page(ash), **about_form(fixed="x" * 300_000))
    assert (status, "This is too long" in shown) == (413, True)
    assert "did not come from here" not in shown


@pytest.mark.parametrize("text", [FAMILY, PERSIAN, SINHALA])
def test_a_title_and_a_place_are_kept_letter_for_letter(
    odette: Browser, ash: Household, text: str
) -> None:
    assert odette.post(about_page(ash), **about_form(title=text, place=text))[0] == 303
    assert odette.see(f"/coordinator/meeting/{ash.made.meeting_id}").count(text) >= 2


def test_a_tab_from_a_spreadsheet_becomes_a_space(odette: Browser, ash: Household) -> None:
    pasted = "Sam Reed\tschool nurse\r\nJo Bright\thousing"
    assert odette.post(about_page(ash), **about_form(professionals=pasted))[0] == 303
    assert "Sam Reed school nurse\nJo Bright housing" in odette.see(about_page(ash))
    ash.starts("dawn", [])
    page = f"/coordinator/summary/{ash.id_of('dawn')}"
    assert odette.post(f"{page}/answer", page, answer="One\ttwo", key="once")[0] == 303
    assert "One two" in odette.see(page)


def test_a_task_keeps_who_sees_to_it_until_it_has_somebody_else(
    odette: Browser, ash: Household
) -> None:
    ash.sends("dawn", [picked("seen_worries", "no")])
    meeting = f"/coordinator/meeting/{ash.made.meeting_id}"
    given = f"/coordinator/task/{ash.id_of('dawn')}/seen_worries/given"
    assert odette.post(given, meeting, owner="علی‌پور")[0] == 303
    assert 'value="علی‌پور"' in odette.see(meeting)
    for turned in ("Sam \u202edeeR", "x" * 81, "\u200b"):
        status, shown = odette.post(given, meeting, owner=turned)
        assert (status, "in at most 80 letters" in shown) == (400, True)
        assert f'value="{turned}"' in shown, "what was typed stays"
        assert 'value="علی‌پور"' in odette.see(meeting)
    assert odette.post(given, meeting, owner=" ")[0] == 303
    assert "علی‌پور" not in odette.see(meeting), "nobody else any more"


@pytest.mark.parametrize("name", ["Theo \u202enosliW", "\u200b\u200b", "x" * 81, "Theo \x07"])
def test_a_name_at_the_desk_can_be_seen_and_read(administrator: Browser, name: str) -> None:
    admin = "/coordinator/administration"
    form = {"name": name, "email": "theo@example.org", "role": "coordinator"}
    status, page = administrator.post(f"{admin}/invite", admin, **form)
    assert (status, 'href="#name"' in unescape(page)) == (400, True)
    assert "theo@example.org" not in administrator.see(admin)


def test_a_name_that_was_pasted_over_two_lines_is_one(administrator: Browser) -> None:
    admin = "/coordinator/administration"
    form = {"name": "Theo\nWilson", "email": "theo@example.org", "role": "coordinator"}
    assert administrator.post(f"{admin}/invite", admin, **form)[0] == 200
    assert "Theo Wilson" in administrator.see(admin)


def test_what_to_take_care_of_is_written_in_persian_too(odette: Browser, ash: Household) -> None:
    dawn = f"/coordinator/person/{ash.id_of('dawn')}"
    assert odette.post(dawn, care="بعد از شش نمی‌شود")[0] == 303
    assert "نمی‌شود" in odette.see(dawn)
