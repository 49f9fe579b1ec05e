"""P5: you come back on another day or another device. Skipping is never reported as refusing."""

import html
import re
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from uuid import UUID

import pytest
from babel.messages.pofile import read_po

from bot.summaries.chat import summary_in_chat
from flows.answers import Answer, Conversation, How
from flows.library import CONTENT
from flows.review import coordinators_copy
from flows.wording import locales_folder
from tests.journeys.script import PEOPLE, Script, people_of
from tests.journeys.test_families import ids, signed_in
from tests.service import Service, library
from tests.telegram import player
from tests.telegram.emulator import Emulator, MovableClock
from tests.web.visitor import Visitor

ROOT = Path(__file__).parent.parent.parent
ASH = PEOPLE / "meeting-ash.yaml"
DAWN, _CRAIG, KIT, _MARJORIE = people_of(ASH)
pytestmark = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)


@pytest.mark.asyncio
async def test_from_one_browser_by_the_short_code_to_another_on_another_day(
    service: Service, visitor: Callable[[], Visitor], clock: MovableClock
) -> None:
    made = service.meeting(ASH)
    school, home = visitor(), visitor()
    await school.come_in(made["people"][2]["web"])
    script = Script(KIT)
    await school.plays(script, until="wants")
    csrf = school.paper.fields["csrf"]
    answer = await school.client.post("/chat/code", data={"csrf": csrf})
    code = type(school.paper)(answer.text).code
    assert code
    clock.move(timedelta(days=9))
    assert (await school.opens("/chat")).headers["location"] == "/back", "it ended by itself"
    await home.opens("/back")
    came = await home.client.post("/back", data={**home.paper.fields, "code": code})
    assert came.status_code == 303
    await home.see_chat()
    assert home.paper.state == "wants", "where it was"
    await home.plays(script, until="review")
    for step in ("going_well", "worries", "wants"):
        for words in script.words(step):
            assert words in home.paper.told, step


@pytest.mark.asyncio
async def test_from_telegram_to_the_web_chat_and_back_with_every_answer(
    service: Service, telegram: Emulator, visitor: Callable[[], Visitor]
) -> None:
    made = service.meeting(ASH)
    script = Script(DAWN)
    dawn = telegram.person("Dawn")
    await player.come_in(dawn, made["people"][0]["telegram"]["start"])
    await player.play(dawn, script, until="child_needs")
    library_computer = visitor()
    await library_computer.come_in(made["people"][0]["web"])
    assert library_computer.paper.state == "child_needs"
    await library_computer.plays(script, until="can_offer")
    dawn.says("/start")
    await dawn.quiet()
    assert player.where(player.question(dawn))[0] == "can_offer"
    await player.play(dawn, script, until="sent")
    desk = await signed_in(service, made)
    page = await desk.get(f"/coordinator/summary/{ids(made, service)['dawn']}")
    await desk.aclose()
    said = [(step, words) for step in DAWN["says"] for words in script.words(step)]
    assert len(said) > 10
    for step, words in said:
        if script.done.get(step):
            assert words in html.unescape(page.text), step


# --- skipping is not refusing ---

REFUSING = {
    "en": r"refus|declin|unwilling|would not (say|answer)|did not (want|wish) to|no comment|uncoop",
    "cy": r"gwrthod|gwrthwyneb",
    "ar": r"رفض|يرفض|ترفض|امتنع",
}


def test_whoever_skipped_everything_has_not_refused_anything(database_url: str) -> None:
    """Left out of what is sent, and named among what is open; whatever way it was left."""
    for flow in ("parent", "family", "young_person", "child"):
        machine = library().newest(flow)
        steps = list(machine.flow.counted)
        hows = [How.SKIPPED, How.NOT_SURE, How.IN_PERSON]
        answers = {s: Answer(step=s, how=hows[n % 3]) for n, s in enumerate(steps)}
        conversation = Conversation(
            flow=flow,
            version=machine.flow.version,
            channel="web",
            language="en",
            state="review",
            answers=answers,
        )
        copy = coordinators_copy(machine, conversation)
        skipped = {s for s, one in answers.items() if one.how is How.SKIPPED}
        assert skipped <= set(copy.unanswered)
        assert not skipped & {item.step for item in copy.items}
        for language in library().wording.languages:
            wording = library().wording
            said = summary_in_chat(UUID(int=1), machine, copy, "Dawn", "x", language, wording)
            text = " ".join(p.text for p in said.paragraphs)
            assert not re.search(REFUSING.get(language, "refus"), text, re.IGNORECASE)


def test_no_word_for_refusing_is_in_any_text_that_anybody_reads(database_url: str) -> None:
    english = [path.read_text(encoding="utf-8") for path in CONTENT.glob("*.yaml")]
    said = [line.partition("#")[0] for text in english for line in text.splitlines()]
    said = [re.sub(r"^\s*\w+: ?", "", line) for line in said]
    for path in (ROOT / "bot").rglob("*.html"):
        said += re.findall(r'gettext\("([^"]*)"', path.read_text(encoding="utf-8"))
    assert len(said) > 800
    assert [one for one in said if re.search(REFUSING["en"], one, re.IGNORECASE)] == []
    for path in locales_folder().glob("*/LC_MESSAGES/*.po"):
        language = path.parent.parent.name
        with path.open("rb") as file:
            catalogue = read_po(file, locale=language)
        wrong = [
            message.string
            for message in catalogue
            if message.id
            and "say no" not in str(message.id)  # what one may do, not what one did
            and re.search(REFUSING.get(language, "refus"), str(message.string))
        ]
        assert wrong == [], language
