"""Conversations as a social worker would write them down, and what becomes of those that differ."""

from io import StringIO
from pathlib import Path

import pytest
from rich.console import Console

from bot.channels.terminal import numbered, talk
from flows.exchange import RaiseAlert, Sent, Tap, Unusable
from flows.hearing import NotThere, Talk
from flows.library import Library, read_library
from flows.replay import Played, TranscriptDiffers, circumstances, header, replay

TRANSCRIPTS = sorted((Path(__file__).parent / "transcripts").glob("*.txt"))


@pytest.fixture(scope="module")
def library() -> Library:
    return read_library()


def played(library: Library, text: str, *, strict: bool = True) -> Played:
    told = header(text)
    machine = library.newest(told.get("flow", "parent"))
    return replay(machine, library.wording, circumstances(told), text, strict=strict)


def talking(library: Library, flow: str = "parent") -> Talk:
    return Talk(library.newest(flow), library.wording, circumstances({}), "en")


@pytest.mark.parametrize("file", TRANSCRIPTS, ids=lambda file: file.stem)
def test_the_conversation_goes_as_written(file: Path, library: Library) -> None:
    assert played(library, file.read_text(encoding="utf-8")).report == ()


def test_every_flow_for_children_and_parents_has_a_transcript() -> None:
    flows = {header(file.read_text(encoding="utf-8"))["flow"] for file in TRANSCRIPTS}
    assert {"parent", "young_person", "child"} <= flows


# --- transcripts that do not hold ---


def test_other_words_are_shown_with_their_line(library: Library) -> None:
    with pytest.raises(TranscriptDiffers) as raised:
        played(library, "flow: parent\n\nWhich colour would you like?\n...\n")
    assert raised.value.difference.line == 3
    assert raised.value.difference.written == "Which colour would you like?"
    assert raised.value.difference.said.startswith("Which language would you like?")


def test_a_paragraph_that_is_left_out_is_missed(library: Library) -> None:
    with pytest.raises(TranscriptDiffers, match="nothing more"):
        played(library, "Which language would you like?\n[English]\n")


def test_a_paragraph_too_many_is_found(library: Library) -> None:
    with pytest.raises(TranscriptDiffers, match="Good morning"):
        played(library, "Which language\nYou can change it\nGood morning\n")


def test_a_button_that_is_not_there_is_found_with_those_that_are(library: Library) -> None:
    with pytest.raises(TranscriptDiffers) as raised:
        played(library, "[Deutsch]\n")
    assert (raised.value.difference.line, raised.value.difference.said) == (1, "[English]")


def test_an_alert_that_is_not_raised_is_found(library: Library) -> None:
    with pytest.raises(TranscriptDiffers, match="said: 'nothing'"):
        played(library, "[English]\n! alert not_safe_with\n")


def test_an_effect_that_nobody_wrote_is_found_by_nothing(library: Library) -> None:
    with pytest.raises(TranscriptDiffers, match="said: 'pause'"):
        played(library, "/later\n! nothing\n")


def test_when_not_strict_every_difference_is_told(library: Library) -> None:
    report = played(library, "Hello\n[English]\nHow are you?\n[Deutsch]\n", strict=False).report
    assert sorted(difference.line for difference in report) == [1, 3, 4]


def test_a_line_of_ours_that_looks_like_a_button_has_a_backslash(library: Library) -> None:
    with pytest.raises(TranscriptDiffers) as raised:
        played(library, "\\[English]\n")
    assert raised.value.difference.written == "[English]"


def test_what_the_service_is_to_do_is_handed_back(library: Library) -> None:
    text = (TRANSCRIPTS[0].parent / "child_something_scary.txt").read_text(encoding="utf-8")
    assert RaiseAlert(step="scared", category="scared_at_home") in played(library, text).effects


# --- lines ---


def test_a_label_may_be_cut_short_or_said_without_its_picture(library: Library) -> None:
    held = talking(library, "child")
    for line in ("[English]", "[Yes]", "[OK]", "[Go on]", "[OK]", "[Go on]"):
        held.take(held.tap(line.strip("[]")))
    assert (
        held.tap("Someone from school") == held.tap("Someone from...") == held.tap("🏫 someone...")
    )


def test_a_button_of_an_earlier_question_is_tapped_as_it_was(library: Library) -> None:
    held = talking(library)
    first = held.tap("English")
    held.take(first)
    again = held.hear("[English]")
    assert isinstance(again, Tap)
    assert (again.state, again.revision) == (first.state, first.revision)


def test_voice_pictures_and_what_cannot_be_used_are_heard(library: Library) -> None:
    held = talking(library)
    voice, photo = held.hear("(voice 12 s)"), held.hear("(photo: my room)")
    assert isinstance(voice, Sent)
    assert isinstance(photo, Sent)
    assert (voice.kind, voice.seconds) == ("voice", 12)
    assert (photo.kind, photo.caption) == ("picture", "my room")
    assert isinstance(held.hear("(sticker)"), Unusable)
    assert isinstance(held.hear("/nonsense"), Unusable)
    assert held.hear("(an aside)") is None


def test_a_change_to_what_was_never_typed_is_refused(library: Library) -> None:
    with pytest.raises(NotThere):
        talking(library).hear("(edit: never -> ever)")


# --- in the terminal ---


def in_terminal(
    library: Library, typed: str, monkeypatch: pytest.MonkeyPatch, transcript: Path | None = None
) -> str:
    monkeypatch.setattr("sys.stdin", StringIO(typed))
    shown = StringIO()
    talk(library, "parent", "en", transcript, Console(file=shown, width=200, no_color=True))
    return shown.getvalue()


def test_a_talk_by_numbers_and_labels_ends_kindly(
    library: Library, monkeypatch: pytest.MonkeyPatch
) -> None:
    shown = in_terminal(library, "1\nyes\nOK\n/help\n", monkeypatch)
    assert "This is about the family group conference for Robin." in shown
    assert "call 999" in shown
    assert shown.rstrip().endswith("Thank you for talking. Nothing was stored.")


def test_a_button_that_is_not_there_ends_nothing(
    library: Library, monkeypatch: pytest.MonkeyPatch
) -> None:
    shown = in_terminal(library, "[Deutsch]\n1\n", monkeypatch)
    assert "There is no [Deutsch] here." in shown
    assert "Is now a safe and private time" in shown


def test_a_talk_can_be_played_again(
    library: Library, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    typed = "1\n1\n1\n1\n1\n1\nJo (like the letter)\n2\nOK\n(voice 3 s)\n/review\n2\n"
    file = tmp_path / "talk.txt"
    in_terminal(library, typed, monkeypatch, transcript=file)
    written = file.read_text(encoding="utf-8")
    assert "> Jo (like the letter)\n" in written
    assert played(library, written).report == ()


def test_on_a_scale_a_number_is_itself(library: Library) -> None:
    held = talking(library)
    for label in ("English", "Yes", "OK", "Go on", "OK", "Go on"):
        held.take(held.tap(label))
    while held.conversation.state != "scale":
        held.take(held.tap("Skip"))
    buttons = numbered(held.new[-1])
    assert [buttons[str(number)].id for number in range(11)] == [str(n) for n in range(11)]
    assert buttons["11"].label == "Skip"
