"""P13: it is in your language, in words that a nine-year-old can read, and numbers, names, dates
and commands read right in scripts that run from right to left."""

import re
from collections.abc import Callable, Iterator

import pytest
from playwright.async_api import Page

from bot.helplines import help_lines
from flows.answers import Answer, Conversation, Part, Sharing
from flows.check import check
from flows.checks import reading
from flows.conversation import take_turn, where_we_are
from flows.exchange import Command, CommandName, Message, Refusal, Style, Unusable
from flows.library import CONTENT, read_yaml
from flows.machine import FlowMachine
from flows.schema import Ask, Audience
from flows.wording import FIRST_STRONG_ISOLATE, POP_ISOLATE, locales_folder, right_to_left
from tests.journeys.script import PEOPLE, Script, people_of
from tests.promises.test_p05_always_a_way import AROUND
from tests.service import Service, library
from tests.telegram import player
from tests.telegram.emulator import Emulator
from tests.web import phone
from tests.web.visitor import Visitor

FLOWS = ("parent", "family", "young_person", "child")
OFFERED = library().wording.languages
PHRASES = read_yaml(CONTENT / "phrases.yaml")
NOT_SPOKEN = ("typed_", "date_pattern", "kind_", "mail_", "chat_", "menu_")
BIRCH = PEOPLE / "meeting-birch.yaml"
YUSUF = people_of(BIRCH)[3]


# --- words that a nine-year-old can read ---


def everything_shown(flow: str) -> Iterator[tuple[str, Message]]:
    """Each state of a flow as its person sees it, and what each command and refusal answers."""
    machine = library().newest(flow)
    for state in machine.states:
        for answered in (False, True):
            now = standing(machine, state, "en", answered=answered)
            if "." in state and not answered:
                continue
            yield state, where_we_are(machine, now, AROUND, library().wording)
    at = standing(machine, next(iter(machine.counted)), "en")
    odd = [Command(name=name) for name in CommandName] + [Unusable(why=why) for why in Refusal]
    for said in odd:
        reply = take_turn(machine, at, said, AROUND, library().wording)
        yield from ((str(said), message) for message in reply.messages[:-1] or reply.messages)


def standing(
    machine: FlowMachine, state: str, language: str, *, answered: bool = True
) -> Conversation:
    """Somewhere in a conversation, with or without something said to each question."""
    asked = [s for s in machine.flow.steps if isinstance(s, Ask) and s.heading]
    sharing = Sharing(not_to=("Craig", "نديم"), chosen=True)
    answers = {s.id: Answer(step=s.id, parts=(Part(text="Yes"),), sharing=sharing) for s in asked}
    return Conversation(
        flow=machine.flow.id,
        version=machine.flow.version,
        channel="telegram",
        language=language,
        state=state,
        seen=tuple(machine.explained_first),
        answers=answers if answered else {},
        item=asked[1].id,
        trail=(machine.first,),
    )


@pytest.mark.parametrize("flow", FLOWS)
def test_every_message_as_it_is_shown_can_be_read_at_nine(flow: str) -> None:
    """Names and dates filled in, notes before the question: what is read in one go."""
    limits = reading.LIMITS[library().newest(flow).flow.audience]
    graded = 0
    for where, message in everything_shown(flow):
        words = [p.text for p in message.paragraphs if p.style is not Style.QUOTE]
        text = "\n\n".join(one for one in words if one not in AROUND.help_lines)
        grade = reading.grade(text.replace(AROUND.coordinator, "Sam"))
        graded += grade is not None
        assert grade is None or grade <= limits.grade_of_message + 0.5, (where, grade, text)
        for sentence in reading.sentences(text):
            assert len(sentence) <= limits.words_in_sentence, (where, sentence)
    assert graded > 20


def test_nothing_in_the_flows_is_harder_than_that() -> None:
    """By message, by flow and by word: what the author's checker would say."""
    hard = {"too_hard", "flow_too_hard", "hard_word", "sentence_too_long", "question_too_long"}
    assert [str(one) for one in check(CONTENT, CONTENT) if one.code in hard] == []
    letter = "We are required to ascertain the views of relevant stakeholders prior to the meeting."
    assert list(reading.hard_words(letter)), "and it would say so"


# --- in their own language ---


@pytest.mark.parametrize("language", [one for one in OFFERED if one != "en"])
def test_a_language_that_is_offered_is_there_as_a_whole(language: str) -> None:
    lacking = [one for one in check(CONTENT, locales_folder()) if one.file.parts[-3] == language]
    assert [str(one) for one in lacking] == []


@pytest.mark.parametrize("flow", FLOWS)
@pytest.mark.parametrize("language", [one for one in OFFERED if one != "en"])
def test_nobody_is_answered_in_another_language(flow: str, language: str) -> None:
    """The question and the buttons of each state differ from the English ones."""
    machine = library().newest(flow)
    for step in machine.flow.steps:
        there, here = (
            where_we_are(machine, standing(machine, step.id, one), AROUND, library().wording)
            for one in ("en", language)
        )
        assert here.language == language
        assert here.paragraphs[0] != there.paragraphs[0], step.id


# --- either way round ---

