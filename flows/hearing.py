"""A conversation held in plain text: what a line means, and how what we say is written.

For transcripts and for the terminal. One line is one thing said:

    > words                what someone types
    >> words               the same, in one breath with the message before
    [Label]                a button; a label that ends in ... need only begin so
    (voice 12 s)  (photo)  (drawing)  (file)  (photo: words beside it)
    (edit: before -> now)  a message of theirs, changed afterwards
    (sticker)  (contact)   things that cannot be an answer
    /help                  a command
"""

import re
from collections.abc import Iterator

from flows.answers import Circumstances, Conversation
from flows.conversation import begin, take_turn
from flows.exchange import (
    AllowMessages,
    Choice,
    Command,
    CommandName,
    Edited,
    Effect,
    KeepOut,
    Message,
    RaiseAlert,
    Refusal,
    Said,
    Sent,
    TakeBack,
    Tap,
    Unusable,
    Words,
)
from flows.hand import Reply
from flows.machine import FlowMachine
from flows.wording import Wording

_TYPED = re.compile(r"(>>?) ?(.*)", re.DOTALL)
_BUTTON = re.compile(r"\[(.+)\]")
_RECORDED = re.compile(r"\(voice (\d+) s\)")
_PICTURED = re.compile(r"\((photo|drawing|file)(?:: (.+))?\)", re.DOTALL)
_CHANGED = re.compile(r"\(edit: (.+?) -> (.*)\)", re.DOTALL)
_UNUSABLE = re.compile(r"\(([a-z ]+)\)")
_COMMAND = re.compile(r"/([a-z]+)")
_ISOLATES = re.compile("[\u2068\u2069\ufe0f]")


class NotThere(LookupError):
    """A button that is not on the screen, or a message that was never typed."""

    def __init__(self, wanted: str, there: str) -> None:
        super().__init__(f"{wanted} is not there; there is {there or 'nothing'}")
        self.wanted = wanted
        self.there = there


class Talk:
    """One conversation, through JSON and back between every two turns."""

    def __init__(
        self, machine: FlowMachine, wording: Wording, around: Circumstances, language: str
    ) -> None:
        self._machine = machine
        self._wording = wording
        self._around = around
        self._shown: list[Message] = []
        self._typed: list[tuple[str, str]] = []
        self._count = 0
        self.new: tuple[Message, ...] = ()
        """What was said to the last thing said."""
        self.effects: tuple[Effect, ...] = ()
        """What it had the service do."""
        self._take(begin(machine, around, wording, language))

    def take(self, said: Said) -> None:
        """One turn."""
        self._take(take_turn(self._machine, self.conversation, said, self._around, self._wording))
        match said:
            case Words(text=text, ref=ref) if ref:
                self._typed.append((ref, text))
            case Edited(ref=ref, text=text):
                self._typed.append((ref, text))

    def hear(self, line: str) -> Said | None:
        """What a line says, as its writer means it. None: it is no such line.

        Raises:
            NotThere: it taps a button, or changes a message, that there is not.
        """
        if typed := _TYPED.fullmatch(line):
            return Words(text=typed[2], ref=self._ref(), at_once=typed[1] == ">>")
        if button := _BUTTON.fullmatch(line):
            return self.tap(button[1])
        if recorded := _RECORDED.fullmatch(line):
            ref = self._ref()
            return Sent(kind="voice", attachment=f"voice-{ref}", ref=ref, seconds=int(recorded[1]))
        if pictured := _PICTURED.fullmatch(line):
            ref, caption = self._ref(), pictured[2] or ""
            kind = "file" if pictured[1] == "file" else "picture"
            return Sent(kind=kind, attachment=f"{kind}-{ref}", ref=ref, caption=caption)
        if changed := _CHANGED.fullmatch(line):
            return Edited(ref=self._ref_of(changed[1]), text=changed[2])
        if command := _COMMAND.fullmatch(line):
            try:
                return Command(name=CommandName(command[1]))
            except ValueError:
                return Unusable(why=Refusal.UNKNOWN_COMMAND)
        if unusable := _UNUSABLE.fullmatch(line):
            why = unusable[1].replace(" ", "_")
            return Unusable(why=Refusal(why)) if why in set(Refusal) else None
        return None

    def tap(self, label: str) -> Tap:
        """The newest button with this label, be it of an earlier question. Raises NotThere."""
        for message in reversed(self._shown):
            for choice in choices(message):
                if _reads(choice, label):
                    return Tap(state=message.state, choice=choice.id, revision=message.revision)
        there = next((list(choices(m)) for m in reversed(self._shown) if m.rows), [])
        raise NotThere(f"[{label}]", " ".join(f"[{choice.label}]" for choice in there))

    def _take(self, reply: Reply) -> None:
        stored = reply.conversation.model_dump_json()
        self.conversation = Conversation.model_validate_json(stored)
        self.new, self.effects = reply.messages, reply.effects
        self._shown += reply.messages

    def _ref(self) -> str:
        self._count += 1
        return str(self._count)

    def _ref_of(self, text: str) -> str:
        for ref, typed in reversed(self._typed):
            if plain(typed) == plain(text):
                return ref
        raise NotThere(f"“{text}”", " ".join(f"“{typed}”" for _, typed in self._typed))


def choices(message: Message) -> Iterator[Choice]:
    """The buttons of a message, in order."""
    return (choice for row in message.rows for choice in row)


def paragraphs(messages: tuple[Message, ...]) -> list[str]:
    """All that was said, as a transcript has it."""
    return [plain(one.text) for message in messages for one in message.paragraphs]


def plain(text: str) -> str:
    """On one line, without the marks that hold names together."""
    return " ".join(_ISOLATES.sub("", text).split())


def effect_in_words(effect: Effect) -> str:
    """What the service is to do, as a transcript has it."""
    match effect:
        case RaiseAlert(category=category):
            return f"alert {category}"
        case TakeBack(step=step):
            return f"{effect.effect} {step}"
        case AllowMessages(allowed=allowed):
            return f"messages {'yes' if allowed else 'no'}"
        case KeepOut(on=on):
            return f"{effect.effect} {'yes' if on else 'no'}"
    return str(effect.effect)


def _reads(choice: Choice, label: str) -> bool:
    shown, wanted = plain(choice.label).casefold(), plain(label).casefold()
    # "🏠 A parent" is also "A parent", and "0 · Not OK" is also "0".
    decoration, _, rest = shown.partition(" ")
    names = {shown, shown.split(" · ")[0], shown if decoration[:1].isalnum() else rest}
    if wanted.endswith("..."):
        return any(name.startswith(wanted.removesuffix("...").strip()) for name in names)
    return wanted in names
