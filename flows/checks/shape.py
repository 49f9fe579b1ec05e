"""Errors of the schema, put the way an author needs them: with a line and what to write instead."""

from collections.abc import Iterator
from typing import Any

from pydantic import ValidationError
from pydantic_core import ErrorDetails

from flows.checks.finding import Finding
from flows.checks.places import Document, Loc
from flows.checks.view import nearest
from flows.schema import Ask, Flow, Option, Phrase, Say

_FIELDS = frozenset[str]().union(
    *(model.model_fields for model in (Flow, Say, Ask, Option, Phrase)), {"kind", "go", "when"}
)


def schema_findings(document: Document, error: ValidationError) -> Iterator[Finding]:
    """One finding a line: a union's branches each complain about the same word."""
    seen = set()
    details = error.errors(include_url=False)
    for detail in details:
        if any(_within(other["loc"], detail["loc"]) for other in details):
            continue  # only because of what is wrong inside it
        line = document.line(_in_file(detail["loc"]))
        if line not in seen:
            seen.add(line)
            problem, mend = _plainly(detail)
            yield Finding(document.path, line, "schema", problem, mend)


def _in_file(loc: Loc) -> Loc:
    """Without the kind of step, which pydantic puts in and which is also a field's name."""
    return loc[:2] + loc[3:] if len(loc) > 2 and loc[0] in ("opening", "questions") else loc


def _within(inner: Loc, outer: Loc) -> bool:
    return len(inner) > len(outer) and inner[: len(outer)] == outer


def _plainly(detail: ErrorDetails) -> tuple[str, str]:
    name = next((str(part) for part in reversed(detail["loc"]) if isinstance(part, str)), "")
    given = detail.get("input")
    context: dict[str, Any] = detail.get("ctx", {})
    match detail["type"]:
        case "missing":
            return f"`{name}` is missing.", f"Add `{name}:`."
        case "extra_forbidden":
            return f"`{name}` is no field that is known here.", nearest(name, _FIELDS - {name})
        case "string_type":
            return (
                f"`{given}` is read as {_yaml_name(given)}.",
                f'Put it in quotes: "{_typed(given)}".',
            )
        case "enum" | "literal_error":
            return f"`{given}` is not one of its values.", f"Use {context.get('expected')}."
        case "union_tag_invalid":
            return f"`{context.get('tag')}` is not one of its kinds.", (
                f"Use one of these: {context.get('expected_tags')}."
            )
        case "union_tag_not_found":
            return "This has no `kind`.", "Add `kind:`, such as `kind: words`."
        case "string_pattern_mismatch" | "string_too_long":
            return f"`{given}` cannot be an id.", (
                "Use small letters, digits and _, and keep a step's id to 24 characters,"
                " an option's to 16: a button carries 64 bytes in all."
            )
        case "too_short":
            return f"`{name}` is too short.", f"It needs {context.get('min_length')} at least."
    return f"`{name}`: {detail['msg']}.", "See flows/schema.py for what may stand here."


def _yaml_name(given: object) -> str:
    if isinstance(given, bool):
        return "yes or no"
    return "a number" if isinstance(given, int | float) else "something other than words"


def _typed(given: object) -> str:
    return {True: "yes", False: "no"}[given] if isinstance(given, bool) else str(given)