NAME, PLACE = "Odette Farrow", "The Quilting Room"
RTL = [language for language in OFFERED if right_to_left(language)]
ISOLATED = re.compile(f"{FIRST_STRONG_ISOLATE}[^{POP_ISOLATE}]*{POP_ISOLATE}")
LATIN = re.compile(r"[A-Za-z/][A-Za-z ]+|\d[\d :]*\d")


def bare(text: str) -> str:
    """What stands in the open, where the letters around it may turn it."""
    return ISOLATED.sub(" ", text)


def test_there_is_a_language_that_runs_from_right_to_left() -> None:
    assert RTL


@pytest.mark.parametrize("language", RTL)
@pytest.mark.parametrize("phrase", [name for name in PHRASES if not name.startswith(NOT_SPOKEN)])
def test_names_numbers_and_commands_stand_in_isolates(phrase: str, language: str) -> None:
    filled = dict.fromkeys(("coordinator", "child", "meeting", "place", "name", "relation"), NAME)
    for audience in Audience:
        said = library().wording.say(
            phrase,
            audience,
            language,
            **filled,
            when="29 March 2027 16:30",
            names=("Craig", "نديم", "Uncle Ted"),
            headings=("Worries", "Wishes"),
            link="https://example.org/x",
            count=2,
            number=4,
            total=16,
            minutes=12,
        )
        assert said.count(FIRST_STRONG_ISOLATE) == said.count(POP_ISOLATE)
        assert not re.findall(r"/[a-z]+", bare(said)), "a command"
        assert not re.findall(r"Odette|Craig|Uncle|March|Worries|https", bare(said)), "a name"
        for one in ("Craig", "نديم", "Worries"):
            apart = f"{FIRST_STRONG_ISOLATE}{one}{POP_ISOLATE}"
            assert one not in said or apart in said, "each name by itself"


def test_a_command_can_be_tapped_still() -> None:
    """Telegram finds it: what stands before it is no letter, and nothing comes between its own."""
    for phrase in ("reminder", "edit_unknown", "refused_unknown_command"):
        for language in OFFERED:
            said = library().wording.say(phrase, Audience.ADULT, language)
            english = library().wording.say(phrase, Audience.ADULT, "en")
            commands = re.findall(r"(?<![\w/<>])/[a-z]+\b", said)
            assert sorted(commands) == sorted(re.findall(r"/[a-z]+", english)) != []


def test_the_numbers_of_help_stand_in_isolates() -> None:
    lines = help_lines("wales", Audience.YOUNG, "ar")
    assert len(lines) > 2
    assert not [line for line in lines if LATIN.search(bare(line))]


@pytest.mark.asyncio
@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
async def test_a_preparation_in_arabic_reads_right_in_both_channels(
    service: Service, telegram: Emulator, visitor: Callable[[], Visitor]
) -> None:
    made = service.meeting(BIRCH)
    link = made["people"][3]
    yusuf = telegram.person("Yusuf", "ar")
    await player.come_in(yusuf, link["telegram"]["start"])
    await player.play(yusuf, Script(YUSUF), until="review")
    for command in ("/privacy", "/help", "/nonsense", "/later"):
        yusuf.says(command)
        await yusuf.quiet()
    browser = visitor()
    await browser.come_in(link["web"])
    await browser.does(command="privacy")
    ours = [message.text for message in yusuf.screen if message.from_bot][2:]
    web = browser.paper.told
    assert len(ours) > 20
    assert any("Llinos Haf" in text for text in ours)
    assert any("Llinos Haf" in text for text in web)
    for text in [*ours, *web]:
        assert "Llinos Haf" not in bare(text)
        assert not re.search(r"/[a-z]{3,}", bare(text))
        if re.search("[؀-ۿ]", text):
            assert not re.search(r"\b20\d\d\b|\b\d\d:\d\d\b", bare(text)), "a date"


# --- on a phone ---

_DIRECTIONS = """() => [...document.querySelectorAll(
  'p, li.line, button, summary, blockquote, textarea, a.leave')]
  .filter((one) => one.checkVisibility() && one.textContent.trim())
  .map((one) => [one.tagName, one.closest('[translate=no], .helplines, [lang=en]') !== null,
                 one.textContent.trim(), getComputedStyle(one).direction])"""


@pytest.mark.browser
@pytest.mark.asyncio
@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
async def test_on_a_phone_in_arabic_each_line_runs_its_own_way(
    service: Service, page: Page
) -> None:
    link = service.meeting(BIRCH)["people"][3]["web"]
    await phone.come_in(page, link)
    await phone.taps(page, "ar")
    await phone.go_to(page, "going_well")
    latin, arabic = "Tomek makes pancakes, 3 each", "يضحك مرة أخرى 07700 900142"
    await phone.says(page, latin)
    await phone.go_to(page, "worries")
    await phone.says(page, arabic)
    assert await page.evaluate("getComputedStyle(document.body).direction") == "rtl"
    lines = await page.evaluate(_DIRECTIONS)
    ours = [(text, way) for _, theirs, text, way in lines if not theirs]
    assert len(ours) > 10
    assert {way for _, way in ours} == {"rtl"}
    theirs = {text: way for tag, own, text, way in lines if own and tag in ("P", "BLOCKQUOTE")}
    assert (theirs[latin], theirs[arabic]) == ("ltr", "rtl")
    out = await page.locator(".leave").bounding_box()
    assert out
    assert out["x"] + out["width"] < 360 / 2, "the way out is at the end of the line: on the left"
    await phone.fits(page)
