"""One turn in the making: the conversation as it is changing, what is to be said, and what the
shell is to do. What each thing said means is answering's, reviewing's and conversation's."""

from dataclasses import dataclass

from flows.answers import Answer, Circumstances, Conversation, How, Part, Sharing
from flows.exchange import Effect, Message, Paragraph, RaiseAlert, SendSummary, Style, TakeBack
from flows.machine import EXTRA, ITEM, PREVIEW, REVIEW, SENT, Facts, FlowMachine, Sub, Trigger
from flows.review import held
from flows.schema import Ask, People, Say, SharingRule
from flows.showing import Showing
from flows.wording import Wording


@dataclass(frozen=True)
class Reply:
    """What one turn came to."""

    conversation: Conversation
    messages: tuple[Message, ...]
    effects: tuple[Effect, ...]


class Hand:
    """Holds one turn. Thrown away after it."""

    def __init__(
        self,
        machine: FlowMachine,
        conversation: Conversation,
        around: Circumstances,
        wording: Wording,
    ) -> None:
        self.machine = machine
        self.before = conversation
        self.now = conversation
        self.around = around
        self.wording = wording
        self.notes: list[Paragraph] = []
        self.messages: list[Message] = []
        self.effects: list[Effect] = []
        self.ask_again = True
        """Whether the state's own message is shown at the end."""
        self.replaces = False
        """Whether it takes the place of the one that was tapped."""
        self._showing: Showing | None = None

    def set(self, **changes: object) -> None:
        self.now = self.now.model_copy(update=changes)

    def save(self, answer: Answer) -> None:
        self.set(answers={**self.now.answers, answer.step: answer}, last=answer.step)

    def answer(self, step: Ask, answer: Answer) -> Answer:
        return answer.model_copy(
            update={"asked": self.showing.text(step.ask), "language": self.now.language}
        )

    def note(self, phrase: str) -> None:
        self.notes.append(self.showing.plain(phrase))

    def append(self, step_id: str, parts: list[Part], *, widened: bool) -> None:
        """More of an answer. Unless it was said in the same breath as words that "the same for the
        next ones" holds for, a wider choice is narrowed."""
        step = self.machine.steps[step_id]
        assert isinstance(step, Ask)  # noqa: S101 - only questions have answers
        said = self.now.answers.get(step_id) or self.answer(step, Answer(step=step_id))
        changes: dict[str, object] = {"how": How.ANSWERED}
        if isinstance(step.answer, People):
            # Whoever is named takes the place of "no one".
            parts = [_as_person(part) for part in parts]
            changes["chosen"] = ()
        changes["parts"] = self.merged(said.parts, tuple(parts))
        same = widened and step.sharing is SharingRule.ASK
        self.change(said.model_copy(update=changes), widened=same)

    def change(self, answer: Answer, *, widened: bool = False) -> None:
        """An answer that holds something else now. What was chosen for other words does not hold
        for these (promise P2): it is asked again where that is being asked, and narrowed else."""
        if answer.sharing.hears != "meeting" or (widened and answer.sharing == self.now.same):
            self.save(answer)
            return
        self.save(answer.model_copy(update={"sharing": to_be_asked(answer.sharing)}))
        if self.now.state.startswith(f"{answer.step}."):
            self.set(state=f"{answer.step}.{Sub.HEARS}")
        else:
            who = self.showing.who_hears(Sharing(), locked=False)
            self.notes.append(Paragraph(text=who, style=Style.SMALL))

    def merged(self, before: tuple[Part, ...], more: tuple[Part, ...]) -> tuple[Part, ...]:
        """In the order in which they were sent, even if they arrived in another."""
        parts = (*before, *(part for part in more if part not in before))
        if all(part.ref.isascii() and part.ref.isdecimal() for part in parts):
            return tuple(sorted(parts, key=lambda part: int(part.ref)))
        return parts

    def chosen(self, step: str) -> tuple[str, ...]:
        """What guards may ask of an answer: the options chosen there, or how it was left."""
        return held(self.now.answers.get(step))

    def give(self, step: Ask, answer: Answer) -> None:
        """An answer is complete: keep it, settle who hears it, and go on."""
        before = self.now.answers.get(step.id)
        sharing = before.sharing if before is not None else Sharing()
        changed = before is not None and (answer.parts, answer.chosen) != (
            before.parts,
            before.chosen,
        )
        other_words = changed and sharing.hears == "meeting"
        if other_words:
            sharing = to_be_asked(sharing)
        elif not sharing.chosen:
            sharing = self._the_same(step, sharing)
        asked = step.sharing in (SharingRule.ASK, SharingRule.EACH)
        self.save(self.answer(step, answer.model_copy(update={"sharing": sharing})))
        if step.exits and step.heading:
            self.note("thanks")
            if (step.sharing is SharingRule.ASK and sharing.chosen) or (other_words and not asked):
                who = self.showing.who_hears(sharing, locked=False)
                self.notes.append(Paragraph(text=who, style=Style.SMALL))
        self.advance(Trigger.ANSWER, settled=sharing.chosen)

    def _the_same(self, step: Ask, sharing: Sharing) -> Sharing:
        """As was chosen for the next answers, where this is one of those. An answer that is being
        changed from the list is not, unless that narrows it."""
        same = self.now.same
        if same is None or step.sharing is not SharingRule.ASK:
            return sharing
        if self.now.returning and same.hears == "meeting":
            return sharing
        more = tuple(name for name in sharing.not_to if name not in same.not_to)
        return same.model_copy(update={"not_to": same.not_to + more})

    def advance(self, trigger: Trigger, *, settled: bool = False) -> None:
        """Along the machine; when one answer was changed, past all that is answered already."""
        left = self.now.state
        state = self.machine.go(trigger, self._facts(left, settled))
        if self.now.returning:
            state = self._past_what_is_done(state)
        elif left in self.machine.steps and state.split(".")[0] != left:
            self.set(trail=(*self.now.trail, left))
        elif "." in left and state.split(".")[0] != left.split(".")[0]:
            self.set(trail=(*self.now.trail, left.split(".")[0]))
        if state.endswith(f".{Sub.SAME}"):
            self.set(offered_same=True)
        if state == REVIEW:
            self.set(returning=False)
            if left not in (PREVIEW, SENT, ITEM) and left.split(".")[0] != EXTRA:
                self.set(paused_at=self.now.paused_at if self.before.returning else "")
        self.set(state=state)

    def _past_what_is_done(self, state: str) -> str:
        for _ in self.machine.steps:
            step = self.machine.steps.get(state)
            if step is None:
                return state
            if state == self.now.paused_at.split(".")[0]:
                return REVIEW
            if isinstance(step, Say):
                if step.id not in self.now.seen:
                    return state
                state = self.machine.go(Trigger.GO_ON, self._facts(state))
            elif step.id in self.now.answers or step.id in self.now.trail:
                # Taken out, or answered. Only what was never asked is asked now.
                state = self.machine.go(Trigger.LEAVE, self._facts(state))
            else:
                return state
        return REVIEW

    def _facts(self, state: str, settled: bool = False) -> Facts:
        return Facts(
            state=state,
            chosen=self.chosen,
            channel=self.now.channel,
            sharing_settled=settled,
            offer_same=not self.now.offered_same and not self.now.returning,
        )

    @property
    def showing(self) -> Showing:
        if self._showing is None or self._showing.now is not self.now:
            self._showing = Showing(self.machine, self.now, self.around, self.wording)
        return self._showing

    def answers_changed(self) -> bool:
        return self.now.answers != self.before.answers

    def passed_on(self) -> bool:
        """Whether what the coordinator has is what is here: sent, or taken back, just now."""
        return any(isinstance(effect, SendSummary | TakeBack) for effect in self.effects)

    def _raise_alerts(self) -> None:
        """For starred questions that this turn answered so. The person is told before all else."""
        told: list[Paragraph] = []
        for step in self.machine.starred:
            assert step.signal is not None  # noqa: S101 - that is what starred means
            one_of = set(step.signal.one_of)
            if not one_of & set(self.chosen(step.id)):
                continue
            if one_of & set(held(self.before.answers.get(step.id))):
                continue
            self.effects.append(RaiseAlert(step=step.id, category=step.signal.category))
            if not step.signal.discreet and not told:
                told = [self.showing.plain("alert_told"), *self.showing.when_read()]
        self.notes[:0] = told

    def _on_the_screen(self) -> None:
        """Since when what would be sent has been shown (promise P3); 0 while it is not."""
        known = self.before.state == PREVIEW and not self.answers_changed()
        if self.ask_again and not (known and self.now.previewed):
            self.set(previewed=self.before.revision + 1)
        elif not known:
            self.set(previewed=0)

    def reply(self) -> Reply:
        if self.answers_changed():
            self._raise_alerts()
        if self.now.state == PREVIEW:
            self._on_the_screen()
        if self.answers_changed() and self.now.sent and not self.passed_on():
            if not self.now.changed_since_sent:
                self.note("changed_since_sent")
            self.set(changed_since_sent=True)
        if self.now != self.before:
            self.set(revision=self.before.revision + 1)
        messages = list(self.messages)
        if self.ask_again:
            shown = self.showing.message(tuple(self.notes))
            messages.append(shown.model_copy(update={"replaces": self.replaces}))
        elif self.notes:
            messages.append(self.showing.notice(*self.notes))
        return Reply(self.now, tuple(messages), tuple(self.effects))


def to_be_asked(sharing: Sharing) -> Sharing:
    """The narrower choice, until its owner has chosen for the words that there are now."""
    if sharing.hears != "meeting":
        return sharing
    return sharing.narrowed().model_copy(update={"chosen": False})


def _as_person(part: Part) -> Part:
    return part.model_copy(update={"kind": "person"}) if part.kind == "words" else part
