"""One turn in the making: the conversation as it is changing, what is to be said, and what the
shell is to do. What each thing said means is answering's, reviewing's and conversation's."""

from dataclasses import dataclass

from flows.answers import Answer, Circumstances, Conversation, How, Part, Sharing
from flows.exchange import Effect, Message, Paragraph, RaiseAlert, SendSummary, Style
from flows.machine import EXTRA, ITEM, PREVIEW, REVIEW, SENT, Facts, FlowMachine, Sub, Trigger
from flows.review import held
from flows.schema import Ask, Say, SharingRule
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
        """More of an answer. Unless it was said in the same breath, a wider choice is narrowed."""
        step = self.machine.steps[step_id]
        assert isinstance(step, Ask)  # noqa: S101 - only questions have answers
        said = self.now.answers.get(step_id) or self.answer(step, Answer(step=step_id))
        sharing = said.sharing if widened else said.sharing.narrowed()
        self.save(
            said.model_copy(
                update={
                    "how": How.ANSWERED,
                    "parts": self.merged(said.parts, tuple(parts)),
                    "sharing": sharing,
                }
            )
        )

    def merged(self, before: tuple[Part, ...], more: tuple[Part, ...]) -> tuple[Part, ...]:
        """In the order in which they were sent, even if they arrived in another."""
        parts = (*before, *(part for part in more if part not in before))
        if all(part.ref.isdigit() for part in parts):
            return tuple(sorted(parts, key=lambda part: int(part.ref)))
        return parts

    def chosen(self, step: str) -> tuple[str, ...]:
        """What guards may ask of an answer: the options chosen there, or how it was left."""
        return held(self.now.answers.get(step))

    def give(self, step: Ask, answer: Answer) -> None:
        """An answer is complete: keep it, settle who hears it, and go on."""
        before = self.now.answers.get(step.id)
        sharing = before.sharing if before is not None else Sharing()
        kept_narrow = sharing.chosen and sharing.hears == "coordinator"
        changed = before is not None and (answer.parts, answer.chosen) != (
            before.parts,
            before.chosen,
        )
        settled = kept_narrow or (not changed and sharing.chosen)
        if sharing.chosen and sharing.hears == "meeting" and changed:
            sharing = sharing.narrowed().model_copy(update={"chosen": False})
        elif not sharing.chosen and self.now.same is not None and step.sharing is SharingRule.ASK:
            sharing, settled = self.now.same, True
        self.save(self.answer(step, answer.model_copy(update={"sharing": sharing})))
        if step.exits and step.heading:
            self.note("thanks")
            if settled and step.sharing is SharingRule.ASK:
                who = self.showing.who_hears(sharing, locked=False)
                self.notes.append(Paragraph(text=who, style=Style.SMALL))
        self.advance(Trigger.ANSWER, settled=settled)

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
            elif step.id in self.now.answers:
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
        return Showing(self.machine, self.now, self.around, self.wording)

    def answers_changed(self) -> bool:
        return self.now.answers != self.before.answers

    def sending(self) -> bool:
        return any(isinstance(effect, SendSummary) for effect in self.effects)

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
                told = [self.showing.plain("alert_told"), self.showing.plain("alert_no_hurry")]
        self.notes[:0] = told

    def reply(self) -> Reply:
        if self.answers_changed():
            self._raise_alerts()
        if self.now.state == PREVIEW and (self.before.state != PREVIEW or self.answers_changed()):
            self.set(previewed=self.before.revision + 1)
        if self.answers_changed() and self.now.sent and not self.sending():
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
