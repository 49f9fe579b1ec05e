"""Papers that a coordinator takes away from the desk."""

from datetime import datetime, timedelta

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from bot.store.models import AuditEntry, Summary
from flows.answers import Answer, Part
from tests.coordinator.browser import Browser
from tests.coordinator.conftest import Hands
from tests.coordinator.household import NOW, Household, to_the_meeting, words
from tests.papers.reading import drawing, pictures_on, read_pdf, text_in_docx


def papers_of(household: Household) -> dict[str, str]:
    """By path, what the file may be called."""
    meeting, dawn = household.made.meeting_id, household.id_of("dawn")
    of_meeting = f"/coordinator/meeting/{meeting}"
    return {
        f"/coordinator/summary/{dawn}/pdf": f"summary-{dawn.hex[:8]}.pdf",
        f"/coordinator/summary/{dawn}/docx": f"summary-{dawn.hex[:8]}.docx",
        f"{of_meeting}/roundup.pdf": f"roundup-{meeting.hex[:8]}.pdf",
        f"{of_meeting}/roundup.docx": f"roundup-{meeting.hex[:8]}.docx",
        f"{of_meeting}/copy.pdf": f"copy-{meeting.hex[:8]}.pdf",
        f"{of_meeting}/copy.docx": f"copy-{meeting.hex[:8]}.docx",
        f"{of_meeting}/cards.pdf": f"cards-{meeting.hex[:8]}.pdf",
    }


def test_each_comes_as_a_file_without_a_name_that_nothing_keeps(
    odette: Browser, ash: Household
) -> None:
    ash.sends("dawn", [words("wants", "home at weekends", to_the_meeting())])
    for path, name in papers_of(ash).items():
        answer = odette.get(path)
        assert answer.status_code == 200, path
        assert answer.headers["content-disposition"] == f'attachment; filename="{name}"'
        assert answer.headers["cache-control"] == "no-store"
        assert answer.headers["x-content-type-options"] == "nosniff"
        if name.endswith("pdf"):
            assert answer.headers["content-type"] == "application/pdf"
            text = read_pdf(answer.content).text
        else:
            assert "wordprocessingml" in answer.headers["content-type"]
            text = text_in_docx(answer.content)
        assert ("home at weekends" in text) == ("roundup" not in name), path


@pytest.mark.parametrize("kind", ["pdf", "docx"])
def test_a_summary_taken_away_is_a_summary_read(
    kind: str, odette: Browser, ash: Household, hands: Hands
) -> None:
    ash.sends("dawn", [words("worries", "CANARY")])
    dawn = ash.id_of("dawn")
    odette.get(f"/coordinator/summary/{dawn}/{kind}")
    hands.now += timedelta(minutes=10)
    odette.get(f"/coordinator/summary/{dawn}/{kind}")

    def kept(session: Session) -> tuple[list[datetime | None], list[AuditEntry]]:
        read = select(AuditEntry).where(AuditEntry.action == "summary_read")
        first_read = session.scalars(select(Summary.first_read_at)).all()
        return list(first_read), list(session.scalars(read))

    first, entries = ash.database.run_now(kept)
    assert first == [NOW + timedelta(days=1)]
    assert [(one.actor, one.subject_id) for one in entries] == [
        (f"coordinator:{ash.made.coordinator_id}", dawn)
    ] * 2


def test_they_are_linked_where_they_are_looked_for(odette: Browser, ash: Household) -> None:
    ash.sends("dawn", [words("wants", "home at weekends", to_the_meeting())])
    meeting = f"/coordinator/meeting/{ash.made.meeting_id}"
    pages = "".join(
        odette.see(page)
        for page in (meeting, f"{meeting}/copy", f"/coordinator/summary/{ash.id_of('dawn')}")
    )
    for path in papers_of(ash):
        assert f'href="{path}"' in pages, path


def test_the_page_marks_what_is_new_since_it_was_read(odette: Browser, ash: Household) -> None:
    ash.sends("dawn", [words("worries", "the money")])
    page = f"/coordinator/summary/{ash.id_of('dawn')}"
    assert "tag-new" not in odette.see(page)
    later = NOW + timedelta(days=2)
    ash.sends("dawn", [words("worries", "the door"), words("wants", "home")], later)
    for seen in (odette.see(page), odette.see(page)):
        assert seen.count("tag-new") == 2
        assert "since the version that you read" in seen
    text = read_pdf(odette.get(f"{page}/pdf").content).text
    assert "Worries Changed the door" in text
    assert "What should happen New home" in text


def test_a_shared_drawing_comes_with_the_papers(odette: Browser, ash: Household) -> None:
    picture = ash.attaches("kit", "image/jpeg", drawing())
    part = Part(kind="picture", attachment=str(picture))
    ash.sends("kit", [Answer(step="going_well", parts=(part,), sharing=to_the_meeting())])
    of_meeting = f"/coordinator/meeting/{ash.made.meeting_id}"
    for path in (
        f"/coordinator/summary/{ash.id_of('kit')}/pdf",
        f"{of_meeting}/copy.pdf",
        f"{of_meeting}/cards.pdf",
    ):
        assert pictures_on(odette.get(path).content) == 1, path
    assert pictures_on(odette.get(f"{of_meeting}/roundup.pdf").content) == 0
