"""What a made-up person does at each point of a conversation, whatever channel they are in."""

from copy import deepcopy
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import Any

import yaml

from bot.meetings import MeetingFile, read_meeting_file
from flows.review import FACES

PEOPLE = Path(__file__).parent.parent / "people"


@dataclass(frozen=True)
class Tapped:
    choice: str


@dataclass(frozen=True)
class Typed:
    text: str


Deed = Tapped | Typed


@dataclass
class Script:
    """One person's part. Ask `next` again and again until it has nothing more."""

    person: dict[str, Any]
    done: dict[str, int] = field(default_factory=dict)
    """How much of each answer was given."""

    @property
    def says(self) -> dict[str, Any]:
        says: dict[str, Any] = self.person["says"]
        return says

    def next(self, state: str, choices: list[str]) -> Deed | None:
        """What they do now; None once it is sent.

        Args:
            state: where the conversation is, as its buttons say.
            choices: the buttons' ids.
        """
        step, _, sub = state.partition(".")
        if sub:
            return self._sharing(step, sub)
        if state == "language":
            language = self.person["language"]
            return Tapped(language if language in choices else "en")
        if state == "review":
            return Tapped("look")
        if state == "preview":
            return Tapped("send")
        if state == "sent":
            return None
        if "go_on" in choices:
            return Tapped("go_on")
        if state in ("private_time", "messages_ok"):
            return Tapped("yes")
        return self._answer(step, choices)

    def shared(self, step: str) -> bool:
        return bool(self.person.get("sharing", {}).get(step) == "meeting")

    def words(self, step: str) -> list[str]:
        """The words that they type at a question, one message each."""
        value = self.says.get(step.removesuffix("_why") if step == "scale_why" else step)
        if step == "scale_why":
            return [value["why"]] if isinstance(value, dict) else []
        if step == "name":
            return [self.person["name"]]
        if isinstance(value, str) and value not in ("none", "not_sure") and step != "take_part":
            return [value]
        if isinstance(value, list):
            return [", ".join(str(part) for part in one.values()) for one in value]
        if isinstance(value, dict) and "words" in value:
            return [value["words"]]
        return []

    def _answer(self, step: str, choices: list[str]) -> Deed:
        value = self.says.get(step)
        taps = {"none": "nobody", "not_sure": "not_sure", True: "yes", False: "no"}
        if step == "scale" and isinstance(value, dict):
            return Tapped(str(value["value"]))
        if not isinstance(value, dict | list) and taps.get(value) in choices:
            return Tapped(taps[value])
        if isinstance(value, str) and value in choices:
            return Tapped(value)
        if value in FACES:
            return Tapped(str(FACES.index(value) + 1))
        words = self.words(step)
        given = self.done.get(step, 0)
        if given < len(words):
            self.done[step] = given + 1
            return Typed(words[given])
        for choice in ("done", "keep", "skip"):
            if choice in choices:
                return Tapped(choice)
        raise AssertionError(f"nothing to do at {step} with {choices}")

    def _sharing(self, step: str, sub: str) -> Deed:
        names = self.person.get("not_to", {}).get(step, [])
        named = self.done.get(f"{step}.not_to", 0)
        if sub == "hears":
            if named < len(names):
                return Tapped("not_to")
            return Tapped("meeting" if self.shared(step) else "coordinator")
        if sub == "says":
            return Tapped(self.person.get("who_says_it", {}).get(step, "me"))
        if sub == "not_to":
            if named < len(names):
                self.done[f"{step}.not_to"] = named + 1
                return Typed(names[named])
            return Tapped("done")
        return Tapped("each")


def meeting_files() -> list[Path]:
    return sorted(PEOPLE.glob("*.yaml"))


def people_of(path: Path) -> list[dict[str, Any]]:
    return deepcopy(_people(path))


@cache
def _people(path: Path) -> list[dict[str, Any]]:
    people: list[dict[str, Any]] = yaml.safe_load(path.read_text(encoding="utf-8"))["people"]
    return people


@cache
def meeting_in(path: Path) -> MeetingFile:
    """What a made-up file says of its meeting. Hundreds of tests begin with one of a few: each is
    read once, which takes longer than to make the meeting."""
    return read_meeting_file(path.read_text(encoding="utf-8"), path.name)
