"""What of a conversation a page shows."""

from datetime import UTC, datetime

from bot.channels.web.pages import Pages, asking, shown, ticked
from bot.lines import Line
from flows.exchange import (
    Accepts,
    Choice,
    Command,
    CommandName,
    Look,
    Message,
    Paragraph,
    Refusal,
    Said,
    Style,
    Tap,
    Unusable,
    Words,
)
from flows.wording import Wording
from tests.service import library

AT = datetime(2026, 11, 23, 10, 0, tzinfo=UTC)
SKIP = Choice(id="skip", label="Skip", look=Look.EXIT)


def ours(number: int, text: str, *, ticks: str = "", replaces: bool = False) -> Line:
    """The question `feelings`, with some of its choices ticked."""
    row = tuple(Choice(id=one, label=one.upper(), chosen=one in ticks) for one in "abc")
    message = Message(
        paragraphs=(Paragraph(text=text),),
        rows=(row, (SKIP,)),
        accepts=(Accepts.WORDS,),
        state="feelings",
        step="feelings",
        replaces=replaces,
    )
    return Line(number, "assistant", AT, f"turn{number // 2}", message=message)


def theirs(number: int, said: Said, label: str = "") -> Line:
    return Line(number, "person", AT, f"turn{(number + 1) // 2}", said=said, label=label)


def tap(number: int, choice: str) -> Line:
    said = Tap(state="feelings", choice=choice, revision=1)
    return theirs(number, said, choice.upper())


def numbers(lines: tuple[Line, ...]) -> list[int]:
    return [line.number for line in lines]


def test_ticking_keeps_the_question_in_its_place() -> None:
    lines = [
        ours(2, "How do you feel?"),
        tap(3, "a"),
        ours(4, "How do you feel?", ticks="a", replaces=True),
        tap(5, "b"),
        ours(6, "How do you feel?", ticks="ab", replaces=True),
    ]
    seen = shown(lines)
    assert numbers(seen.lines) == [6]
    assert sorted(seen.gone) == [2, 3, 4, 5]


def test_what_was_written_between_two_ticks_stays() -> None:
    lines = [
        ours(2, "How do you feel?"),
        theirs(3, Words(text="tired")),
        ours(4, "Kept. How do you feel?"),
        tap(5, "b"),
        ours(6, "How do you feel?", ticks="b", replaces=True),
    ]
    assert numbers(shown(lines).lines) == [2, 3, 6]


def test_what_shows_nothing_leaves_no_empty_bubble() -> None:
    lines = [
        ours(2, "How do you feel?"),
        theirs(3, Command(name=CommandName.PRIVACY)),
        ours(4, "How do you feel?"),
        theirs(5, Unusable(why=Refusal.EMPTY)),
        ours(6, "How do you feel?"),
        theirs(7, Tap(state="gone", choice="x", revision=0)),
    ]
    assert numbers(shown(lines).lines) == [2, 4, 6]


def test_only_the_newest_question_has_buttons() -> None:
    page = chat(ours(2, "Old?"), tap(3, "a"), ours(4, "New?"))
    assert page.count('name="choice" value="a"') == 1


def test_what_was_ticked_is_still_to_be_seen_later() -> None:
    old = ours(2, "Old?", ticks="ac")
    assert old.message is not None
    assert [choice.label for choice in ticked(old.message)] == ["A", "C"]
    page = chat(old, theirs(3, Words(text="x")), ours(4, "New?"))
    assert "<li>A</li><li>C</li>" in page


def test_a_notice_that_asks_nothing_leaves_the_question_open() -> None:
    notice = Line(3, "assistant", AT, "x", message=Message(paragraphs=(Paragraph(text="Hm."),)))
    question = ours(2, "How do you feel?")
    assert asking([question, notice]) is question.message


class Shouting(Wording):
    """Translates everything that it is given, so that what it was not given is seen."""

    def page(self, language: str) -> "Loud":  # type: ignore[override]
        return Loud()


class Loud:
    def gettext(self, text: str) -> str:
        return text.upper()

    def ngettext(self, one: str, other: str, count: int) -> str:
        return one.upper()


def test_nobodys_words_pass_through_a_translation() -> None:
    """WEB 3.1: the page once translated what people wrote, and so called it safe HTML."""
    english = library().wording
    shouting = Shouting(english._phrases, {})
    quote = Paragraph(text="leave now <b>", style=Style.QUOTE)
    message = Message(paragraphs=(Paragraph(text="send it"), quote), rows=((SKIP,),), state="x")
    line = Line(1, "assistant", AT, "x", message=message)
    page = chat(line, theirs(2, Words(text="your answer & <i>")), wording=shouting)
    assert "LEAVE NOW</a>" in page  # ours
    assert '<blockquote dir="auto" translate="no">leave now &lt;b&gt;</blockquote>' in page
    assert ">your answer &amp; &lt;i&gt;</p>" in page
    assert '<p class="plain">send it</p>' in page


def chat(*lines: Line, wording: Wording | None = None) -> str:
    seen = shown(lines)
    values = {
        "lines": seen.lines,
        "gone": seen.gone,
        "newest": lines[-1].number,
        "message": asking(lines),
        "csrf": "c",
        "key": "k",
        "draft": "",
        "asked": "",
        "menu": [],
        "code": "",
    }
    return Pages(wording or library().wording, "/").text("chat.html", "en", values)
