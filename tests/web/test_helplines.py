"""Whom to call: by nation and reader, never by language, and never a day that was made up."""

from pathlib import Path

import pytest

import bot.helplines
from bot.helplines import NATIONS, all_helplines, by_nation, help_lines, helplines
from flows.schema import Audience


def names(nation: str, audience: Audience | None) -> set[str]:
    return {line.name for line in helplines(nation, audience)}


@pytest.mark.parametrize("nation", NATIONS)
@pytest.mark.parametrize("audience", Audience)
def test_emergency_comes_first_everywhere(nation: str, audience: Audience) -> None:
    first = helplines(nation, audience)[0]
    assert first.ways == (("999", "tel:999"),)
    assert help_lines(nation, audience, "ar")[0] == "\u2068Emergency: 999\u2069"


@pytest.mark.parametrize("nation", NATIONS)
def test_children_and_young_people_find_a_line_of_their_own(nation: str) -> None:
    for audience in (Audience.CHILD, Audience.YOUNG):
        assert "Childline" in names(nation, audience)
    assert "Childline" not in names(nation, Audience.ADULT)


def test_each_nation_has_its_own_line_for_abuse_at_home() -> None:
    own = {nation: names(nation, Audience.ADULT) for nation in NATIONS}
    everywhere = set.intersection(*own.values())
    for nation in NATIONS:
        assert own[nation] - everywhere
        others = set.union(*(own[other] for other in NATIONS if other != nation))
        assert (own[nation] - everywhere).isdisjoint(others)


def test_the_language_changes_nothing() -> None:
    assert help_lines("wales", Audience.YOUNG, "cy") == help_lines("wales", Audience.YOUNG, "pl")


def test_where_nobody_is_known_nothing_is_left_out_or_guessed() -> None:
    shown = [line for _, lines in by_nation() for line in lines]
    assert sorted(line.name for line in shown) == sorted(line.name for line in all_helplines())
    assert [nation for nation, _ in by_nation()] == [None, *NATIONS]


def test_what_can_be_tapped_dials_or_writes() -> None:
    for line in all_helplines():
        assert line.ways, line.name
        for shown, link in line.ways:
            scheme, number = link.split(":")
            assert scheme in ("tel", "sms")
            assert number.isdecimal()
            assert shown in line.contact
    (fear_free,) = (line for line in all_helplines() if line.name == "Live Fear Free")
    assert [link for _, link in fear_free.ways] == ["tel:08088010800", "sms:07860077333"]


def test_a_line_says_where_it_was_found_and_nobody_pretends_to_have_rung_it() -> None:
    for line in all_helplines():
        assert line.source
    written = Path(bot.helplines.__file__).with_suffix(".yaml").read_text(encoding="utf-8")
    rung = [line for line in all_helplines() if line.checked_on is not None]
    assert rung == []
    assert written.count("checked_on:\n") == len(all_helplines())


def test_hours_that_may_not_be_printed_unchecked_are_not() -> None:
    """EVIDENCE 5.1: NSPCC's have been cut, others stand in old copies only."""
    for name in ("NSPCC", "Childline", "Papyrus", "Family Rights Group", "Always Heard"):
        (line,) = (line for line in all_helplines() if line.name.startswith(name))
        assert line.hours == ""
