"""What someone said and was asked, as words that can be read without this program."""

from typing import Any

from bot.lines import LineBody
from flows.answers import Answer, Sharing, Speaker
from flows.exchange import Command, Edited, Sent, Tap, Words
from flows.library import Library
from flows.machine import FlowMachine
from flows.review import option_label
from flows.schema import Ask, Audience


class Saying:
    """For one person: their register, their language, and what their files are called."""

    def __init__(
        self, library: Library, audience: Audience, language: str, names: dict[str, str]
    ) -> None:
        self._library = library
        self._wording = library.wording
        self._audience = audience
        self._language = language
        self._names = names

    def machine(self, flow: str, version: int) -> FlowMachine:
        return self._library.version(flow, version)

    def heading(self, machine: FlowMachine, step_id: str) -> str:
        step = machine.steps.get(step_id)
        text = step.heading if isinstance(step, Ask) else ""
        return self._wording.text(text, self._audience, self._language) if text else step_id

    def answer(self, machine: FlowMachine, answer: Answer) -> dict[str, Any]:
        """One answer with the wording that was shown, and who may hear it."""
        step = machine.steps.get(answer.step)
        labels = [
            option_label(step, option, self._audience, self._language, self._wording)
            for option in answer.chosen
            if isinstance(step, Ask)
        ]
        return {
            "about": answer.step,
            "heading": self.heading(machine, answer.step),
            "asked": answer.asked,
            "language": answer.language,
            "how": str(answer.how),
            "chosen": labels or list(answer.chosen),
            "words": [part.text for part in answer.parts if part.text],
            "files": [self._file(part.attachment) for part in answer.parts if part.attachment],
            "who_hears_it": _sharing(answer.sharing),
        }

    def line(self, body: LineBody) -> dict[str, Any]:
        """One line of a web chat: ours with its buttons, or theirs."""
        line: dict[str, Any] = {"words": [], "buttons": [], "files": [], "tapped": ""}
        if body.message is not None:
            line["words"] = [paragraph.text for paragraph in body.message.paragraphs]
            line["buttons"] = [choice.label for row in body.message.rows for choice in row]
        match body.said:
            case Words(text=text) | Edited(text=text):
                line["words"] = [text]
            case Sent(attachment=attachment, caption=caption):
                line["words"] = [caption] if caption else []
                line["files"] = [self._file(attachment)]
            case Command(name=name):
                line["tapped"] = f"/{name}"
            case Tap():
                line["tapped"] = body.label
        return line

    def _file(self, attachment: str) -> str:
        return self._names.get(attachment, "")


def _sharing(sharing: Sharing) -> dict[str, Any]:
    says: Speaker | None = sharing.says
    return {
        "hears": sharing.hears,
        "says": None if says is None else str(says),
        "must_not_reach": list(sharing.not_to),
        "chosen": sharing.chosen,
    }
