"""A participant's page: what stands where, and what is never there (EVIDENCE 7.7)."""

from datetime import timedelta

import pytest

from bot.store.database import Database
from bot.store.sealing import KeyRing, ServiceKey
from bot.summaries.compile import NotYours, Page, Sent, compile_page
from bot.summaries.entries import direction_of
from bot.summaries.roundup import Roundup, own_meetings, roundup
from flows.answers import Answer, How, Part, Sharing, Speaker
from flows.review import IN_PERSON_TASK
from flows.schema import Section
from tests.coordinator.household import (
    LIBRARY,
    NOW,
    Household,
    in_person,
    only_coordinator,
    people,
    picked,
    to_the_meeting,
    words,
)


@pytest.fixture
def ash(database: Database, service_key: ServiceKey) -> Household:
    return Household.of(database, service_key, "meeting-ash.yaml")


def page_of(household: Household, person: str, language: str = "en") -> Page:
    return household.database.run_now(
        lambda session: compile_page(
            session,
            KeyRing(session, household.service_key),
            LIBRARY,
            household.id_of(person),
            coordinator_id=household.made.coordinator_id,
            language=language,
        )
    )


def sent_by(household: Household, person: str) -> Sent:
    sent = page_of(household, person).sent
    assert sent is not None
    return sent


def roundup_of(household: Household) -> Roundup:
    return household.database.run_now(
        lambda session: roundup(
            session,
            KeyRing(session, household.service_key),
            LIBRARY,
            household.made.meeting_id,
            coordinator_id=household.made.coordinator_id,
            language="en",
        )
    )


def test_safety_comes_first_and_once(ash: Household) -> None:
    ash.sends(
        "dawn",
        [
            words("worries", "money", only_coordinator("Craig")),
            people("not_safe_with", "Craig, Kit's dad"),
            words("going_well", "pancakes", to_the_meeting()),
        ],
    )
    sent = sent_by(ash, "dawn")
    assert [one.step for one in sent.safety] == ["not_safe_with"]
    assert [(one.names, one.heading) for one in sent.not_to] == [(("Craig",), "Worries")]
    shown = [one.step for section in Section for one in sent.of(section)]
    assert sorted(shown) == ["going_well", "worries"]


def test_every_answer_stands_in_one_place(ash: Household) -> None:
    machine = LIBRARY.newest("young_person")
    everything = [
        Answer(step=step.id, parts=(Part(text=f"words of {step.id}"),))
        for step in machine.flow.steps
        if getattr(step, "heading", "")
    ]
    ash.sends("kit", everything)
    sent = sent_by(ash, "kit")
    places = [*sent.safety, *sent.others, *(one for s in Section for one in sent.of(s))]
    assert sorted(one.step for one in places) == sorted(one.step for one in everything)
    assert all(one.locked for one in sent.of(Section.MUST_NOT_BE_SAID))


def test_skipped_is_not_answered_and_in_person_is_said_so(ash: Household) -> None:
    ash.sends(
        "dawn",
        [
            words("going_well", "pancakes"),
            Answer(step="worries", how=How.SKIPPED),
            in_person("wants"),
            Answer(step="scale", how=How.NOT_SURE),
        ],
    )
    sent = sent_by(ash, "dawn")
    assert "Worries" in sent.unanswered
    said = [one.sentence for one in sent.to_do if one.step == IN_PERSON_TASK]
    assert said == ["Would rather say it to a person: What should happen"]
    assert "What should happen" not in sent.unanswered
    assert [one.how for one in sent.of(Section.SCALES)] == [How.NOT_SURE]


def test_a_scale_brings_its_own_anchor_words(ash: Household) -> None:
    ash.sends("dawn", [Answer(step="scale", chosen=("6",), parts=(Part(text="mornings work"),))])
    (one,) = sent_by(ash, "dawn").of(Section.SCALES)
    assert one.labels == ("6",)
    assert one.anchors is not None
    assert one.pieces[0].text == "mornings work"


