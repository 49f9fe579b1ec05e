"""An attachment as an answer, whole or the piece that was asked for: Safari plays no sound from a
server that cannot give it pieces (RFC 9110, 14)."""

import re

from starlette.requests import Request
from starlette.responses import Response

from bot.lines import Kept

_RANGE = re.compile(r"bytes=(\d{0,9})-(\d{0,9})")
_SHOWN = ("image/", "audio/")
_POLICY = "default-src 'none'; frame-ancestors 'none'; sandbox"


def piece_of(request: Request, kept: Kept) -> Response:
    """Pictures and sound are shown in the page; anything else is only ever handed over as a file
    without a name of its own."""
    headers = {
        "Accept-Ranges": "bytes",
        "Content-Disposition": "inline" if kept.media_type.startswith(_SHOWN) else "attachment",
        "Content-Security-Policy": _POLICY,
    }
    asked = _RANGE.fullmatch(request.headers.get("range", ""))
    if asked is None or asked.groups() == ("", ""):
        return Response(kept.content, media_type=kept.media_type, headers=headers)
    first, last = _between(asked[1], asked[2], len(kept.content))
    if first > last:
        headers["Content-Range"] = f"bytes */{len(kept.content)}"
        return Response(status_code=416, headers=headers)
    headers["Content-Range"] = f"bytes {first}-{last}/{len(kept.content)}"
    piece = kept.content[first : last + 1]
    return Response(piece, status_code=206, media_type=kept.media_type, headers=headers)


def _between(first: str, last: str, length: int) -> tuple[int, int]:
    """The first and last byte meant. `-5` means the last five."""
    if not first:
        return max(length - int(last), 0), length - 1
    return int(first), min(int(last), length - 1) if last else length - 1
