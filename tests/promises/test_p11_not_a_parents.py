"""P11: a young person's answers are not a parent's to see. We never infer age, never profile, never
score or compare people, and never push them."""

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.async_api import Page
from pydantic import BaseModel

from bot.store.columns import Base
from flows import answers, exchange, review, schema
from flows.conversation import where_we_are
from flows.exchange import Look
from flows.library import CONTENT, read_yaml
from flows.schema import Ask
from tests.journeys.script import PEOPLE
from tests.promises.test_p05_always_a_way import AROUND
from tests.promises.test_p13_own_language import standing
from tests.service import Service, library
from tests.web import phone

ROOT = Path(__file__).parent.parent.parent
FLOWS = ("parent", "family", "young_person", "child")

JUDGING = re.compile(
    r"age_(guess|infer|estim)|(infer|guess|estim|predict)\w*_?age|scor(e|ing)|rank|rating|grade|"
    r"percent|risk|sentiment|emotion|mood|persona|profil|segment|engage|streak|badge|points|"
    r"compar|benchmark|leader|honest|truthful|credib|reliab|complian|cooperat|refus|motivat|"
    r"time_spent|dwell|typing_speed|respon\w*_time|device|fingerprint|location|ip_address|birth"
)


def fields() -> Iterator[str]:
    """The name of everything that is kept or handed on about somebody."""
    for table in Base.metadata.tables.values():
        yield table.name
        yield from (f"{table.name}.{column.name}" for column in table.columns)
    for module in (answers, exchange, review, schema):
        for model in vars(module).values():
            if isinstance(model, type) and issubclass(model, BaseModel):
                yield from (f"{model.__name__}.{name}" for name in model.model_fields)


def test_nothing_that_is_kept_judges_a_person() -> None:
    names = list(fields())
    assert len(names) > 150
    assert [name for name in names if JUDGING.search(name.partition(".")[2] or name)] == []
    for bad in ("inferred_age", "score", "engagement", "risk_level", "profile", "refused_count"):
        assert JUDGING.search(bad)


