"""What the meeting is, as its coordinator has told us: the same for everybody in the family. A
child of 7 to 10 is told when, where and who."""

from collections.abc import Iterator

from flows.exchange import Message, Paragraph, Style
from flows.schema import Audience
from flows.speech import Speech
from flows.wording import isolated


def about_meeting(speech: Speech) -> Message:
    """All that may be told of it, on one card."""
    heading = Paragraph(text=speech.say("about_meeting"), style=Style.STRONG)
    when = speech.plain("about_called_off" if speech.around.cancelled else "about_when")
    place = _told(speech, "about_place", speech.around.place)
    return speech.notice(heading, when, *place, *facts_of(speech), speech.small("about_more"))


def facts_of(speech: Speech) -> Iterator[Paragraph]:
    """What the coordinator wrote of it. What they left empty says nothing."""
    about = speech.around.about
    yield from _told(speech, "about_called", about.called)
    yield from _told(speech, "about_joining", about.joining)
    yield from _told(speech, "about_who", about.professionals)
    if speech.flow.audience is not Audience.CHILD:
        yield from _told(speech, "about_told", about.may_be_told)
        yield from _told(speech, "about_fixed", about.fixed)
        yield from _told(speech, "about_open", about.open)


def _told(speech: Speech, phrase: str, text: str) -> Iterator[Paragraph]:
    if text:
        yield Paragraph(text=speech.say(phrase), style=Style.SMALL)
        yield Paragraph(text=isolated(text, speech.now.language))
