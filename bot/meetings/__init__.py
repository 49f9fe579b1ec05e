"""What a service does with meetings: makes one from a file, shows how far everybody is, moves it,
calls it off. What people said is no business of this room: it opens nothing of theirs."""

from bot.meetings.again import meeting_again, people_again
from bot.meetings.changes import (
    MeetingCancelled,
    StartRefused,
    cancel_meeting,
    moment_of,
    move_meeting,
)
from bot.meetings.files import MeetingFile, MeetingFileRefused, read_meeting_file
from bot.meetings.inviting import reissue
from bot.meetings.making import (
    CoordinatorAdministers,
    MadeMeeting,
    as_json,
    make_meeting,
    way_in_as_json,
)
from bot.meetings.progress import MeetingUnknown, show_meeting, status_of
from bot.meetings.telling import Told

__all__ = [
    "CoordinatorAdministers",
    "MadeMeeting",
    "MeetingCancelled",
    "MeetingFile",
    "MeetingFileRefused",
    "MeetingUnknown",
    "StartRefused",
    "Told",
    "as_json",
    "cancel_meeting",
    "make_meeting",
    "meeting_again",
    "moment_of",
    "move_meeting",
    "people_again",
    "read_meeting_file",
    "reissue",
    "show_meeting",
    "status_of",
    "way_in_as_json",
]
