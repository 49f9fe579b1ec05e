"""A meeting of forty people costs as many queries as one of four: a page is not slower for it."""

from dataclasses import replace

import pytest

from bot.meetings import make_meeting, read_meeting_file
from bot.store.database import Database
from bot.store.sealing import KeyRing, ServiceKey
from tests.coordinator.browser import Browser
from tests.coordinator.household import NOW, PEOPLE, Household, to_the_meeting, words
from tests.papers.reading import read_pdf, text_in_docx
from tests.statements import statements


def a_family_of(count: int, database: Database, key: ServiceKey) -> Household:
    """One more of Odette's meetings. Half of them share something; one has been erased."""
    read = read_meeting_file((PEOPLE / "meeting-ash.yaml").read_text("utf-8"), "large.yaml")
    dawn = read.people[0]
    people = tuple(replace(dawn, id=f"p{n:02}", name=f"Person {n}") for n in range(count))
    made = database.run_now(
        lambda session: make_meeting(session, key, replace(read, people=people), NOW)
    )
    family = Household(database, key, made)
    for number in range(0, count, 2):
        family.sends(f"p{number:02}", [words("wants", f"wish {number}.", to_the_meeting())])
    gone = family.id_of("p01")
    database.run_now(lambda session: KeyRing(session, key).drop(gone))
    return family


@pytest.mark.both_databases
def test_what_is_printed_for_forty_people_is_read_at_once(
    odette: Browser, database: Database, service_key: ServiceKey
) -> None:
    asked: list[dict[str, int]] = []
    for count in (4, 44):
        family = a_family_of(count, database, service_key)
        meeting = f"/coordinator/meeting/{family.made.meeting_id}"
        token = odette.token_on("/coordinator/account")
        asked.append({})
        for page, form in (
            ("copy", None),
            ("copy.docx", None),
            ("letters.pdf", {"token": token}),
        ):
            with statements() as heard:
                answer = odette.ask("POST" if form else "GET", f"{meeting}/{page}", form)
            assert answer.status_code == 200, page
            asked[-1][page] = len(heard)
            if page == "copy":
                assert answer.text.count("wish ") == count // 2
            elif page == "copy.docx":
                assert text_in_docx(answer.content).count("wish ") == count // 2
            else:
                printed = read_pdf(answer.content)
                assert printed.text.count("Hello Person") == count // 2 - 1
    assert asked[0] == asked[1]
