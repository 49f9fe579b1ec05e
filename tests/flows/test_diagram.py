"""The pictures show what the machines do, and those in the documentation are up to date."""

from pathlib import Path

import pytest

from flows.diagram import arrows, diagram, page
from flows.library import CONTENT, Library, read_library
from flows.machine import ITEM, FlowMachine

DOCS = Path(__file__).parent.parent.parent / "docs" / "flows"
NAMES = sorted(file.stem for file in CONTENT.glob("*.yaml") if file.stem != "phrases")


@pytest.fixture(scope="module")
def library() -> Library:
    return read_library()


def table(machine: FlowMachine) -> set[tuple[str, str]]:
    """What the machine's own table has, with the questions about sharing folded into their step."""
    transitions = machine._machine.get_transitions()
    folded = {(str(t.source).split(".")[0], str(t.dest).split(".")[0]) for t in transitions}
    return {(source, to) for source, to in folded if source != to and source != ITEM}


@pytest.mark.parametrize("name", NAMES)
def test_a_picture_has_the_arrows_of_the_machine_and_no_others(name: str, library: Library) -> None:
    machine = library.newest(name)
    assert {(source, to) for source, to, _ in arrows(machine)} == table(machine)


def test_a_question_that_may_be_passed_over_shows_both_ways(library: Library) -> None:
    drawn = diagram(library.newest("parent"))
    assert "    you_may_say_no --> messages_ok : on telegram\n" in drawn
    assert "    you_may_say_no --> name : not on telegram\n" in drawn


def test_a_step_whose_name_mermaid_takes_for_its_own_is_drawn_all_the_same(
    library: Library,
) -> None:
    drawn = diagram(library.newest("parent"))
    assert "    scale_ : " in drawn
    assert "--> scale_\n" in drawn
    assert "    scale " not in drawn
    assert "--> scale " not in drawn


def test_a_picture_begins_where_the_conversation_does(library: Library) -> None:
    assert diagram(library.newest("child")).startswith(
        "stateDiagram-v2\n    [*] --> language\n    language : language\n"
    )


@pytest.mark.parametrize("name", NAMES)
def test_the_documentation_shows_the_flow_as_it_is(name: str, library: Library) -> None:
    """Run `beforehand flows diagram --write docs` when this fails."""
    assert (DOCS / f"{name}.md").read_text(encoding="utf-8") == page(library.newest(name))


def test_every_flow_is_in_the_documentation(library: Library) -> None:
    assert {file.stem for file in DOCS.glob("*.md")} == set(library.names)
