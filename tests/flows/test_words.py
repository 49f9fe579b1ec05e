"""The words: none is missing, all go into the catalogues, and no translation is ever lost."""

import ast
import re
import subprocess
import sys
from collections.abc import Iterator
from io import BytesIO
from pathlib import Path

import pytest
from babel.messages.catalog import Catalog
from babel.messages.pofile import read_po
from pydantic import TypeAdapter

from flows.answers import Speaker
from flows.exchange import CommandName, Refusal
from flows.extract import as_bytes, extract_flow, source_catalogue, updated
from flows.library import CONTENT, read_yaml
from flows.schema import Phrase

ROOT = Path(__file__).parent.parent.parent
PHRASES = TypeAdapter(dict[str, Phrase]).validate_python(read_yaml(CONTENT / "phrases.yaml"))
SAYING = {"say", "note", "plain", "small", "_exit", "_choice"}
"""Names of functions whose first argument is a phrase."""


def messages(catalogue: Catalog) -> set[tuple[str | None, str]]:
    return {(m.context, str(m.id)) for m in catalogue if m.id}


def catalogue(*found: tuple[str, str]) -> Catalog:
    made = Catalog()
    for context, words in found:
        made.add(words, context=context)
    return made


def read(po: bytes) -> Catalog:
    return read_po(BytesIO(po), locale="cy", abort_invalid=True)


# --- phrases ---


def phrases_used() -> Iterator[tuple[str, str]]:
    """Where, and the phrase; one that is put together in the code ends in `*`."""
    for folder in ("flows", "bot"):
        for file in sorted((ROOT / folder).rglob("*.py")):
            for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
                if isinstance(node, ast.Call) and node.args:
                    name = getattr(node.func, "attr", getattr(node.func, "id", ""))
                    if name in SAYING:
                        for phrase in ids(node.args[0]):
                            yield f"{file.relative_to(ROOT)}:{node.lineno}", phrase


def ids(node: ast.expr) -> Iterator[str]:
    match node:
        case ast.Constant(value=str(phrase)):
            yield phrase
        case ast.IfExp(body=body, orelse=other):
            yield from ids(body)
            yield from ids(other)
        case ast.JoinedStr(values=[ast.Constant(value=str(begins)), *_]):
            yield f"{begins}*"


def test_every_phrase_that_the_code_says_is_there() -> None:
    missing = [
        f"{where}: {phrase}"
        for where, phrase in phrases_used()
        if not any(
            re.fullmatch(re.escape(phrase).replace(r"\*", r"\w+"), known) for known in PHRASES
        )
    ]
    assert missing == []


@pytest.mark.parametrize(
    "phrase",
    [
        *(f"refused_{why}" for why in Refusal),
        *(f"says_{who}" for who in Speaker),
        *(f"who_{'coordinator_says' if who == 'coordinator' else who}" for who in Speaker),
        *(f"hears_{who}" for who in ("coordinator", "meeting", "not_to")),
        *(f"typed_{name}" for name in (CommandName.HELP, CommandName.STOP)),
    ],
)
def test_phrases_that_are_put_together_are_all_there(phrase: str) -> None:
    assert phrase in PHRASES


def test_every_kind_of_meeting_has_a_name() -> None:
    from bot.meetings.files import KINDS

    assert {f"kind_{kind}" for kind in KINDS} <= set(PHRASES)


# --- into catalogues ---


def extracted(text: str) -> list[tuple[int, str, tuple[str, ...], list[str]]]:
    return list(extract_flow(BytesIO(text.encode()), {}, (), {}))


FLOW = """\
id: small
version: 1
audience: young
title: "Small"
minutes: 1
opening:
  - {id: hello, say: "Hello.", button: "OK"}
questions:
  - id: how
    ask: "How are you?"
    heading: "Feeling"
    answer: {kind: choice, options: [{id: "no", label: "Bad"}, {id: "yes", label: "Good"}]}
    task: {one_of: ["no"], say: "Please ask."}
  - id: scale
    ask: "How well?"
    answer: {kind: scale, low: "Not at all", high: "Very"}
  - id: faces
    ask: "Which?"
    answer: {kind: faces, words: [a, b, c, d, e]}
"""


def test_all_words_of_a_flow_are_taken_with_line_register_and_step() -> None:
    found = extracted(FLOW)
    assert (7, "pgettext", ("young", "Hello."), ["hello: say"]) in found
    assert (12, "pgettext", ("young", "Bad"), ["how: label"]) in found
    # What the coordinator is to do is read by a grown-up.
    assert (13, "pgettext", ("adult", "Please ask."), ["how: task"]) in found
    assert " / ".join(words[1] for _, _, words, _ in found) == (
        "Small / Hello. / OK / How are you? / Feeling / Bad / Good / Please ask."
        " / How well? / Not at all / Very / Which? / a / b / c / d / e"
    )


