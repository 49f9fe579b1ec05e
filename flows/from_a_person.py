"""What a coordinator wrote to somebody, as their own chat shows it: in the coordinator's words."""

from flows.exchange import Message, Paragraph, Style
from flows.schema import Audience
from flows.wording import Wording


def from_a_person(
    name: str, text: str, audience: Audience, language: str, wording: Wording
) -> Message:
    """Marked as from a human, by name, in the person's language; the words are as they were
    written."""

    def say(phrase: str) -> str:
        return wording.say(phrase, audience, language, coordinator=name)

    return Message(
        paragraphs=(
            Paragraph(text=say("from_a_person"), style=Style.STRONG),
            Paragraph(text=text, style=Style.QUOTE),
            Paragraph(text=say("from_a_person_reply"), style=Style.SMALL),
        ),
        language=language,
        quotes=True,
    )
