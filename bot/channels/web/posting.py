"""Reading what a browser posts, within limits. What the fields mean is forms'."""

from collections.abc import AsyncGenerator
from dataclasses import dataclass

from python_multipart.exceptions import FormParserError
from starlette.datastructures import FormData
from starlette.formparsers import FormParser, MultiPartException, MultiPartParser
from starlette.requests import Request

from flows.exchange import Refusal

SMALL_BYTES = 64 * 1024
"""For a form that holds a token and a code."""
_MOST_FILES = 4
_MOST_FIELDS = 32


@dataclass(frozen=True)
class Posted:
    """A form, as far as it could be read."""

    form: FormData
    refused: Refusal | None = None
    """Why it could not be read to its end. Fields before that are there; files are not."""


async def posted(request: Request, most_bytes: int) -> Posted:
    """The form that a request holds. Reads `most_bytes` at most, whatever its headers say.

    Raises:
        starlette.requests.ClientDisconnect: it broke off. Nothing of it may be taken: the browser
            is going to send it again, with the same key.
    """
    bounded = _bounded(request.stream(), most_bytes)
    kind = request.headers.get("content-type", "").partition(";")[0].strip().lower()
    if kind == "multipart/form-data":
        return await _multipart(request, bounded, most_bytes)
    try:
        parser = FormParser(
            request.headers, bounded, max_fields=_MOST_FIELDS, max_part_size=most_bytes
        )
        return Posted(await parser.parse())
    except (_TooLarge, MultiPartException, FormParserError) as error:
        return Posted(FormData(), _why(error))


async def _multipart(
    request: Request, bounded: AsyncGenerator[bytes, None], most_bytes: int
) -> Posted:
    parser = MultiPartParser(
        request.headers,
        bounded,
        max_files=_MOST_FILES,
        max_fields=_MOST_FIELDS,
        max_part_size=most_bytes,
    )
    parser.spool_max_size = most_bytes  # in memory: unsealed, nothing of it reaches a disk
    try:
        return Posted(await parser.parse())
    except (_TooLarge, MultiPartException) as error:
        fields = {name: value for name, value in parser.items if isinstance(value, str)}
        return Posted(FormData(fields), _why(error))


class _TooLarge(Exception):
    """Stops the reading."""


def _why(error: Exception) -> Refusal:
    return Refusal.TOO_BIG if isinstance(error, _TooLarge) else Refusal.BROKEN


async def _bounded(
    stream: AsyncGenerator[bytes, None], most_bytes: int
) -> AsyncGenerator[bytes, None]:
    read = 0
    async for piece in stream:
        read += len(piece)
        if read > most_bytes:
            raise _TooLarge
        yield piece