def test_age_is_what_the_inviter_said_and_nothing_works_it_out() -> None:
    """One place writes it, from the meeting's file; the rest only read it."""
    writers = set()
    for module in [*(ROOT / "bot").rglob("*.py"), *(ROOT / "flows").rglob("*.py")]:
        for node in ast.walk(ast.parse(module.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Assign | ast.AugAssign):
                targets = node.targets if isinstance(node, ast.Assign) else [node.target]
                if any(isinstance(one, ast.Attribute) and one.attr == "age" for one in targets):
                    writers.add(module.name)
                if any(isinstance(o, ast.Attribute) and o.attr == "age_band" for o in targets):
                    writers.add(module.name)
            if isinstance(node, ast.Call) and getattr(node.func, "id", "") == "Participant":
                writers.add(module.name)
    assert writers == {"making.py"}


# --- not a parent's ---


def test_no_address_of_the_chat_takes_another_persons_id(service: Service) -> None:
    """A chat shows its own person's words and no others: there is nothing to put into an address
    but an invitation, and an attachment that is checked to be one's own."""
    holes = {
        hole
        for route in service.app.web.routes
        if not (path := str(getattr(route, "path", ""))).startswith("/coordinator")
        for hole in re.findall(r"\{(\w+)", path)
    }
    assert holes <= {"token", "attachment", "path", "name", "file"}
    assert {"token", "attachment"} <= holes


def test_no_sentence_offers_to_show_a_childs_answers() -> None:
    for text in english():
        if re.search(r"\b(child|young person|son|daughter)('s|’s)? (answers?|page|words)", text):
            assert re.search(r"\bnot (shown|see)", text), text


# --- nobody is pushed ---

PUSHING = re.compile(
    r"streak|don['’]t miss|last chance|hurry|only \d+ (left|more|to go)|almost (there|done)|nearly "
    r"(there|done|finished)|keep it up|keep going|well done|great job|good job|amazing|awesome|"
    r"congrat|reward|badge|points?\b|unlock|level up|you should|you must\b|you have to|you need to|"
    r"most (people|parents|families|others)|other (parents|families) (have|did|said)|everyone else"
    r"|% ?(done|complete)|are you sure|sorry to see|miss you|we noticed|haven['’]t finished"
    r"|still waiting|waiting for you|let .{1,20} down|will be (sad|disappointed)|helps your case|"
    r"look(s)? (bad|good)|required|compulsory|asap|urgent",
    re.IGNORECASE,
)
SAID_OF_OTHERS = ("You do not need to send it again",)


def english() -> list[str]:
    """Every sentence of the flows, the phrases and the web chat's pages."""
    found: list[str] = []
    for path in sorted(CONTENT.glob("*.yaml")):
        found += [text for text in strings(read_yaml(path)) if " " in text]
    for path in (ROOT / "bot/channels/web").rglob("*.html"):
        found += re.findall(r'gettext\("([^"]*)"', path.read_text(encoding="utf-8"))
    return found


def strings(node: object) -> Iterator[str]:
    if isinstance(node, str):
        yield node
    elif isinstance(node, dict):
        for value in node.values():
            yield from strings(value)
    elif isinstance(node, list):
        for value in node:
            yield from strings(value)


def test_no_sentence_pushes() -> None:
    said = english()
    assert len(said) > 400
    pushing = [text for text in said if PUSHING.search(text)]
    assert [text for text in pushing if not any(ours in text for ours in SAID_OF_OTHERS)] == []
    for bad in ("Keep it up! 3 days in a row.", "Only 2 left", "Most parents answer this one."):
        assert PUSHING.search(bad)


@pytest.mark.parametrize("flow", FLOWS)
def test_every_question_can_be_skipped_and_what_leaves_it_looks_alike(flow: str) -> None:
    machine = library().newest(flow)
    for step in machine.flow.steps:
        if not isinstance(step, Ask) or not step.heading:
            continue
        shown = where_we_are(machine, standing(machine, step.id, "en"), AROUND, library().wording)
        looks = {choice.id: choice.look for row in shown.rows for choice in row}
        assert {looks[way] for way in ("skip", "not_sure", "in_person")} == {Look.EXIT}, step.id
    preview = where_we_are(machine, standing(machine, "preview", "en"), AROUND, library().wording)
    rows = [[(choice.id, choice.look) for choice in row] for row in preview.rows]
    assert [("send", Look.ANSWER)] in rows, "alone in its row, as those beside it are"
    assert [("change", Look.ANSWER)] in rows
    assert [("later", Look.ANSWER)] in rows


_WEIGHT = """(one) => {
  const style = getComputedStyle(one), box = one.getBoundingClientRect();
  return [style.fontSize, style.fontWeight, style.borderTopWidth, style.opacity,
          style.backgroundColor, style.textTransform, box.height >= 48];
}"""


@pytest.mark.browser
@pytest.mark.asyncio
@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
async def test_on_the_page_skip_is_as_heavy_as_send(service: Service, page: Page) -> None:
    kit = service.meeting(PEOPLE / "meeting-ash.yaml")["people"][2]["web"]
    await phone.come_in(page, kit)
    await phone.go_to(page, "worries")
    skip = await page.locator('#answer button[value="skip"]').evaluate(_WEIGHT)
    assert skip == await page.locator('#answer button[value="words"]').evaluate(_WEIGHT)
    await phone.says(page, "when everyone is in a room")
    await phone.taps(page, "coordinator")
    await page.locator(".menu summary").click()
    await phone.answered(page, page.locator('button[name=command][value="review"]').click())
    await phone.taps(page, "look")
    ways = [page.locator(f'#answer button[value="{way}"]') for way in ("send", "change", "later")]
    weights = [await way.evaluate(_WEIGHT) for way in ways]
    assert weights[0] == weights[1] == weights[2] == skip
