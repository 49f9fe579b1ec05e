"""One person's page on paper, for the coordinator alone, in the order of EVIDENCE 7.7: the safety
box first."""

from collections.abc import Iterable, Iterator
from datetime import datetime

from bot.summaries.compile import Page, Raised, Sent, TakenBack
from bot.summaries.documents.pictures import Pictures, enclosed_in
from bot.summaries.documents.structure import Document, Item, Section, Tick, words_of
from bot.summaries.entries import Entry
from bot.summaries.sentences import Sentences
from bot.summaries.tasks import ToDo
from flows.answers import How
from flows.schema import Section as Place


def summary_paper(
    page: Page, sentences: Sentences, now: datetime, pictures: Pictures | None = None
) -> Document:
    """What the coordinator may keep: what the page shows, without its buttons."""
    return _Paper(page, sentences, now, pictures or {}).made()


class _Paper:
    def __init__(self, page: Page, sentences: Sentences, now: datetime, pictures: Pictures) -> None:
        self._page = page
        self._sentences = sentences
        self._now = now
        self._pictures = pictures

    def made(self) -> Document:
        gettext, page = self._sentences.gettext, self._page
        sent = page.sent
        return Document(
            title=gettext("Summary"),
            heading=page.name,
            language=self._sentences.language,
            shape="summary",
            about_boxes=self._sentences.about_boxes(),
            only_for=gettext("For the coordinator only. Not to be handed round."),
            lead=(self._who(), self._for_what(), self._how_far()),
            notice=tuple(self._notice(sent)) if sent else (),
            safety=self._safety(sent),
            safety_note=gettext("For your eyes only. None of this is on the meeting copy."),
            sections=tuple(self._sections(sent)) if sent else (),
            closing=tuple(self._closing(sent)),
        )

    def _when(self, moment: datetime) -> str:
        return self._sentences.when(moment, self._page.timezone)

    def _who(self) -> str:
        page, say = self._page, self._sentences
        who = (say.named(page.relation), say.role(page.role), say.age(page.age_band))
        how = (say.language_name(page.language), say.channel(page.channel))
        return " · ".join(filter(None, (*who, *how)))

    def _for_what(self) -> str:
        page = self._page
        title = self._sentences.named(page.meeting_title)
        return f"{title} · {self._when(page.meeting_starts_at)}"

    def _how_far(self) -> str:
        page, gettext, when = self._page, self._sentences.gettext, self._when
        if page.sent:
            said = [gettext("Sent %(when)s.") % {"when": when(page.sent.sent_at)}]
            if page.sent.version > 1:
                version = gettext(
                    "This is version %(count)s: they have changed it since they first sent it."
                )
                said.append(version % {"count": page.sent.version})
            return " ".join(said)
        if page.wiped_at:
            return gettext(
                "They wiped their preparation on %(when)s. Nothing of it is kept here any more."
                " What you had read by then may stand in your own records, where the law asks for"
                " that. They may be invited again, and may come to the meeting as before."
            ) % {"when": when(page.wiped_at)}
        if page.started_at:
            return gettext(
                "They started %(when)s and have sent nothing yet. Until they do, nobody can read"
                " what they write."
            ) % {"when": when(page.started_at)}
        if page.opened_at:
            opened = gettext("They opened their invitation %(when)s and have not started.")
            return opened % {"when": when(page.opened_at)}
        return gettext("They have not opened their invitation yet.")

    def _notice(self, sent: Sent) -> Iterator[str]:
        gettext = self._sentences.gettext
        if sent.taken_back:
            yield self._taken_back(sent.taken_back)
        if sent.changes:
            yield self._sentences.marks_since(sent.changes.read_at, self._page.timezone)
        if sent.no_longer:
            yield f"{gettext('No longer answered:')} {' · '.join(sent.no_longer)}"

    def _taken_back(self, back: TakenBack) -> str:
        gettext = self._sentences.gettext
        said = [gettext("Taken back on %(when)s.") % {"when": self._when(back.at[-1])}]
        if back.headings:
            said.append(f"{' · '.join(back.headings)}.")
        return " ".join((*said, gettext("Please treat it as not said.")))

    def _safety(self, sent: Sent | None) -> Section | None:
        gettext = self._sentences.gettext
        items = [self._alert(one) for one in self._page.alerts]
        if self._page.care:
            heading = gettext("When you write to them, take care")
            items.append(Item(heading=heading, lines=(self._page.care,)))
        if sent and sent.not_to:
            must_not = tuple(
                f"{self._sentences.listed(one.names)}: {one.heading}" for one in sent.not_to
            )
            items.append(Item(heading=gettext("Must not reach"), lines=must_not))
        items += self._items(sent.safety if sent else ())
        return Section(gettext("Safety first"), tuple(items), columns=2) if items else None

    def _alert(self, one: Raised) -> Item:
        gettext = self._sentences.gettext
        raised = gettext("Raised %(when)s.") % {"when": self._when(one.raised_at)}
        if one.acknowledged_at is None:
            known = gettext("Nobody has acknowledged it yet.")
        else:
            known = gettext("Acknowledged %(when)s.") % {"when": self._when(one.acknowledged_at)}
        became = {
            "needed_action": gettext("It needed action."),
            "false_alarm": gettext("It was a false alarm."),
        }.get(one.outcome or "")
        return Item(
            heading=self._sentences.alert(one.category),
            lines=tuple(filter(None, (raised, known, became))),
        )

    def _sections(self, sent: Sent) -> Iterator[Section]:
        gettext = self._sentences.gettext
        own_words = (Place.STRENGTHS, Place.WORRIES, Place.WISHES)
        for title, answers, columns in (
            (gettext("Who they are"), sent.of(Place.WHO), 3),
            (gettext("Taking part"), sent.of(Place.TAKING_PART), 3),
            (
                gettext("In their own words"),
                tuple(one for place in own_words for one in sent.of(place)),
                2,
            ),
            (gettext("Must be said"), sent.of(Place.MUST_BE_SAID), 1),
            (gettext("Must not be said"), sent.of(Place.MUST_NOT_BE_SAID), 1),
        ):
            if answers:
                yield Section(title, tuple(self._items(answers)), columns)
        before = tuple(self._before_the_day(sent))
        if before:
            yield Section(gettext("Before the day"), before, 2)
        for title, answers in (
            (gettext("People they named"), sent.of(Place.PEOPLE)),
            (gettext("Offers and needs"), sent.of(Place.PLAN)),
            (gettext("Practical"), sent.of(Place.PRACTICAL)),
            (gettext("Scales"), sent.of(Place.SCALES)),
            (gettext("Something more"), sent.others),
        ):
            if answers:
                yield Section(title, tuple(self._items(answers)), 2)

    def _before_the_day(self, sent: Sent) -> Iterator[Item]:
        gettext = self._sentences.gettext
        if sent.to_do:
            yield Item(
                heading=gettext("To do before the day"),
                ticks=tuple(map(self._tick, sent.to_do)),
            )
        questions = sent.of(Place.QUESTIONS)
        yield from self._items(
            one for one in questions if one.how is not How.IN_PERSON or not one.is_empty
        )

    def _tick(self, task: ToDo) -> Tick:
        if task.done_at is None:
            return Tick(task.sentence, is_done=False)
        done = self._sentences.gettext("Done %(when)s.") % {"when": self._when(task.done_at)}
        return Tick(f"{task.sentence} {done}", is_done=True)

    def _items(self, answers: Iterable[Entry]) -> Iterator[Item]:
        return (self._answer(one) for one in answers)

    def _answer(self, one: Entry) -> Item:
        say, gettext = self._sentences, self._sentences.gettext
        lines = [*say.left(one.how), *one.labels]
        if one.anchors and one.labels:
            lines.append(say.ends(one.anchors))
        enclosed = enclosed_in(one.pieces, self._pictures, say)
        lines += enclosed.lines
        other = {piece.language for piece in one.pieces} - {self._page.language, ""}
        notes = [say.language_name(code) for code in sorted(other)]
        if one.says is not None:
            notes.append(f"{gettext('May be said in the meeting')}. {say.you_say(one.says)}")
        return Item(
            heading=one.heading,
            marks=tuple(self._marks(one)),
            lines=tuple(lines),
            words=tuple(words_of(piece) for piece in one.pieces if piece.text),
            pictures=enclosed.pictures,
            notes=tuple(notes),
            warning=f"{gettext('Must not reach:')} {say.listed(one.not_to)}" if one.not_to else "",
        )

    def _marks(self, one: Entry) -> Iterator[str]:
        gettext, page = self._sentences.gettext, self._page
        if one.step in page.read_first:
            yield gettext("Read first")
        changes = page.sent.changes if page.sent else None
        if changes and one.step in changes.marks:
            yield self._sentences.mark(changes.marks[one.step])

    def _closing(self, sent: Sent | None) -> Iterator[str]:
        gettext = self._sentences.gettext
        if sent is None:
            yield self._sentences.made(self._now, self._page.timezone)
            return
        if sent.unanswered:
            yield f"{gettext('Not answered:')} {' · '.join(sent.unanswered)}"
        yield gettext(
            "These are their words as they wrote them, in the language they wrote them in. No"
            " computer changed them. They saw exactly this before they tapped Send, and may change"
            " or take back anything until the meeting."
        )
        yield gettext("What has no sign that it may be said in the meeting is for you alone.")
        first = sent.first_read_at or self._now
        read = gettext("You first read it %(when)s.") % {"when": self._when(first)}
        yield f"{read} {gettext('They can see whether you have.')}" if sent.is_told else read
        yield self._sentences.made(self._now, self._page.timezone)
