"""What the made-up people of tests/people say, as answers; and their papers."""

from functools import cache
from typing import Any

import yaml

from bot.store.sealing import KeyRing
from bot.summaries.compile import Page, compile_page
from bot.summaries.documents.handout import Occasion, copy_cards, copy_sheet
from bot.summaries.documents.structure import Document
from bot.summaries.documents.summary import summary_paper
from bot.summaries.documents.whole_family import roundup_paper
from bot.summaries.handing_round import gather, occasion
from bot.summaries.meeting_copy import CopyForTheMeeting
from bot.summaries.roundup import roundup
from bot.summaries.sentences import Sentences
from flows.answers import Answer, How, Part, Sharing, Speaker
from flows.library import flow_for
from flows.schema import Ask
from tests.coordinator.household import LIBRARY, NOW, PEOPLE, Household


@cache
def in_file(file: str) -> dict[str, dict[str, Any]]:
    text = (PEOPLE / file).read_text(encoding="utf-8")
    read = yaml.load(text, Loader=yaml.BaseLoader)  # noqa: S506 - it makes strings, and no objects
    return {person["id"]: {"not_to": {}, "who_says_it": {}, **person} for person in read["people"]}


def answers_of(file: str, person: str) -> list[Answer]:
    """Whatever of it their flow asks for."""
    told = in_file(file)[person]
    machine = LIBRARY.newest(flow_for(told["role"], told["age_band"]))
    given = []
    for step in (s for s in machine.flow.steps if isinstance(s, Ask) and s.heading):
        says = told["says"].get(step.id)
        if step.id == "scale_why" and "scale" in told["says"]:
            says = told["says"]["scale"]["why"]
        if says is not None:
            given.append(_answer(step, says, told))
    return given


def everybody_sends(household: Household, file: str) -> None:
    for person in in_file(file):
        household.sends(person, answers_of(file, person))


def _answer(step: Ask, says: Any, told: dict[str, Any]) -> Answer:
    parts: tuple[Part, ...] = ()
    chosen: tuple[str, ...] = ()
    how = How.ANSWERED
    options = [option.id for option in getattr(step.answer, "options", ())]
    if isinstance(says, list):
        named = [", ".join(filter(None, map(one.get, ("name", "relation", "why")))) for one in says]
        parts = tuple(Part(kind="person", text=name) for name in named)
    elif isinstance(says, dict):
        chosen = (says["value"],) if "value" in says else ()
        parts = () if chosen else (Part(text=says["words"]),)
    elif says == "not_sure":
        how = How.NOT_SURE
    elif says in options:
        chosen = (says,)
    elif says == "none":
        chosen = ("nobody",)
    else:
        parts = (Part(text=says),)
    return Answer(
        step=step.id,
        how=how,
        chosen=chosen,
        parts=parts,
        sharing=_sharing(step.id, told),
        language=told["language"],
    )


def _sharing(step: str, told: dict[str, Any]) -> Sharing:
    says = told["says"].get(step)
    own = says.get("not_to", ()) if isinstance(says, dict) else ()
    not_to = tuple(told["not_to"].get(step, own))
    if told["sharing"].get(step) != "meeting":
        return Sharing(not_to=not_to, chosen=True)
    says = Speaker(told["who_says_it"].get(step, "me"))
    return Sharing(hears="meeting", says=says, not_to=not_to, chosen=True)


def page_for(household: Household, person: str, language: str) -> Page:
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


def summary_of(household: Household, person: str, language: str = "en") -> Document:
    page = page_for(household, person, language)
    return summary_paper(page, Sentences(LIBRARY.wording, language), NOW)


def roundup_of(household: Household, language: str = "en") -> Document:
    found = household.database.run_now(
        lambda session: roundup(
            session,
            KeyRing(session, household.service_key),
            LIBRARY,
            household.made.meeting_id,
            coordinator_id=household.made.coordinator_id,
            language=language,
        )
    )
    return roundup_paper(found, Sentences(LIBRARY.wording, language), NOW)


def handed_round(household: Household, language: str = "en") -> tuple[CopyForTheMeeting, Occasion]:
    whose = household.made.coordinator_id
    sentences = Sentences(LIBRARY.wording, language)
    return household.database.run_now(
        lambda session: (
            gather(
                session,
                KeyRing(session, household.service_key),
                LIBRARY,
                household.made.meeting_id,
                coordinator_id=whose,
                language=language,
            ),
            occasion(
                session,
                KeyRing(session, household.service_key),
                household.made.meeting_id,
                sentences,
                coordinator_id=whose,
                now=NOW,
            ),
        )
    )


def sheet_of(household: Household, language: str = "en") -> Document:
    return copy_sheet(*handed_round(household, language), Sentences(LIBRARY.wording, language))


def cards_of(household: Household, language: str = "en") -> Document:
    return copy_cards(*handed_round(household, language), Sentences(LIBRARY.wording, language))