def test_before_sending_nothing_is_there_but_that_they_started(ash: Household) -> None:
    ash.starts("craig", [words("worries", "CANARY", to_the_meeting())])
    page = page_of(ash, "craig")
    assert page.sent is None
    assert (page.status, page.started_at) == ("started", NOW)
    assert "CANARY" not in repr(page)
    assert "CANARY" not in repr(roundup_of(ash))


def test_tasks_follow_what_was_sent_and_not_what_was_typed_before(ash: Household) -> None:
    """The row of a task stays when an answer changes before sending; the page must not tell."""
    ash.starts("dawn", [picked("told_purpose", "no")])
    ash.sends("dawn", [picked("told_purpose", "yes")])
    assert sent_by(ash, "dawn").to_do == ()
    ash.sends("dawn", [picked("told_purpose", "no")], NOW + timedelta(hours=2))
    assert [one.step for one in sent_by(ash, "dawn").to_do] == ["told_purpose"]
    assert sent_by(ash, "dawn").version == 2


def test_a_locked_answer_is_never_shown_as_shared(ash: Household) -> None:
    wide = Sharing(hears="meeting", says=Speaker.ME, chosen=True)
    slipped = people("not_safe_with", "Craig").model_copy(update={"sharing": wide})
    ash.sends("dawn", [slipped])
    assert [one.says for one in sent_by(ash, "dawn").safety] == [None]


def test_the_roundup_says_who_is_where(ash: Household) -> None:
    ash.sends("dawn", [words("going_well", "pancakes")])
    ash.starts("craig", [])
    found = roundup_of(ash)
    assert {one.name: one.status for one in found.people} == {
        "Dawn O'Shea": "sent",
        "Craig Dunmore": "started",
        "Kit": "invited",
        "Marjorie Pell": "invited",
    }
    assert (found.counted("sent"), found.counted("started")) == (1, 1)


def test_someone_who_was_erased_is_nobody(ash: Household) -> None:
    ash.sends("dawn", [words("worries", "CANARY")])
    ash.database.run_now(lambda session: KeyRing(session, ash.service_key).drop(ash.id_of("dawn")))
    with pytest.raises(NotYours):
        page_of(ash, "dawn")
    dawn = next(one for one in roundup_of(ash).people if one.participant_id == ash.id_of("dawn"))
    assert (dawn.status, dawn.name, dawn.relation) == ("erased", "", "")


def test_meetings_come_by_date_and_only_ones_own(
    database: Database, service_key: ServiceKey, ash: Household
) -> None:
    cedar = Household.of(database, service_key, "meeting-cedar.yaml")

    def titles(household: Household) -> list[str]:
        mine = database.run_now(
            lambda session: own_meetings(
                session,
                KeyRing(session, service_key),
                LIBRARY,
                coordinator_id=household.made.coordinator_id,
                language="en",
                only=[ash.made.meeting_id, cedar.made.meeting_id],
            )
        )
        return [one.title for one in mine]

    assert titles(ash) == ["Meeting for Kit"]
    assert titles(cedar) == ["The Rahmans' and Popescus' day"]


@pytest.mark.parametrize(
    ("text", "language", "way"),
    [
        ("pancakes", "en", "ltr"),
        ("لا أحد", "ar", "rtl"),
        ("07700 900142 رقم هاتفي", "ar", "rtl"),
        ("in English, from someone who reads Arabic", "ar", "ltr"),
        ("سلام in an English chat? جی ہاں بالکل ٹھیک ہے میں آ رہا ہوں", "en", "rtl"),
        ("🥞", "ar", "rtl"),
        ("7", "en", "ltr"),
        ("", "ur", "rtl"),
    ],
)
def test_words_run_as_they_were_written(text: str, language: str, way: str) -> None:
    assert direction_of(text, language) == way
