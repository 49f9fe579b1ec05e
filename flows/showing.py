"""How each state of a conversation is shown: its message and its buttons. Changes nothing."""

from collections.abc import Iterator
from functools import cached_property

from flows.answers import Answer, Circumstances, Conversation, How, Sharing, Speaker
from flows.exchange import Accepts, Choice, Look, Message, Paragraph, Style
from flows.machine import ITEM, PREVIEW, REVIEW, SENT, FlowMachine, Sub
from flows.review import FACES, coordinators_copy, meeting_copy, option_label, sendable
from flows.schema import (
    Ask,
    Choices,
    Faces,
    File,
    Language,
    People,
    Picture,
    Say,
    Scale,
    SharingRule,
    Text,
    Voice,
    Words,
    YesNo,
)
from flows.schema import Choice as OneChoice
from flows.wording import Wording, own_name

ANYWHERE = "*"
"""The state of a button that works wherever the conversation is."""

Rows = tuple[tuple[Choice, ...], ...]


class Showing:
    """One conversation, as its person sees it."""

    def __init__(
        self,
        machine: FlowMachine,
        conversation: Conversation,
        around: Circumstances,
        wording: Wording,
    ) -> None:
        self._machine = machine
        self._flow = machine.flow
        self._now = conversation
        self._around = around
        self._wording = wording

    # --- words ---

    def say(self, phrase: str, **more: str | int) -> str:
        return self._wording.say(
            phrase, self._flow.audience, self._now.language, **self._arguments, **more
        )

    def text(self, text: Text) -> str:
        return self._wording.text(text, self._flow.audience, self._now.language, **self._arguments)

    def plain(self, phrase: str, **more: str | int) -> Paragraph:
        return Paragraph(text=self.say(phrase, **more))

    def small(self, phrase: str, **more: str | int) -> Paragraph:
        return Paragraph(text=self.say(phrase, **more), style=Style.SMALL)

    @cached_property
    def _arguments(self) -> dict[str, str | int]:
        around, language, audience = self._around, self._now.language, self._flow.audience
        return {
            "coordinator": around.coordinator,
            "child": around.child or self._wording.say("child_unnamed", audience, language),
            "place": around.place,
            "minutes": self._flow.minutes,
            "meeting": self._wording.say(f"kind_{around.meeting_kind}", audience, language),
            "when": self._wording.when(around.starts_at, around.timezone, audience, language),
        }

    # --- messages ---

    def message(self, notes: tuple[Paragraph, ...] = ()) -> Message:
        """The state's own message, after whatever is to be said first."""
        state = self._now.state
        if state == REVIEW:
            shown = self._review()
        elif state == ITEM:
            shown = self._item()
        elif state == PREVIEW:
            shown = self._preview()
        elif state == SENT:
            shown = self._sent()
        elif "." in state:
            shown = self._about_sharing(*state.split(".", 1))
        else:
            step = self._machine.steps[state]
            shown = self._explained(step) if isinstance(step, Say) else self._asked(step)
        return shown.model_copy(
            update={
                "paragraphs": notes + shown.paragraphs,
                "state": state,
                "revision": self._now.revision,
                "language": self._now.language,
                "quotes": shown.quotes or any(note.style is Style.QUOTE for note in notes),
            }
        )

    def notice(self, *paragraphs: Paragraph, resume: bool = False) -> Message:
        """Something said that asks nothing."""
        on = Choice(id="resume", label=self.say("resume"))
        return Message(
            paragraphs=paragraphs,
            rows=((on,),) if resume else (),
            state=ANYWHERE if resume else "",
            revision=self._now.revision,
            language=self._now.language,
            quotes=any(paragraph.style is Style.QUOTE for paragraph in paragraphs),
        )

    def help_card(self) -> Message:
        lines = tuple(Paragraph(text=line, style=Style.STRONG) for line in self._around.help_lines)
        opening = Paragraph(text=self.say("help_card"), style=Style.STRONG)
        people = (self.plain("help_more"), *lines) if lines else ()
        return self.notice(opening, *people, self.small("help_back"))

    def _explained(self, step: Say) -> Message:
        paragraphs = tuple(
            Paragraph(text=part.strip()) for part in self.text(step.say).split("\n\n")
        )
        rows: Rows = ((Choice(id="go_on", label=self.text(step.button)),),)
        return Message(paragraphs=paragraphs, rows=rows + self._exits(None))

    def _asked(self, step: Ask) -> Message:
        answer = self._now.answers.get(step.id)
        said = answer if answer is not None and answer.said_something else None
        paragraphs = [Paragraph(text=self.text(step.ask), style=Style.STRONG)]
        if step.more:
            paragraphs.append(Paragraph(text=self.text(step.more)))
        if isinstance(step.answer, People):
            paragraphs.append(self.small("name_then_done"))
        elif isinstance(step.answer, Choices):
            paragraphs.append(self.small("tick_then_done"))
        if said is not None and (said.parts or not self._ticks(step)):
            before = "people_so_far" if isinstance(step.answer, People) else "said_before"
            paragraphs += [self.plain(before), *self.quoted(step, said)]
        number = self._machine.counted.get(step.id)
        return Message(
            paragraphs=tuple(paragraphs),
            rows=self._answers(step, said) + self._exits(step),
            accepts=_accepts(step),
            step=step.id,
            progress=self.say("progress", number=number, total=len(self._machine.counted))
            if number
            else "",
            layout="scale"
            if isinstance(step.answer, Scale)
            else "faces"
            if isinstance(step.answer, Faces)
            else "list",
            quotes=said is not None,
        )

    def _ticks(self, step: Ask) -> bool:
        return not isinstance(step.answer, Words | Voice | Picture | File | People)

    def _answers(self, step: Ask, said: Answer | None) -> Rows:
        """The buttons that answer, ticked where they were chosen before."""
        chosen = said.chosen if said is not None else ()

        def button(option: str, label: str) -> Choice:
            return Choice(id=option, label=label, chosen=option in chosen)

        rows: list[tuple[Choice, ...]] = []
        match step.answer:
            case OneChoice(options=options) | Choices(options=options):
                rows = [
                    (button(o.id, f"{o.picture} {self.text(o.label)}".strip()),) for o in options
                ]
            case YesNo():
                rows = [
                    (button("yes", self.say("answer_yes")), button("no", self.say("answer_no")))
                ]
            case Scale(low=low, high=high):
                ends = (f"0 · {self.text(low)}", f"10 · {self.text(high)}")
                labels = [ends[0], *map(str, range(1, 10)), ends[1]]
                rows = [
                    (button("0", labels[0]),),
                    tuple(button(str(n), labels[n]) for n in range(1, 6)),
                    tuple(button(str(n), labels[n]) for n in range(6, 10)),
                    (button("10", labels[10]),),
                ]
            case Faces(words=words):
                rows = [
                    (button(str(n), f"{FACES[n - 1]} {self.text(words[n - 1])}"),)
                    for n in range(1, 6)
                ]
            case Language():
                rows = [(button(code, own_name(code)),) for code in self._around.languages]
            case People(nobody=nobody) if nobody:
                rows = [(button("nobody", self.text(nobody)),)]
        if isinstance(step.answer, Choices | People):
            rows.append((Choice(id="done", label=self.say("done")),))
            if said is not None and said.parts and isinstance(step.answer, People):
                rows.append(
                    (Choice(id="clear", label=self.say("start_list_again"), look=Look.EXIT),)
                )
        elif said is not None and step.exits:
            rows.append((Choice(id="keep", label=self.say("keep")),))
        return tuple(rows)

    def _exits(self, step: Ask | None) -> Rows:
        rows: list[tuple[Choice, ...]] = []
        if step is not None and step.exits:
            rows = [
                (self._exit("skip"), self._exit("not_sure")),
                (self._exit("in_person"),),
            ]
            if self._now.same is not None and self._can_rehear():
                rows.append((self._exit("rehear"),))
        if self._now.trail or self._now.returning:
            rows.append((self._exit("back"),))
        return tuple(rows)

    def _exit(self, phrase: str) -> Choice:
        return Choice(id=phrase, label=self.say(phrase), look=Look.EXIT)

    def _can_rehear(self) -> bool:
        last = self._machine.steps.get(self._now.last)
        said = self._now.answers.get(self._now.last)
        asked = isinstance(last, Ask) and last.sharing in (SharingRule.ASK, SharingRule.EACH)
        return asked and said is not None and said.how is How.ANSWERED

    # --- who hears it ---

    def _about_sharing(self, step: str, sub: str) -> Message:
        back = (self._exit("back"),)
        sharing = self._now.answers[step].sharing
        accepts: tuple[Accepts, ...] = (Accepts.WORDS, Accepts.VOICE, Accepts.PICTURE)
        if sub == Sub.HEARS:
            paragraphs = [Paragraph(text=self.say("hears"), style=Style.STRONG)]
            paragraphs += self._not_to(sharing)
            paragraphs.append(self.small("hears_add"))
            rows = [
                (self._choice(f"hears_{who}", who),) for who in ("coordinator", "meeting", "not_to")
            ]
        elif sub == Sub.SAYS:
            paragraphs = [Paragraph(text=self.say("says"), style=Style.STRONG)]
            rows = [(self._choice(f"says_{who}", who),) for who in Speaker]
        elif sub == Sub.NOT_TO:
            paragraphs = [Paragraph(text=self.say("not_to"), style=Style.STRONG)]
            paragraphs += self._not_to(sharing)
            rows = [(self._choice("done", "done"),)]
            accepts = (Accepts.WORDS,)
        else:
            paragraphs = [
                Paragraph(text=self.say("same"), style=Style.STRONG),
                Paragraph(text=self.who_hears(sharing, locked=False), style=Style.SMALL),
                self.small("same_can_change"),
            ]
            rows = [(self._choice("same_yes", "same"),), (self._choice("same_each", "each"),)]
        return Message(paragraphs=tuple(paragraphs), rows=(*rows, back), accepts=accepts, step=step)

    def _choice(self, phrase: str, choice: str) -> Choice:
        return Choice(id=choice, label=self.say(phrase))

    def _not_to(self, sharing: Sharing) -> list[Paragraph]:
        if not sharing.not_to:
            return []
        return [
            self.plain("not_to_kept"),
            *(Paragraph(text=name, style=Style.QUOTE) for name in sharing.not_to),
        ]

    def who_hears(self, sharing: Sharing, *, locked: bool) -> str:
        if locked:
            return self.say("who_locked")
        if sharing.hears == "coordinator" or sharing.says is None:
            return self.say("who_coordinator")
        says = "coordinator_says" if sharing.says is Speaker.COORDINATOR else sharing.says
        return self.say(f"who_{says}")

    # --- the list, and sending ---

    def quoted(self, step: Ask, answer: Answer) -> Iterator[Paragraph]:
        """An answer as its owner gave it."""
        audience, language = self._flow.audience, self._now.language
        for option in answer.chosen:
            label = option_label(step, option, audience, language, self._wording)
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
        answers = self._now.answers
        return tuple(
            s for s in sendable(self._machine) if s.id in answers or (s.counted and not s.detour)
        )

    def _review(self) -> Message:
        listed = self.listed()
        paragraphs: list[Paragraph] = []
        if any(step.id in self._now.answers for step in listed):
            status = (
                "review_unsent"
                if not self._now.sent
                else "review_changed"
                if self._now.changed_since_sent
                else "review_sent"
            )
            paragraphs += [Paragraph(text=self.say("review"), style=Style.STRONG)]
            answered = sum(1 for step in listed if self._is_answered(step))
            paragraphs += [self.plain("review_count", count=answered), self.plain(status)]
        else:
            paragraphs += [Paragraph(text=self.say("review_empty"), style=Style.STRONG)]
        for number, step in enumerate(listed, start=1):
            heading = f"{number}. {self.text(step.heading)}"
            answer = self._now.answers.get(step.id)
            paragraphs.append(Paragraph(text=heading, style=Style.STRONG))
            if answer is None or answer.how is How.SKIPPED:
                paragraphs.append(self.small("not_answered"))
                continue
            locked = step.sharing is SharingRule.LOCKED
            paragraphs += self.quoted(step, answer)
            hears = self.who_hears(answer.sharing, locked=locked)
            paragraphs.append(Paragraph(text=hears, style=Style.SMALL))
            paragraphs += self._who_not(answer.sharing)
        paragraphs.append(self.plain("review_pick"))
        numbers = [Choice(id=s.id, label=str(n)) for n, s in enumerate(listed, start=1)]
        rows = [tuple(numbers[i : i + 6]) for i in range(0, len(numbers), 6)]
        rows.append((self._choice("review_look", "look"),))
        rows.append((self._choice("review_add", "add"),))
        if self._now.paused_at:
            rows.append((self._choice("carry_on", "carry_on"),))
        rows.append((Choice(id="later", label=self.say("later_button"), look=Look.EXIT),))
        return Message(
            paragraphs=tuple(paragraphs), rows=tuple(rows), accepts=(Accepts.WORDS,), quotes=True
        )

    def _is_answered(self, step: Ask) -> bool:
        answer = self._now.answers.get(step.id)
        return answer is not None and answer.how is not How.SKIPPED

    def _who_not(self, sharing: Sharing) -> list[Paragraph]:
        if not sharing.not_to:
            return []
        return [self.small("who_not_to", names=", ".join(sharing.not_to))]

    def _item(self) -> Message:
        step = self._machine.steps[self._now.item]
        assert isinstance(step, Ask)  # noqa: S101 - only questions are listed
        answer = self._now.answers.get(step.id)
        paragraphs = [Paragraph(text=self.text(step.heading), style=Style.STRONG)]
        rows = [(self._choice("item_change", "change"),)]
        if answer is not None and answer.how is not How.SKIPPED:
            locked = step.sharing is SharingRule.LOCKED
            paragraphs += self.quoted(step, answer)
            hears = self.who_hears(answer.sharing, locked=locked)
            paragraphs.append(Paragraph(text=hears, style=Style.SMALL))
            paragraphs += self._who_not(answer.sharing)
            if not locked:
                rows.append((self._choice("item_hears", "hears"),))
            out = "item_take_back" if self._now.sent else "item_out"
            rows.append((self._choice(out, "out"),))
        else:
            paragraphs.append(self.small("not_answered"))
        rows.append((Choice(id="back", label=self.say("item_list"), look=Look.EXIT),))
        return Message(paragraphs=tuple(paragraphs), rows=tuple(rows), quotes=True)

    def _preview(self) -> Message:
        copy = coordinators_copy(self._machine, self._now)
        if not copy.items:
            return Message(
                paragraphs=(self.plain("preview_empty"),),
                rows=((self._choice("preview_change", "change"),),),
            )
        in_meeting = {item.step for item in meeting_copy(copy).items}
        paragraphs = [Paragraph(text=self.say("preview"), style=Style.STRONG)]
        only = [item for item in copy.items if item.step not in in_meeting]
        both = [item for item in copy.items if item.step in in_meeting]
        for title, items in (("preview_meeting", both), ("preview_coordinator", only)):
            if items:
                paragraphs.append(Paragraph(text=self.say(title), style=Style.STRONG))
            elif items is both:
                paragraphs.append(self.plain("preview_no_meeting"))
            for item in items:
                step = self._machine.steps[item.step]
                assert isinstance(step, Ask)  # noqa: S101 - copies are made of questions
                paragraphs.append(Paragraph(text=self.text(step.heading)))
                paragraphs += self.quoted(step, item.answer)
                if items is both:
                    hears = self.who_hears(item.answer.sharing, locked=False)
                    paragraphs.append(Paragraph(text=hears, style=Style.SMALL))
                paragraphs += self._who_not(item.answer.sharing)
        paragraphs.append(self.plain("preview_limits"))
        rows = (
            (self._choice("send", "send"),),
            (self._choice("preview_change", "change"),),
            (self._choice("later_button", "later"),),
        )
        return Message(paragraphs=tuple(paragraphs), rows=rows, quotes=True)

    def _sent(self) -> Message:
        return Message(
            paragraphs=(
                Paragraph(text=self.say("sent"), style=Style.STRONG),
                self.plain("sent_read"),
                self.plain("sent_next"),
            ),
            rows=(
                (self._choice("sent_change", "change"),),
                (Choice(id="later", label=self.say("done"), look=Look.EXIT),),
            ),
            accepts=(Accepts.WORDS,),
        )


def _accepts(step: Ask) -> tuple[Accepts, ...]:
    match step.answer:
        case Words(also=also):
            return (Accepts.WORDS, *(Accepts(kind) for kind in also))
        case Choices() | People():
            return (Accepts.WORDS, Accepts.VOICE)
        case Voice():
            return (Accepts.VOICE, Accepts.WORDS)
        case Picture():
            return (Accepts.PICTURE, Accepts.WORDS)
        case File():
            return (Accepts.FILE, Accepts.WORDS)
    return ()
