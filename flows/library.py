"""The flow files: read, checked for shape, and kept by version. What they mean is machine's."""

from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

import yaml
from pydantic import TypeAdapter

from flows.machine import FlowMachine
from flows.schema import Audience, Flow, Phrase
from flows.wording import INVITATION, Wording, locales_folder, read_catalogues

CONTENT = Path(__file__).parent / "content"
_PHRASES = TypeAdapter(dict[str, Phrase])
_LOADER = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
"""The one in C is ten times as fast, and not everywhere."""


class FlowUnknown(LookupError):
    """No such flow, or not in that version."""


@dataclass(frozen=True)
class Library:
    """Every version of every flow that was ever shipped, and the words to speak them in."""

    flows: dict[tuple[str, int], FlowMachine]
    wording: Wording

    @cached_property
    def names(self) -> tuple[str, ...]:
        return tuple(sorted({name for name, _ in self.flows}))

    def newest(self, name: str) -> FlowMachine:
        """The version that a new conversation begins with."""
        versions = [version for flow, version in self.flows if flow == name]
        if not versions:
            raise FlowUnknown(name)
        return self.flows[name, max(versions)]

    def version(self, name: str, version: int) -> FlowMachine:
        """The version that a conversation was pinned to when it began."""
        try:
            return self.flows[name, version]
        except KeyError:
            raise FlowUnknown(f"{name} {version}") from None


def flow_for(role: str, age_band: str) -> str:
    """Which preparation someone is offered. The age band is told by who invites, never inferred."""
    if age_band == "7_10":
        return "child"
    if age_band in ("11_15", "16_17"):
        return "young_person"
    return "parent" if role == "parent" else "family"


def audience_for(role: str, age_band: str) -> Audience:
    """In which register someone is addressed."""
    flow = flow_for(role, age_band)
    return {"young_person": Audience.YOUNG, "child": Audience.CHILD}.get(flow, Audience.ADULT)


def read_library(
    content: Path = CONTENT, locales: Path | None = None, languages: tuple[str, ...] = ()
) -> Library:
    """All flow files and catalogues. Older versions stand in `content/shipped/`.

    Args:
        languages: speak only these, and English; all that there are when empty.

    Raises:
        pydantic.ValidationError: a file says something that `schema` does not know.
        yaml.YAMLError: a file is not YAML.
    """
    machines: dict[tuple[str, int], FlowMachine] = {}
    files = [*content.glob("*.yaml"), *content.glob("shipped/*.yaml")]
    for path in sorted(files):
        if path.name != "phrases.yaml":
            flow = Flow.model_validate(read_yaml(path))
            machines[flow.id, flow.version] = FlowMachine(flow)
    phrases = _PHRASES.validate_python(read_yaml(content / "phrases.yaml"))
    folder = locales or locales_folder()
    invitations = read_catalogues(folder, name=INVITATION)
    return Library(machines, Wording(phrases, read_catalogues(folder, languages), invitations))


def read_yaml(path: Path) -> Any:  # noqa: ANN401 - whatever the file holds; the schema decides
    return yaml.load(path.read_text(encoding="utf-8"), _LOADER)  # noqa: S506 - safe too
