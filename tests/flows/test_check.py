"""Every mistake that an author can make is found, at its line, with what to do about it.

Each file in `broken` makes one mistake, and says where: `# finds: code` stands on the line.
"""

import re
import shutil
from pathlib import Path

import pytest
from pydantic import TypeAdapter

from flows.answers import Speaker
from flows.check import Finding, check
from flows.checks import reading
from flows.checks.words import PLACEHOLDERS
from flows.conversation import begin
from flows.library import CONTENT, read_library
from flows.machine import REVIEW, Sub
from flows.replay import circumstances
from flows.schema import Audience, OptionId, StepId
from flows.showing import Showing
from flows.wording import locales_folder

BROKEN = Path(__file__).parent / "broken"
PHRASES = 'skip: {adult: "Skip"}\n'


def checked(
    folder: Path, flow: str = "", phrases: str = PHRASES, **catalogues: str
) -> list[Finding]:
    content, locales = folder / "content", folder / "locales"
    content.mkdir()
    (content / "phrases.yaml").write_text(phrases)
    if flow:
        (content / "flow.yaml").write_text(flow)
    for language, po in catalogues.items():
        file = locales / language / "LC_MESSAGES" / "beforehand.po"
        file.parent.mkdir(parents=True)
        file.write_text(po)
    return check(content, locales)


@pytest.mark.parametrize("file", sorted(BROKEN.glob("*.yaml")), ids=lambda file: file.stem)
def test_each_mistake_is_found_where_it_was_made(file: Path, tmp_path: Path) -> None:
    text = file.read_text()
    marked = [
        (number, code)
        for number, line in enumerate(text.splitlines(), start=1)
        for code in re.findall(r"# finds: (\w+)", line)
    ]
    found = checked(tmp_path, text)
    assert [(one.line, one.code) for one in found] == marked
    assert {one.file.name for one in found} <= {"flow.yaml"}
    assert all(one.problem.endswith(".") and one.mend[-1] in ".?;" for one in found)


def test_our_own_flows_have_nothing_to_mend() -> None:
    """Translations aside: those who translate work at their own pace."""
    assert [str(one) for one in check(CONTENT, CONTENT) if one.file.suffix == ".yaml"] == []


def test_our_translations_are_sound_where_they_are_there() -> None:
    unfinished = {"untranslated", "fuzzy"}
    found = [one for one in check(CONTENT, locales_folder()) if one.file.suffix == ".po"]
    assert [str(one) for one in found if one.code not in unfinished] == []


def test_a_finding_reads_as_one_line() -> None:
    finding = Finding(Path("parent.yaml"), 7, "broken_go", "There is no step `x`.", "Try `y`.")
    assert str(finding) == "parent.yaml:7: There is no step `x`. — Try `y`."


def test_the_words_say_what_to_write_instead(tmp_path: Path) -> None:
    office, slip = (BROKEN / name for name in ("office_word.yaml", "unknown_field.yaml"))
    (tmp_path / "a").mkdir()
    (tmp_path / "b").mkdir()
    (one,) = checked(tmp_path / "a", office.read_text())
    assert one.mend == "Say “come”."
    (two,) = checked(tmp_path / "b", slip.read_text())
    assert two.mend == "Did you mean `heading`?"


def test_two_files_with_one_version_are_found(tmp_path: Path) -> None:
    good = (BROKEN / "nothing.yaml").read_text()
    shutil.copytree(BROKEN, tmp_path / "content", ignore=lambda _, names: set(names))
    (tmp_path / "content" / "phrases.yaml").write_text(PHRASES)
    for name in ("first", "second"):
        (tmp_path / "content" / f"{name}.yaml").write_text(good)
    (found,) = check(tmp_path / "content", tmp_path)
    assert (found.file.name, found.line, found.code) == ("second.yaml", 3, "version_twice")


def test_a_shipped_version_need_only_load(tmp_path: Path) -> None:
    (tmp_path / "content" / "shipped").mkdir(parents=True)
    (tmp_path / "content" / "phrases.yaml").write_text(PHRASES)
    for name in ("office_word", "unknown_kind"):
        shutil.copy(BROKEN / f"{name}.yaml", tmp_path / "content" / "shipped")
    (found,) = check(tmp_path / "content", tmp_path)
    assert (found.file.name, found.code) == ("unknown_kind.yaml", "schema")


def test_phrases_that_are_missing_are_found(tmp_path: Path) -> None:
    (found,) = check(tmp_path, tmp_path)
    assert (found.file.name, found.line, found.code) == ("phrases.yaml", 1, "no_phrases")


@pytest.mark.parametrize(
    ("line", "code"),
    [
        ('thanks: {adlut: "Thank you."}', "schema"),
        ('thanks: {adult: "Thank you, {kid}."}', "unknown_placeholder"),
        ('thanks: {adult: "{child} can read it."}', "child_named"),
        ('thanks: {adult: "You can read it.", child: "{child} can read it."}', "child_named"),
        ('skip: {adult: "Skip it"}', "doubled"),
        ('thanks: {adult: "You can utilise this."}', "hard_word"),
    ],
)
def test_mistakes_in_phrases_are_found(line: str, code: str, tmp_path: Path) -> None:
    (found,) = checked(tmp_path, phrases=f"{PHRASES}{line}\n")
    assert (found.file.name, found.line, found.code) == ("phrases.yaml", 2, code)


