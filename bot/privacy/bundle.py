"""All that is held about someone as one file to take away: a page to read, the same for a computer,
and their own files. Made in memory, given out, and kept nowhere (promise P8)."""

import json
from datetime import datetime
from functools import partial
from io import BytesIO
from pathlib import Path
from typing import Any, Final
from uuid import UUID
from zipfile import ZIP_DEFLATED, ZipFile, ZipInfo

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from sqlalchemy.orm import Session

from bot.privacy.everything import Everything, gather, note_given
from bot.store.sealing import KeyRing
from flows.library import Library
from flows.wording import Wording, right_to_left

FILE_NAME: Final = "everything.zip"
"""Says nothing of what it is about: it may stand in somebody's downloads."""

_PAGES = Environment(
    loader=FileSystemLoader(Path(__file__).parent / "templates"),
    autoescape=True,
    undefined=StrictUndefined,
    trim_blocks=True,
    lstrip_blocks=True,
)
_ACTIONS = frozenset(
    {
        "invited",
        "taken_back",
        "summary_read",
        "attachment_read",
        "alert_acknowledged",
        "task_done",
        "data_asked",
        "data_given",
    }
)


def take_away(
    session: Session,
    ring: KeyRing,
    library: Library,
    participant: UUID,
    now: datetime,
    most_bytes: int | None = None,
) -> bytes:
    """The file, as a zip. The audit log says that it was given.

    Args:
        most_bytes: files of theirs that would make it larger are left out, and the page says so.

    Raises:
        bot.store.conversations.NobodyThere, bot.store.sealing.KeyGone: wiped, or never there.
    """
    note_given(session, participant, now)
    session.flush()
    everything = gather(session, ring, library, participant, now)
    files, left_out = _fitting(everything.files, most_bytes)
    page = _page(everything, library.wording, left_out=left_out)
    details = json.dumps(everything.data, ensure_ascii=False, indent=1)
    made = BytesIO()
    with ZipFile(made, "w", ZIP_DEFLATED) as bundle:
        for name, content in {
            "everything.html": page.encode(),
            "everything.json": details.encode(),
            **files,
        }.items():
            entry = ZipInfo(name, now.timetuple()[:6])
            entry.compress_type = ZIP_DEFLATED
            bundle.writestr(entry, content)
    return made.getvalue()


def _fitting(files: dict[str, bytes], most: int | None) -> tuple[dict[str, bytes], bool]:
    if most is None:
        return files, False
    kept, room = {}, most
    for name, content in sorted(files.items(), key=lambda one: len(one[1])):
        if len(content) <= room:
            kept[name] = content
            room -= len(content)
    return kept, len(kept) < len(files)


def _page(of: Everything, wording: Wording, *, left_out: bool) -> str:
    language = of.language if wording.speaks(of.language) else "en"
    coordinator = of.data["meeting"]["coordinator"]
    say = partial(wording.say, audience=of.audience, language=language, coordinator=coordinator)

    def when(moment: str) -> str:
        return wording.when(datetime.fromisoformat(moment), of.timezone, of.audience, language)

    def who_hears(sharing: dict[str, Any]) -> str:
        says = sharing["says"]
        if sharing["hears"] == "coordinator" or says is None:
            return say("who_coordinator")
        return say("who_coordinator_says" if says == "coordinator" else f"who_{says}")

    return _PAGES.get_template("everything.html").render(
        **of.data,
        language=language,
        direction="rtl" if right_to_left(language) else "ltr",
        say=say,
        when=when,
        who_hears=who_hears,
        done=lambda action: f"data_act_{action}" if action in _ACTIONS else "data_act_other",
        left_out=left_out,
    )