def test_ids_are_not_words() -> None:
    words = {words[1] for _, _, words, _ in extracted(FLOW)}
    assert not words & {"small", "hello", "how", "young", "yes", "no", "scale"}


def test_phrases_are_taken_in_each_register_with_their_plural() -> None:
    text = 'a: {adult: "Stop", child: "Enough"}\n'
    text += 'b: {adult: {one: "{count} day", other: "{count} days"}}\n'
    assert extracted(text) == [
        (1, "pgettext", ("adult", "Stop"), ["a"]),
        (1, "pgettext", ("child", "Enough"), ["a"]),
        (2, "npgettext", ("adult", "{count} day", "{count} days"), ["b"]),
    ]


@pytest.fixture(scope="module")
def source() -> Catalog:
    return source_catalogue(ROOT)


def test_all_phrases_and_flows_are_in_the_source(source: Catalog) -> None:
    known = messages(source)
    assert ("adult", "Skip") in known
    assert ("child", "Is anything at home scary?") in known
    assert len(known) > len(PHRASES)


def test_pybabel_finds_the_same(source: Catalog, tmp_path: Path) -> None:
    file = tmp_path / "beforehand.pot"
    command = [sys.executable, "-c", "from babel.messages.frontend import main; main()"]
    command += ["-q", "extract", "-F", "babel.toml", "-o", str(file), "."]
    subprocess.run(command, cwd=ROOT, check=True)  # noqa: S603 - our own command
    assert messages(read(file.read_bytes())) == messages(source)


@pytest.mark.parametrize(
    "file", sorted(ROOT.glob("locales/*/LC_MESSAGES/beforehand.po")), ids=lambda f: f.parts[-3]
)
def test_the_catalogues_are_up_to_date(file: Path, source: Catalog) -> None:
    """Run `beforehand words update` when this fails."""
    before = file.read_bytes()
    same = updated(source, file.parent.parent.name, before) == before  # to show how takes a minute
    assert same


def test_the_same_words_give_the_same_bytes(source: Catalog) -> None:
    first = updated(source, "ar", None)
    assert updated(source_catalogue(ROOT), "ar", first) == first
    assert str(ROOT).encode() not in first
    assert re.search(rb"Date: *\d|Babel \d", first) is None


# --- translations are kept ---


def test_a_translation_stays_when_others_come_and_go() -> None:
    before = updated(catalogue(("adult", "Skip"), ("child", "Skip")), "cy", None)
    had = read(before)
    had.get("Skip", "adult").string = "Neidio"  # type: ignore[union-attr]
    after = read(updated(catalogue(("adult", "Skip"), ("adult", "Back")), "cy", as_bytes(had)))
    kept = after.get("Skip", "adult")
    assert kept is not None
    assert (kept.string, kept.fuzzy) == ("Neidio", False)


def translated(english: str, welsh: str) -> bytes:
    had = read(updated(catalogue(("adult", english)), "cy", None))
    had.get(english, "adult").string = welsh  # type: ignore[union-attr]
    return as_bytes(had)


def test_when_the_english_changes_the_translation_is_offered_again() -> None:
    had = translated("You can skip this question.", "Gallwch neidio.")
    changed = catalogue(("adult", "You can skip any question."))
    (message,) = [m for m in read(updated(changed, "cy", had)) if m.id]
    assert (message.string, message.fuzzy) == ("Gallwch neidio.", True)


def test_when_the_english_goes_and_returns_so_does_the_translation() -> None:
    had = translated("Good morning.", "Bore da.")
    gone = updated(catalogue(("adult", "A thing of its own.")), "cy", had)
    assert b'#~ msgstr "Bore da."' in gone
    assert b'#~ msgstr "Bore da."' in updated(catalogue(("adult", "Quite other.")), "cy", gone)
    back = read(updated(catalogue(("adult", "Good morning.")), "cy", gone))
    found = back.get("Good morning.", "adult")
    assert found is not None
    assert (found.string, found.fuzzy) == ("Bore da.", True)


def test_a_catalogue_has_the_plural_forms_of_its_language() -> None:
    made = Catalog()
    made.add(("{count} day", "{count} days"), context="adult")
    assert b"nplurals=6" in updated(made, "ar", None)
    assert b"nplurals=5" in updated(made, "cy", None)
