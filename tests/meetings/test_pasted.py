"""People as they are pasted: every line is read, and what is wrong with one is said of that one."""

from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.meetings.files import PersonGiven
from bot.meetings.pasted import Row, read_people, write_people


def one(line: str) -> Row:
    [row] = read_people(line)
    return row


def wrong(line: str) -> list[str]:
    return [problem.what for problem in one(line).problems]


@pytest.mark.parametrize("sign", [", ", ";", "\t"])
def test_a_list_from_an_e_mail_or_a_spreadsheet_is_read(sign: str) -> None:
    lines = [
        sign.join(("Dawn O'Shea", "Kit's mum", "Parent", "", "Polish", "telegram", "Kit")),
        sign.join(("Kit", "himself", "young person", "13")),
    ]
    dawn, kit = (row.person for row in read_people("\r\n".join(lines)))
    assert dawn is not None
    assert kit is not None
    assert (dawn.id, dawn.name, dawn.relation, dawn.role) == (
        "dawn",
        "Dawn O'Shea",
        "Kit's mum",
        "parent",
    )
    assert (dawn.age_band, dawn.language, dawn.channel, dawn.child) == (
        "adult",
        "pl",
        "telegram",
        "Kit",
    )
    assert (kit.role, kit.age_band, kit.language, kit.channel, kit.child) == (
        "young_person",
        "11_15",
        "en",
        "web",
        "",
    )


def test_headings_say_which_column_is_which() -> None:
    rows = read_people("\ufeffRole;Name;Language;Relationship\nfamily;Nain;cy;Kit's gran\n")
    assert rows[0].number == 2
    person = rows[0].person
    assert person is not None
    assert (person.name, person.role, person.language, person.relation) == (
        "Nain",
        "family",
        "cy",
        "Kit's gran",
    )


def test_welsh_staff_write_welsh() -> None:
    person = one("Nain, mam-gu Wren, teulu, oedolyn, Cymraeg").person
    assert person is not None
    assert (person.role, person.age_band, person.language) == ("family", "adult", "cy")


@pytest.mark.parametrize(
    ("line", "problems"),
    [
        ("Kit, himself, young person", ["age_of_young_person"]),
        ("Kit, himself, young person, 9", ["age_of_young_person"]),
        ("Kit, himself, young person, 13, en, telegram", ["telegram_under_16"]),
        ("Ola, her, child, 12", ["age_of_child"]),
        ("Dawn, , parent", ["relation"]),
        (", mum, parent", ["name"]),
        ("Dawn, mum, chief", ["role"]),
        ("Dawn, mum, parent, , Klingon", ["language"]),
        ("Dawn, mum, parent, , en, fax", ["channel"]),
        ("Dawn, mum, parent, , en, web, Kit, and more", ["too_many_columns"]),
        ("Dawn\u202e, mum, parent", ["name"]),
        ("\u200b, mum, parent", ["name"]),
    ],
)
def test_what_is_wrong_with_a_line_is_named(line: str, problems: list[str]) -> None:
    assert wrong(line) == problems


def test_two_of_one_name_get_ids_of_their_own_and_none_that_is_taken() -> None:
    rows = read_people("Dawn, mum, parent\nDawn, aunt, family", taken={"dawn-2"})
    assert [row.person.id for row in rows if row.person] == ["dawn", "dawn-3"]


def test_the_hundred_and_first_is_too_many() -> None:
    rows = read_people("\n".join(f"P{n}, x, family" for n in range(101)))
    assert [bool(row.person) for row in rows] == [True] * 100 + [False]
    assert rows[-1].problems[0].what == "too_many_people"


@settings(max_examples=200, deadline=None)
@given(st.text(max_size=300) | st.text('a",; \n', max_size=60))
def test_nothing_that_is_pasted_is_an_error_of_ours_and_no_line_is_lost(text: str) -> None:
    rows = read_people(f"Dawn, mum, parent\n{text}")
    held = [line for line in text.splitlines() if line.strip(" \t,;")]
    lines = [line for row in rows[1:] for line in row.text.splitlines()]
    assert [line for line in lines if line.strip(" \t,;")] == held
    assert all(bool(row.person) is not bool(row.problems) for row in rows)


WRITTEN = st.text(
    st.characters(exclude_categories=("Cc", "Cs", "Zl", "Zp", "Zs", "Cf")), min_size=1, max_size=30
)


@settings(max_examples=200, deadline=None)
@given(st.lists(st.tuples(WRITTEN, WRITTEN, WRITTEN), min_size=1, max_size=4))
def test_a_list_that_is_written_reads_as_the_same_people(said: list[tuple[str, ...]]) -> None:
    ages = (("parent", "adult"), ("family", "16_17"), ("young_person", "11_15"), ("child", "7_10"))
    people = [
        PersonGiven(
            str(number), name, role, age, ("cy", "zh-Hans")[number % 2], "web", who, child, None
        )
        for number, ((name, who, child), (role, age)) in enumerate(zip(said, ages, strict=False))
    ]
    read = [row.person for row in read_people(write_people(people))]
    assert [replace(one, id="") for one in read if one] == [replace(one, id="") for one in people]


def test_a_cell_that_goes_on_in_the_next_line_is_one_cell() -> None:
    rows = read_people(
        'Name,Relationship,Role\n"Leena\nO\'Shea",Kit\'s gran,family\n\nDawn,"Kit\'s\nmum",parent'
    )
    assert [row.person and (row.person.name, row.person.relation) for row in rows] == [
        ("Leena O'Shea", "Kit's gran"),
        ("Dawn", "Kit's mum"),
    ]
    assert [row.number for row in rows] == [2, 5], "the lines in which they begin"
    assert rows[0].text == "\"Leena\nO'Shea\",Kit's gran,family", "what was typed stays shown"


def test_a_quotation_mark_that_never_ends_takes_no_other_line_along() -> None:
    rows = read_people("\"Leena, Kit's gran, family\nDawn, mum, parent\nKit, himself, child")
    assert [bool(row.person) for row in rows] == [False, True, True]
    assert [row.number for row in rows] == [1, 2, 3]
