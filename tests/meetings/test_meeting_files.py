"""Meeting files: what a service writes, and how a file that cannot be used is refused."""

import json
from datetime import UTC, datetime
from pathlib import Path

import pytest
import yaml

from bot.meetings import MeetingFileRefused, read_meeting_file

PEOPLE = Path(__file__).parent.parent / "people"
FILES = sorted(PEOPLE.glob("*.yaml"))

GOOD = """\
meeting:
  kind: family_group_conference
  title: Meeting for Kit
  starts_at: 2027-03-29T16:30
  timezone: Europe/London
  place: The Quilting Room
  nation: england
  coordinator: {name: Odette Farrow, email: odette@example.org, language: en}
  duty_contact: {email: duty@example.org}
people:
  - id: dawn
    name: Dawn O'Shea
    role: parent
    age_band: adult
    language: en
    channel: telegram
    relation: Kit's mum
  - id: kit
    name: Kit
    role: young_person
    age_band: 11_15
    language: en
    channel: web
    relation: himself
"""


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.stem)
def test_the_example_files_are_read(path: Path) -> None:
    read = read_meeting_file(path.read_text(encoding="utf-8"), path.name)
    assert len(read.people) == 4
    assert read.warnings == ()


def test_a_file_says_who_prepares_for_what() -> None:
    read = read_meeting_file(GOOD, "kit.yaml")
    assert read.meeting.starts_at == datetime(2027, 3, 29, 15, 30, tzinfo=UTC)
    assert read.coordinator.email == "odette@example.org"
    assert [person.id for person in read.people] == ["dawn", "kit"]
    assert [person.age_band for person in read.people] == ["adult", "11_15"]  # not the number 1115
    assert [person.may_use_telegram for person in read.people] == [True, False]


def test_the_child_is_never_guessed() -> None:
    assert {person.child for person in read_meeting_file(GOOD, "kit.yaml").people} == {""}
    told = GOOD.replace("relation: Kit's mum", "relation: Kit's mum\n    child: Kit")
    assert read_meeting_file(told, "kit.yaml").people[0].child == "Kit"


def test_json_says_the_same_as_yaml() -> None:
    plain = yaml.load(GOOD, Loader=yaml.BaseLoader)  # noqa: S506 - strings only
    plain["people"][0]["name"] = "Dawn 🥞"
    for indent in (None, 2, "\t"):
        read = read_meeting_file(json.dumps(plain, indent=indent), "kit.json")
        assert read.people[0].name == "Dawn 🥞"
        assert read.people[1:] == read_meeting_file(GOOD, "kit.yaml").people[1:]


@pytest.mark.parametrize(
    ("was", "becomes", "line", "says"),
    [
        ("kind: family_group_conference", "kind: party", 2, "“party” is not known"),
        ("nation: england", "nation: atlantis", 7, "northern_ireland"),
        ("Europe/London", "Europe/Londres", 5, "not a time zone"),
        ("Europe/London", "../../etc/passwd", 5, "not a time zone"),
        ("2027-03-29T16:30", "next Tuesday", 4, "2027-03-29T16:30"),
        ("2027-03-29T16:30", "2027-02-30T16:30", 4, "is not a date and time"),
        ("2027-03-29T16:30", "2027-03-29", 4, "is not a date and time"),
        ("2027-03-29T16:30", "0207-03-29T16:30", 4, "cannot be meant"),
        ("odette@example.org", "odette at example", 8, "not an e-mail address"),
        ("odette@example.org", '"a@example.org\\nBcc: b@example.org"', 8, "control character"),
        ("duty@example.org", "nobody", 9, "not an e-mail address"),
        ("language: en}", "language: klingon}", 8, "not a language code"),
        ("language: en}", "language: xx}", 8, "not a language code"),
        ("language: en}", "language: en, telephone: 1}", 8, "“telephone” is not known"),
        ("title: Meeting for Kit", "titel: Meeting for Kit", 3, "“titel” is not known"),
        ("title: Meeting for Kit", "title:", 3, "needs “title”"),
        ("title: Meeting for Kit", "title: ''", 3, "is empty"),
        ("title: Meeting for Kit", "title: [a, b]", 3, "must be one value"),
        ("title: Meeting for Kit", "title: a\n  title: b", 4, "given twice"),
        ("title: Meeting for Kit", f"title: {'x' * 201}", 3, "too long"),
        ("name: Dawn O'Shea", f"name: {'x' * 121}", 12, "too long"),
        ("name: Dawn O'Shea", 'name: "Dawn\\u0007"', 12, "control character"),
        ("name: Dawn O'Shea", 'name: "Dawn\\u202eaehS"', 12, "control character"),
        ("name: Dawn O'Shea", 'name: "\\u200b"', 12, "is empty"),
        ("id: kit", "id: dawn", 18, "on line 11 already"),
        ("id: kit", "id: kit and co", 18, "letters, digits"),
        ("role: parent", "role: dragon", 13, "“dragon” is not known"),
        ("role: parent", "role: child", 14, "does not fit the role child"),
        ("age_band: 11_15", "age_band: adult", 21, "does not fit the role young_person"),
        ("age_band: 11_15", "age_band: 12", 21, "“12” is not known"),
        ("channel: web", "channel: telegram", 23, "Telegram is for people of 16 and over"),
        ("channel: web", "channel: pigeon", 23, "“pigeon” is not known"),
        ("relation: himself", "relation:", 24, "needs “relation”"),
        ("relation: himself", "relation: himself\n    may_message: perhaps", 25, "yes or no"),
        ("people:", "persons:", 10, "“persons” is not known"),
    ],
)
def test_what_cannot_be_used_is_told_with_its_line(
    was: str, becomes: str, line: int, says: str
) -> None:
    assert was in GOOD
    with pytest.raises(MeetingFileRefused) as refused:
        read_meeting_file(GOOD.replace(was, becomes, 1), "kit.yaml")
    assert any(at == line and says in what for at, what in refused.value.problems), str(
        refused.value
    )


