"""The roundup on paper: everybody in one table, for the coordinator alone. Never a quote."""

from collections.abc import Iterator
from datetime import datetime

from bot.summaries.documents.structure import Document, Item, Section, Table
from bot.summaries.roundup import Roundup
from bot.summaries.sentences import Sentences
from bot.summaries.standing import Standing


def roundup_paper(found: Roundup, sentences: Sentences, now: datetime) -> Document:
    """Who has prepared, what they need, and what is to be done before the day."""
    gettext = sentences.gettext
    when = sentences.when(found.starts_at, found.timezone)
    notice = []
    if found.cancelled_at:
        off = gettext("This meeting was called off %(when)s.")
        notice.append(off % {"when": sentences.when(found.cancelled_at, found.timezone)})
    table = Table(
        title=gettext("Who has prepared"),
        head=(gettext("Who"), gettext("How far"), gettext("Needs"), gettext("To do")),
        rows=tuple(_row(person, found.timezone, sentences) for person in found.people),
    )
    return Document(
        title=gettext("Roundup"),
        heading=found.title,
        language=sentences.language,
        shape="roundup",
        about_boxes=sentences.about_boxes(),
        only_for=gettext("For the coordinator only. Not to be handed round."),
        lead=tuple(filter(None, (when, found.place, sentences.kind_of_meeting(found.kind)))),
        notice=tuple(notice),
        safety=_alerts(found, sentences),
        safety_note=gettext("For your eyes only. None of this is on the meeting copy."),
        table=table,
        closing=(
            gettext("None of anybody's own words stand in this table."),
            sentences.made(now, found.timezone),
        ),
    )


def _alerts(found: Roundup, sentences: Sentences) -> Section | None:
    items = tuple(
        Item(heading=person.name or sentences.gettext("Someone who has been erased"), lines=lines)
        for person in found.people
        if (lines := tuple(_raised(person, found.timezone, sentences)))
    )
    return Section(sentences.gettext("Safety first"), items, columns=2) if items else None


def _raised(person: Standing, zone: str, sentences: Sentences) -> Iterator[str]:
    gettext = sentences.gettext
    for one in person.alerts:
        raised = gettext("Raised %(when)s.") % {"when": sentences.when(one.raised_at, zone)}
        if one.acknowledged_at is None:
            known = gettext("Nobody has acknowledged it yet.")
        else:
            at = {"when": sentences.when(one.acknowledged_at, zone)}
            known = gettext("Acknowledged %(when)s.") % at
        yield f"{sentences.alert(one.category)}. {raised} {known}"


def _row(person: Standing, zone: str, sentences: Sentences) -> tuple[tuple[str, ...], ...]:
    gettext = sentences.gettext
    if person.status == "erased":
        return ((gettext("Someone who has been erased"),), (sentences.status("erased"),), (), ())
    who = (sentences.named(person.relation), sentences.role(person.role))
    about = (*who, sentences.age(person.age_band), sentences.language_name(person.language))
    to_do = tuple(
        one.sentence
        if one.done_at is None
        else f"{one.sentence} "
        + gettext("Done %(when)s.") % {"when": sentences.when(one.done_at, zone)}
        for one in person.to_do
    )
    return (
        (person.name, " · ".join(filter(None, about))),
        (sentences.status(person.status), *_how_far(person, zone, sentences)),
        person.needs,
        to_do,
    )


def _how_far(person: Standing, zone: str, sentences: Sentences) -> Iterator[str]:
    gettext = sentences.gettext
    if person.sent_at and person.status == "sent":
        yield gettext("Sent %(when)s.") % {"when": sentences.when(person.sent_at, zone)}
        if person.first_read_at:
            read = {"when": sentences.when(person.first_read_at, zone)}
            yield gettext("You read it %(when)s.") % read
        else:
            yield gettext("Not read yet.")
    elif person.status == "started" and person.started_at:
        yield gettext("Started %(when)s.") % {"when": sentences.when(person.started_at, zone)}
    elif person.status == "opened" and person.opened_at:
        yield gettext("Opened %(when)s.") % {"when": sentences.when(person.opened_at, zone)}
    if person.failures:
        count = sum(one.count for one in person.failures)
        lost = sentences.ngettext(
            "%(count)s message did not arrive.", "%(count)s messages did not arrive.", count
        )
        yield lost % {"count": count}