HEADER = 'msgid ""\nmsgstr ""\n"Plural-Forms: nplurals={}; plural={};\\n"\n\n'
POLISH = HEADER.format(3, "(n==1 ? 0 : n%10>=2 && n%10<=4 && (n%100<10 || n%100>=20) ? 1 : 2)")
COUNTED = 'skip: {adult: {one: "{count} thing", other: "{count} things"}}\n'
SKIP = 'msgctxt "adult"\nmsgid "Skip"\nmsgstr "{}"\n'
THINGS = 'msgctxt "adult"\nmsgid "{count} thing"\nmsgid_plural "{count} things"\n'


@pytest.mark.parametrize(
    ("phrases", "po", "expected"),
    [
        (PHRASES, POLISH + SKIP.format("Pomiń"), []),
        (PHRASES, POLISH, [(1, "out_of_date")]),
        (PHRASES, POLISH + SKIP.format(""), [(6, "untranslated")]),
        (PHRASES, POLISH + "#, fuzzy\n" + SKIP.format("Pomiń"), [(7, "fuzzy")]),
        (PHRASES, POLISH + SKIP.format("<b>Pomiń</b>"), [(6, "angle_bracket")]),
        (PHRASES, POLISH + SKIP.format("Pomiń {child}"), [(6, "placeholder_added")]),
        (PHRASES, HEADER.format(2, "(n != 1)") + SKIP.format("Pomiń"), [(3, "plural_header")]),
        (PHRASES, POLISH + 'msgid "Skip\n', [(5, "broken_po")]),
        (
            'skip: {adult: "Skip, {coordinator}"}\n',
            POLISH + SKIP.replace("Skip", "Skip, {{coordinator}}").format("Pomiń"),
            [(6, "placeholder_lost")],
        ),
        (
            COUNTED,
            POLISH
            + THINGS
            + 'msgstr[0] "rzecz"\nmsgstr[1] "{count} rzeczy"\nmsgstr[2] "{count}"\n',
            [],
        ),
        (
            COUNTED,
            POLISH + THINGS + 'msgstr[0] "rzecz"\nmsgstr[1] "{count} rzeczy"\n',
            [(6, "untranslated")],
        ),
        (
            COUNTED,
            POLISH + THINGS + "".join(f'msgstr[{n}] "{{count}}"\n' for n in range(4)),
            [(6, "plural_forms")],
        ),
    ],
)
def test_mistakes_in_translations_are_found(
    phrases: str, po: str, expected: list[tuple[int, str]], tmp_path: Path
) -> None:
    assert [(one.line, one.code) for one in checked(tmp_path, "", phrases, pl=po)] == expected


def test_a_folder_that_is_no_language_is_found(tmp_path: Path) -> None:
    (found,) = checked(tmp_path, klingon=POLISH)
    assert found.code == "unknown_language"


# --- what the checks rest on ---


def test_the_placeholders_are_those_that_showing_fills() -> None:
    library = read_library()
    machine = library.newest("parent")
    around = circumstances({})
    conversation = begin(machine, around, library.wording, "en").conversation
    showing = Showing(machine, conversation, around, library.wording)
    assert set(showing._arguments) == PLACEHOLDERS


def test_the_longest_ids_that_the_schema_allows_fit_into_a_button() -> None:
    step = TypeAdapter(StepId).validate_python("a" * 24)
    option = TypeAdapter(OptionId).validate_python("a" * 16)
    for choice in (option, "not_to", "coordinator", *Speaker):
        for state in (step, *(f"{step}.{sub}" for sub in Sub)):
            assert len(f"{state}:{choice}:999999".encode()) <= 64
    assert len(f"{REVIEW}:{step}:999999".encode()) <= 64


PLAIN = (
    "Hello. This chat helps you get ready for the meeting. You can stop any time and come back. "
    "What you write stays with you until you tap Send. Then Sam reads it."
)
LETTER = (
    "The purpose of the conference is to discuss the concerns that have been identified in "
    "relation to your child. Information provided will be shared with relevant professionals."
)


def test_plain_words_pass_and_a_council_letter_does_not() -> None:
    plain, letter = reading.grade(PLAIN), reading.grade(LETTER)
    assert plain is not None
    assert letter is not None
    assert plain < reading.LIMITS[Audience.CHILD].grade_of_message
    assert letter > 2 * reading.LIMITS[Audience.ADULT].grade_of_message


def test_short_texts_have_no_grade() -> None:
    assert reading.grade("The coordinator will read this on Monday.") is None


def test_a_hard_word_may_be_used_once_it_is_explained() -> None:
    known = reading.explained("An advocate is a person who helps you. {coordinator} is next.")
    assert reading.is_explained("advocates", known)
    assert not reading.is_explained("solicitor", known)
    assert [word for word, _ in reading.hard_words("A solicitor and a grandparent")] == [
        "solicitor"
    ]
