"""The author's checker: what would go wrong with these words and flows, found before anyone meets
it. Each check lives in `checks`; this runs them all."""

from collections.abc import Iterator
from pathlib import Path

import yaml
from pydantic import TypeAdapter, ValidationError

from flows.checks.catalogues import check_catalogues
from flows.checks.finding import Finding
from flows.checks.graph import check_graph
from flows.checks.places import Document, read_document
from flows.checks.questions import check_questions
from flows.checks.shape import schema_findings
from flows.checks.view import View
from flows.checks.words import check_flow_words, check_phrases, explained_in
from flows.schema import Flow, Phrase

__all__ = ["Finding", "check"]

PHRASES = "phrases.yaml"
_PHRASES = TypeAdapter(dict[str, Phrase])


def check(content: Path, locales: Path) -> list[Finding]:
    """All that an author should mend, by file and line. Empty is good.

    Args:
        content: the flow files and phrases.yaml. Files in `shipped/` need only load: their words
            are history, and conversations are pinned to them.
        locales: the catalogues.
    """
    return sorted(_findings(content, locales))


def _findings(content: Path, locales: Path) -> Iterator[Finding]:
    found: list[Finding] = []
    documents = {
        path: document
        for path in (*content.glob("*.yaml"), *content.glob("shipped/*.yaml"))
        if (document := _read(path, found)) is not None
    }
    yield from found
    phrases = documents.pop(content / PHRASES, None)
    current = [document for path, document in documents.items() if path.parent == content]
    yield from _versions(documents)
    for document in current:
        flow = _flow(document)
        if flow is not None:
            view = View(flow, document)
            yield from check_graph(view)
            yield from check_questions(view)
            yield from check_flow_words(document)
    if phrases is not None:
        yield from _phrases(phrases, current)
        current.append(phrases)
    elif not (content / PHRASES).exists():
        mend = "Add it: without it the conversation has no words of its own."
        yield Finding(content / PHRASES, 1, "no_phrases", "There is no phrases.yaml.", mend)
    yield from check_catalogues(locales, (text for document in current for text in document.texts))


def _read(path: Path, found: list[Finding]) -> Document | None:
    """A file as a tree; what keeps it from being one goes to `found`."""
    try:
        document = read_document(path)
        yaml.safe_load(document.source)
    except yaml.YAMLError as error:
        mark = getattr(error, "problem_mark", None)
        line = mark.line + 1 if mark is not None else 1
        problem = f"This is not YAML: {getattr(error, 'problem', None) or 'it cannot be read'}."
        mend = "Look at the indentation, and put words with a colon or a quotation mark in quotes."
        found.append(Finding(path, line, "yaml", problem, mend))
        return None
    except UnicodeDecodeError:
        found.append(Finding(path, 1, "yaml", "This is not UTF-8.", "Save it as UTF-8."))
        return None
    for key, line in document.doubled:
        problem = f"`{key}` stands here twice, and only the last one counts."
        found.append(Finding(path, line, "doubled", problem, "Keep one of them."))
    return document


def _flow(document: Document) -> Flow | None:
    try:
        return Flow.model_validate(yaml.safe_load(document.source))
    except ValidationError:
        return None


def _versions(documents: dict[Path, Document]) -> Iterator[Finding]:
    """Each flow file has the shape of one, and each version of a flow stands in one file."""
    seen: dict[tuple[str, int], Path] = {}
    for path, document in sorted(documents.items()):
        try:
            flow = Flow.model_validate(yaml.safe_load(document.source))
        except ValidationError as error:
            yield from schema_findings(document, error)
            continue
        other = seen.setdefault((flow.id, flow.version), path)
        if other != path:
            yield Finding(
                path,
                document.line(("version",)),
                "version_twice",
                f"Version {flow.version} of `{flow.id}` is also in {other.name}.",
                "Raise `version` in the newer one.",
            )


def _phrases(document: Document, flows: list[Document]) -> Iterator[Finding]:
    try:
        _PHRASES.validate_python(yaml.safe_load(document.source))
    except ValidationError as error:
        yield from schema_findings(document, error)
        return
    yield from check_phrases(document, explained_in(flows))
