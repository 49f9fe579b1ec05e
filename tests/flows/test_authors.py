"""The commands for those who write: what they print, and how they end."""

from pathlib import Path

import pytest
import typer
from typer.testing import CliRunner

from bot import authors
from tests.flows.test_check import BROKEN, PHRASES
from tests.flows.test_replay import TRANSCRIPTS

app = typer.Typer()
app.add_typer(authors.flows, name="flows")
app.add_typer(authors.words, name="words")
app.command("talk")(authors.talk)


def said(*command: str, code: int, capsys: pytest.CaptureFixture[str]) -> str:
    """What a command prints; rich writes past click's runner, to where pytest listens."""
    result = CliRunner().invoke(app, command, catch_exceptions=False)
    assert result.exit_code == code
    shown = capsys.readouterr()
    return result.output + shown.out + shown.err


@pytest.fixture
def content(tmp_path: Path) -> Path:
    (tmp_path / "phrases.yaml").write_text(PHRASES)
    return tmp_path


def test_check_names_file_line_problem_and_mend(
    content: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    (content / "flow.yaml").write_text((BROKEN / "broken_go.yaml").read_text())
    monkeypatch.chdir(content)
    options = ("--content", str(content), "--locales", str(content))
    shown = said("flows", "check", *options, code=1, capsys=capsys)
    assert "flow.yaml:20: There is no step `wihs`. — Did you mean `wish`?\n" in shown


def test_check_is_content_with_good_files(
    content: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (content / "flow.yaml").write_text((BROKEN / "nothing.yaml").read_text())
    options = ("--content", str(content), "--locales", str(content))
    assert "Nothing to mend." in said("flows", "check", *options, code=0, capsys=capsys)


def test_diagram_prints_or_writes(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert "stateDiagram-v2" in said("flows", "diagram", "child", code=0, capsys=capsys)
    said("flows", "diagram", "--write", str(tmp_path), code=0, capsys=capsys)
    assert "```mermaid" in (tmp_path / "flows" / "child.md").read_text()


def test_replay_shows_both_texts(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    said("flows", "replay", *map(str, TRANSCRIPTS), code=0, capsys=capsys)
    (tmp_path / "other.txt").write_text("flow: parent\n\nGood morning\n[English]\n")
    shown = said("flows", "replay", str(tmp_path / "other.txt"), code=1, capsys=capsys)
    assert "written: Good morning" in shown
    assert "said:    Which language would you like?" in shown


def test_talk_ends_when_the_input_does(
    capsys: pytest.CaptureFixture[str],
) -> None:
    assert "Nothing was stored." in said("talk", "family", code=0, capsys=capsys)


@pytest.mark.parametrize(
    ("command", "answer"),
    [
        (("talk", "uncle"), "There is no flow `uncle`."),
        (("talk", "parent", "--language", "xx"), "`xx` is not spoken yet."),
        (("flows", "diagram", "uncle"), "There is: child, family"),
        (("words", "update", "klingon"), "no language that Babel knows"),
    ],
)
def test_a_slip_is_answered_with_what_would_work(
    command: tuple[str, ...], answer: str, capsys: pytest.CaptureFixture[str]
) -> None:
    shown = said(*command, code=1, capsys=capsys)
    assert answer in shown