def test_all_problems_are_told_at_once() -> None:
    bad = GOOD.replace("england", "atlantis").replace("id: kit", "id: dawn").replace("web", "wap")
    with pytest.raises(MeetingFileRefused) as refused:
        read_meeting_file(bad, "kit.yaml")
    assert [line for line, _ in refused.value.problems] == [7, 18, 23]
    assert str(refused.value).startswith("kit.yaml was not used, and nothing was made.")


@pytest.mark.parametrize(
    ("text", "name", "line"),
    [
        ("", "a.yaml", 1),
        ("just words", "a.yaml", 1),
        ("- a\n- b", "a.yaml", 1),
        ("meeting:\n  kind: [", "a.yaml", 2),
        ("meeting:\n\tkind: review", "a.yaml", 2),
        ("meeting: 1\n---\nmeeting: 2", "a.yaml", 2),
        ("meeting: {}\npeople: \x07", "a.yaml", 2),
        ("meeting: *nobody", "a.yaml", 1),
        ('{"meeting": {},\n "people": [1,}', "a.json", 2),
        ("[" * 5000, "a.yaml", 1),
        ("[" * 100_000, "a.json", 1),
        ("meeting: {}\npeople: []", "a.yaml", 2),
        ("x" * 1_000_001, "a.yaml", 1),
    ],
)
def test_what_is_no_meeting_file_is_refused_kindly(text: str, name: str, line: int) -> None:
    with pytest.raises(MeetingFileRefused) as refused:
        read_meeting_file(text, name)
    assert line in [at for at, _ in refused.value.problems]


@pytest.mark.parametrize(
    ("written", "offered"),
    [
        ("2027-10-31T01:30", "2027-10-31T01:30+01:00 for the first"),
        ("2027-03-28T01:30", "2027-03-28T02:30+01:00"),
        ("2027-03-28T01:30+00:00", "2027-03-28T02:30+01:00"),
        ("2027-07-01T16:30+00:00", "2027-07-01T17:30+01:00"),
    ],
)
def test_on_the_nights_that_clocks_change_one_is_asked_which(written: str, offered: str) -> None:
    with pytest.raises(MeetingFileRefused, match=offered.replace("+", r"\+")):
        read_meeting_file(GOOD.replace("2027-03-29T16:30", written), "kit.yaml")


@pytest.mark.parametrize(
    ("written", "hour_utc"),
    [
        ("2027-10-31T01:30+01:00", 0),
        ("2027-10-31T01:30+00:00", 1),
        ("2027-10-31T01:30Z", 1),
        ("2027-10-31 01:30:00 +0100", 0),
        ("2027-10-31T03:30", 3),
        ("2027-03-28T02:30", 1),
    ],
)
def test_an_offset_says_which(written: str, hour_utc: int) -> None:
    read = read_meeting_file(GOOD.replace("2027-03-29T16:30", written), "kit.yaml")
    assert read.meeting.starts_at.astimezone(UTC).hour == hour_utc


def test_a_start_in_the_past_is_warned_of_and_not_refused() -> None:
    late = datetime(2028, 1, 1, tzinfo=UTC)
    assert read_meeting_file(GOOD, "kit.yaml", late).warnings == (
        "The meeting's start is in the past.",
    )
    assert read_meeting_file(GOOD, "kit.yaml", datetime(2027, 1, 1, tzinfo=UTC)).warnings == ()


def test_a_slip_in_a_persons_key_is_warned_of() -> None:
    slip = GOOD.replace("relation: himself", "relation: himself\n    chlid: Kit")
    assert read_meeting_file(slip, "kit.yaml").warnings == ("line 25: “chlid” is not used.",)


@pytest.mark.parametrize("name", ["' OR 1=1; --", "<b>Dawn</b>", "نعیم رحمان", "می‌خواهم", "🥞"])
def test_any_name_that_people_have_is_kept(name: str) -> None:
    written = GOOD.replace("name: Dawn O'Shea", f"name: {json.dumps(name)}")
    assert read_meeting_file(written, "kit.yaml").people[0].name == name
