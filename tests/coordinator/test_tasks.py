"""What an answer asks the coordinator to do: as a task, with what it is, and again when the answer
is another."""

from html import unescape

import pytest

from bot.store.database import Database
from bot.store.sealing import ServiceKey
from flows.answers import Answer, Part
from tests.coordinator.browser import Browser
from tests.coordinator.household import Household, in_person, picked, words
from tests.promises.ash import Ash, ash_family
from tests.web.visitor import Visitor

ASKED = "Has asked something. Please answer before the day."


def test_what_is_needed_is_said_in_the_desks_words_and_none_of_theirs(
    odette: Browser, ash: Household
) -> None:
    ash.sends(
        "craig",
        [
            Answer(
                step="practical",
                chosen=("language", "food"),
                parts=(Part(text="CANARY halal if they can"),),
            ),
            words("questions", "CANARY will there be food?"),
            words("report_wrong_or_missing", "CANARY the dates"),
            in_person("worries"),
            in_person("wants"),
        ],
    )
    for page in ("/coordinator", f"/coordinator/meeting/{ash.made.meeting_id}"):
        shown = unescape(odette.see(page))
        needs = "Someone to put it into my language · Food and drink"
        assert f"Please arrange for the day: {needs}" in shown
        assert ASKED in shown
        assert "Says what is wrong or left out in the report." in shown
        assert "Would rather say it to a person: Worries · What should happen" in shown
        assert "CANARY" not in shown


def test_a_question_left_at_not_sure_and_one_skipped_ask_for_nothing(
    odette: Browser, ash: Household
) -> None:
    ash.sends("craig", [picked("practical"), words("going_well", "football")])
    shown = odette.see("/coordinator")
    assert "Please arrange" not in shown
    assert ASKED not in shown


@pytest.mark.parametrize("task", ["questions", "practical", "~in_person"])
def test_each_is_ticked_off(odette: Browser, ash: Household, task: str) -> None:
    ash.sends("craig", [words("questions", "?"), picked("practical", "food"), in_person("wants")])
    done = f"/coordinator/task/{ash.id_of('craig')}/{task}/done"
    assert done in odette.see("/coordinator")
    assert odette.post(done, page="/coordinator", back="today") == (303, "/coordinator")
    assert done not in odette.see("/coordinator")


def test_on_the_page_where_it_is_read_it_is_ticked_off_too(odette: Browser, ash: Household) -> None:
    ash.sends("craig", [words("questions", "will there be food?")])
    page = f"/coordinator/summary/{ash.id_of('craig')}"
    done = f"/coordinator/task/{ash.id_of('craig')}/questions/done"
    assert f'action="{done}"' in odette.see(page)
    assert odette.post(done, page=page, back="summary") == (303, f"{page}#before")
    shown = odette.see(page)
    assert f'action="{done}"' not in shown
    assert "Done Tuesday 24 November 2026" in shown


async def opens(ash: Ash, desk: Visitor, path: str = "/coordinator") -> str:
    await desk.opens(path)
    return unescape(desk.paper.text)


async def writes_again(kit: Visitor, question: str) -> None:
    await kit.does(command="review")
    await kit.taps("questions")
    await kit.taps("change")
    await kit.says(question)
    while kit.paper.state != "sent":
        ways = ("coordinator", "each", "look", "send")
        await kit.taps(next(way for way in ways if way in kit.paper.choices))


@pytest.mark.asyncio
@pytest.mark.both_databases
async def test_another_question_opens_the_task_again(
    database: Database, service_key: ServiceKey
) -> None:
    async with ash_family(database, service_key) as ash:
        desk, kit = await ash.odette(), await ash.on_the_web("kit", until="questions")
        await kit.says("will there be food?")
        await ash.sends(kit)
        assert ASKED in await opens(ash, desk)
        done = f"/coordinator/task/{ash.id_of('kit')}/questions/done"
        await desk.client.post(done, data={**desk.paper.fields, "back": "today"})
        assert ASKED not in await opens(ash, desk)
        await writes_again(kit, "and who is coming?")
        assert ASKED in await opens(ash, desk)
