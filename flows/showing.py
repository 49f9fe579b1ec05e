"""How each state of a conversation is shown: its message and its buttons. Changes nothing."""

from flows import listing
from flows.about_meeting import facts_of
from flows.answers import Answer, How, Sharing, Speaker
from flows.exchange import Accepts, Choice, Look, Message, Paragraph, Style
from flows.machine import ITEM, PREVIEW, REVIEW, SENT, Sub
from flows.review import FACES
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
    Voice,
    Words,
    YesNo,
)
from flows.schema import Choice as OneChoice
from flows.speech import Rows, Speech
from flows.wording import own_name


class Showing(Speech):
    """One conversation, as its person sees it."""

    def message(self, notes: tuple[Paragraph, ...] = ()) -> Message:
        """The state's own message, after whatever is to be said first."""
        state = self.now.state
        if state == REVIEW:
            shown = listing.review(self)
        elif state == ITEM:
            shown = listing.item(self)
        elif state == PREVIEW:
            shown = listing.preview(self)
        elif state == SENT:
            shown = listing.sent(self)
        elif "." in state:
            shown = self._about_sharing(*state.split(".", 1))
        else:
            step = self.machine.steps[state]
            shown = self._explained(step) if isinstance(step, Say) else self._asked(step)
        return shown.model_copy(
            update={
                "paragraphs": notes + shown.paragraphs,
                "state": state,
                "revision": self.now.revision,
                "language": self.now.language,
                "quotes": shown.quotes or any(note.style is Style.QUOTE for note in notes),
            }
        )

    def _explained(self, step: Say) -> Message:
        paragraphs = tuple(
            Paragraph(text=part.strip()) for part in self.text(step.say).split("\n\n")
        )
        if step.about_meeting:
            paragraphs = (*paragraphs[:-1], *facts_of(self), *paragraphs[-1:])
        rows: Rows = ((Choice(id="go_on", label=self.text(step.button)),),)
        return Message(paragraphs=paragraphs, rows=rows + self._exits(None))

    def _asked(self, step: Ask) -> Message:
        answer = self.now.answers.get(step.id)
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
        number = self.machine.counted.get(step.id)
        return Message(
            paragraphs=tuple(paragraphs),
            rows=self._answers(step, said) + self._exits(step),
            accepts=_accepts(step),
            step=step.id,
            progress=self.say("progress", number=number, total=len(self.machine.counted))
            if number
            else "",
            layout="scale"
            if isinstance(step.answer, Scale)
            else "faces"
            if isinstance(step.answer, Faces)
            else "list",
            quotes=said is not None,
        )

    def options(self, step: Ask) -> dict[str, str]:
        """Ids that answer this question, with the labels on their buttons."""
        rows = self._answers(step, None)
        return {choice.id: choice.label for row in rows for choice in row if choice.id != "done"}

    @property
    def buttons(self) -> dict[str, str]:
        """All that can be tapped now: ids and labels."""
        step = self.machine.steps.get(self.now.state)
        if isinstance(step, Ask):
            answer = self.now.answers.get(step.id)
            said = answer if answer is not None and answer.said_something else None
            rows = self._answers(step, said) + self._exits(step)
        else:
            rows = self.message().rows
        return {choice.id: choice.label for row in rows for choice in row}

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
                rows = [(button(code, own_name(code)),) for code in self.around.languages]
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
                (self.exit("skip"), self.exit("not_sure")),
                (self.exit("in_person"),),
            ]
            if self.now.same is not None and self.can_rehear:
                rows.append((self.exit("rehear"),))
        if self.now.trail or self.now.returning:
            rows.append((self.exit("back"),))
        return tuple(rows)

    @property
    def can_rehear(self) -> bool:
        """Whether the answer just before this question is one whose hearers we ask."""
        last = self.machine.steps.get(self.now.last)
        said = self.now.answers.get(self.now.last)
        asked = isinstance(last, Ask) and last.sharing in (SharingRule.ASK, SharingRule.EACH)
        just_before = not self.now.returning and self.now.trail[-1:] == (self.now.last,)
        return asked and just_before and said is not None and said.how is How.ANSWERED

    def _about_sharing(self, step: str, sub: str) -> Message:
        back = (self.exit("back"),)
        sharing = self.now.answers[step].sharing
        accepts: tuple[Accepts, ...] = (Accepts.WORDS, Accepts.VOICE, Accepts.PICTURE)
        if sub == Sub.HEARS:
            paragraphs = [Paragraph(text=self.say("hears"), style=Style.STRONG)]
            paragraphs += self._not_to(sharing)
            paragraphs.append(self.small("hears_add"))
            rows = [
                (self.choice(f"hears_{who}", who),) for who in ("coordinator", "meeting", "not_to")
            ]
        elif sub == Sub.SAYS:
            paragraphs = [Paragraph(text=self.say("says"), style=Style.STRONG)]
            rows = [(self.choice(f"says_{who}", who),) for who in Speaker]
        elif sub == Sub.NOT_TO:
            paragraphs = [Paragraph(text=self.say("not_to"), style=Style.STRONG)]
            paragraphs += self._not_to(sharing)
            rows = [(self.choice("done", "done"),)]
            accepts = (Accepts.WORDS,)
        else:
            paragraphs = [
                Paragraph(text=self.say("same"), style=Style.STRONG),
                Paragraph(text=self.who_hears(sharing, locked=False), style=Style.SMALL),
                self.small("same_can_change"),
            ]
            rows = [(self.choice("same_yes", "same"),), (self.choice("same_each", "each"),)]
        return Message(paragraphs=tuple(paragraphs), rows=(*rows, back), accepts=accepts, step=step)

    def _not_to(self, sharing: Sharing) -> list[Paragraph]:
        if not sharing.not_to:
            return []
        return [
            self.plain("not_to_kept"),
            *(Paragraph(text=name, style=Style.QUOTE) for name in sharing.not_to),
        ]


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
