"""The conversation's voice: its words in the person's language, and their own words quoted."""

from collections.abc import Iterator
from functools import cached_property

from flows.answers import Answer, Circumstances, Conversation, How, Sharing, Speaker
from flows.exchange import Choice, Look, Message, Paragraph, Style
from flows.machine import FlowMachine
from flows.review import option_label, sendable
from flows.schema import Ask, Text
from flows.wording import Value, Wording

ANYWHERE = "*"
"""The state of a button that works wherever the conversation is."""

Rows = tuple[tuple[Choice, ...], ...]


class Speech:
    """For one conversation, as it is now."""

    def __init__(
        self,
        machine: FlowMachine,
        conversation: Conversation,
        around: Circumstances,
        wording: Wording,
    ) -> None:
        self.machine = machine
        self.flow = machine.flow
        self.now = conversation
        self.around = around
        self.wording = wording

    def say(self, phrase: str, **more: Value) -> str:
        arguments = {**self._arguments, **more}
        return self.wording.say(phrase, self.flow.audience, self.now.language, **arguments)

    def text(self, text: Text) -> str:
        return self.wording.text(text, self.flow.audience, self.now.language, **self._arguments)

    def plain(self, phrase: str, **more: Value) -> Paragraph:
        return Paragraph(text=self.say(phrase, **more))

    def small(self, phrase: str, **more: Value) -> Paragraph:
        return Paragraph(text=self.say(phrase, **more), style=Style.SMALL)

    def seen(self, opened: str, unseen: str) -> Paragraph:
        """Who has had what was sent before their eyes.

        Args:
            opened: the phrase where somebody opened it.
            unseen: where nobody did, and it came into nobody's chat.
        """
        seen = self.around.seen
        if seen is None:
            return self.plain(unseen)
        return self.plain(opened if seen.how == "opened" else "came_in_chat", coordinator=seen.by)

    @cached_property
    def _arguments(self) -> dict[str, Value]:
        around, language, audience = self.around, self.now.language, self.flow.audience
        return {
            "coordinator": around.coordinator,
            "child": around.child or self.wording.say("child_unnamed", audience, language),
            "place": around.place,
            "minutes": self.flow.minutes,
            "meeting": around.about.called
            or self.wording.say(f"kind_{around.meeting_kind}", audience, language),
            "when": self.wording.when(around.starts_at, around.timezone, audience, language),
        }

    def notice(self, *paragraphs: Paragraph, resume: bool = False) -> Message:
        """Something said that asks nothing."""
        on = Choice(id="resume", label=self.say("resume"))
        return Message(
            paragraphs=paragraphs,
            rows=((on,),) if resume else (),
            state=ANYWHERE if resume else "",
            revision=self.now.revision,
            language=self.now.language,
            quotes=any(paragraph.style is Style.QUOTE for paragraph in paragraphs),
        )

    def help_card(self) -> Message:
        lines = tuple(Paragraph(text=line, style=Style.STRONG) for line in self.around.help_lines)
        opening = Paragraph(text=self.say("help_card"), style=Style.STRONG)
        people = (self.plain("help_more"), *lines) if lines else ()
        return self.notice(opening, *people, self.small("help_back"))

    def when_read(self) -> list[Paragraph]:
        """When somebody will see an alert, honestly; what cannot wait goes another way."""
        around, language = self.around, self.now.language
        if around.at_work_until is not None:
            until = self.wording.at(around.at_work_until, around.work_timezone, language)
            return [self.plain("alert_at_work", until=until), self.plain("alert_wait")]
        if around.at_work_from is None:
            return [self.plain("alert_no_hurry")]
        opens = self.wording.when(
            around.at_work_from, around.work_timezone, self.flow.audience, language
        )
        if around.always_someone:
            return [self.plain("alert_night_team", opens=opens), self.plain("alert_wait")]
        return [self.plain("alert_nobody_until", opens=opens), self.plain("alert_wait")]

    def choice(self, phrase: str, choice: str) -> Choice:
        return Choice(id=choice, label=self.say(phrase))

    def exit(self, phrase: str) -> Choice:
        return Choice(id=phrase, label=self.say(phrase), look=Look.EXIT)

    def who_hears(self, sharing: Sharing, *, locked: bool) -> str:
        if locked:
            return self.say("who_locked")
        if sharing.hears == "coordinator" or sharing.says is None:
            return self.say("who_coordinator")
        says = "coordinator_says" if sharing.says is Speaker.COORDINATOR else sharing.says
        return self.say(f"who_{says}")

    def who_not(self, sharing: Sharing) -> list[Paragraph]:
        if not sharing.not_to:
            return []
        return [self.small("who_not_to", names=sharing.not_to)]

    def quoted(self, step: Ask, answer: Answer) -> Iterator[Paragraph]:
        """An answer as its owner gave it."""
        audience, language = self.flow.audience, self.now.language
        for option in answer.chosen:
            label = option_label(step, option, audience, language, self.wording)
            yield Paragraph(text=label, style=Style.QUOTE)
        marks = {"voice": "🎤", "picture": "🖼", "file": "📎"}
        for part in answer.parts:
            mark = marks.get(part.kind, "")
            yield Paragraph(
                text=f"{mark} {part.text}".strip() if mark else part.text, style=Style.QUOTE
            )
        if answer.how is How.NOT_SURE:
            yield self.plain("answered_not_sure")
        elif answer.how is How.IN_PERSON:
            yield self.plain("answered_in_person")

    def listed(self) -> tuple[Ask, ...]:
        """What the review lists, in order: its buttons are the numbers of these."""
        answers = self.now.answers
        return tuple(
            s for s in sendable(self.machine) if s.id in answers or (s.counted and not s.detour)
        )
