"""Bytes from outside, of every kind: each is answered, and none is an error of ours.

`--hypothesis-profile=long` tries a hundred times as many.
"""

import contextlib
import io
import json
from typing import Any

import httpx
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from PIL import Image

from bot import meetings
from bot.attachments import accept
from bot.service import Service, ServiceFileRefused, read_service_file
from bot.store.database import Database
from bot.store.sealing import ServiceKey
from flows.exchange import Refusal
from tests.promises.ash import TODAY
from tests.service import SECRET, serving
from tests.telegram.emulator import Emulator, MovableClock

settings.register_profile("long", max_examples=5_000, deadline=None)
FEW = settings(
    max_examples=60,
    deadline=None,
    derandomize=True,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)

JSON = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(min_value=-(2**70), max_value=2**70)
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.text(max_size=30),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=12), inner),
    max_leaves=12,
)
NAMES = st.sampled_from(
    [
        "message",
        "edited_message",
        "callback_query",
        "my_chat_member",
        "chat",
        "from",
        "text",
        "data",
        "id",
        "message_id",
        "date",
        "photo",
        "voice",
        "document",
        "caption",
        "type",
    ]
)
UPDATE = st.fixed_dictionaries({"update_id": st.integers(0, 2**40)}).flatmap(
    lambda base: st.dictionaries(NAMES, JSON | st.dictionaries(NAMES, JSON, max_size=6)).map(
        lambda more: {**more, **base}
    )
)


@given(text=st.text(max_size=300) | JSON.map(json.dumps))
@FEW
def test_a_meeting_file_is_taken_or_refused(text: str) -> None:
    with contextlib.suppress(meetings.MeetingFileRefused):
        assert meetings.read_meeting_file(text, "fuzz.yaml").people


@given(text=st.text(max_size=300) | JSON.map(json.dumps))
@FEW
def test_a_service_file_is_taken_or_refused(text: str) -> None:
    with contextlib.suppress(ServiceFileRefused):
        assert isinstance(read_service_file(text, "fuzz.yaml"), Service)


@given(
    content=st.binary(max_size=600) | st.binary(max_size=80).map(lambda end: _picture() + end),
    kind=st.sampled_from(["picture", "voice", "file"]),
)
@FEW
def test_a_file_is_taken_or_refused(content: bytes, kind: Any) -> None:
    kept = accept(kind, content)
    assert isinstance(kept, Refusal) or kept.content


def test_a_picture_that_unpacks_to_too_much_is_refused() -> None:
    bomb = io.BytesIO()
    Image.new("1", (30_000, 30_000)).save(bomb, "PNG")
    assert isinstance(accept("picture", bomb.getvalue()), Refusal)


def test_a_picture_loses_where_it_was_taken() -> None:
    picture, kept = io.BytesIO(), Image.Exif()
    kept[0x010E] = "heron-by-the-weir"
    Image.new("RGB", (40, 40), "blue").save(picture, "JPEG", exif=kept)
    taken = accept("picture", picture.getvalue())
    assert not isinstance(taken, Refusal)
    assert b"heron" not in taken.content


@pytest.mark.asyncio
@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
async def test_no_update_and_no_form_is_an_error_of_ours(
    database: Database, service_key: ServiceKey
) -> None:
    clock = MovableClock(TODAY)
    async with Emulator.serving(now=clock) as telegram:
        running = serving(database, service_key, clock, telegram, webhook=True)
        async with running as service, httpx.AsyncClient(base_url=service.address) as web:
            token = {"X-Telegram-Bot-Api-Secret-Token": SECRET}
            for update in _examples(UPDATE, 150):
                answer = await web.post("/telegram", json=update, headers=token)
                assert answer.status_code in (200, 400), answer.status_code
            for body in _examples(st.binary(max_size=300), 20):
                answer = await web.post("/telegram", content=body, headers=token)
                assert answer.status_code in (200, 400)
                for path in ("/chat", "/back", "/coordinator/sign-in", "/i/x", "/exit"):
                    form = "application/x-www-form-urlencoded"
                    for kind in (form, "multipart/form-data; boundary=x", "text/plain"):
                        headers = {"Content-Type": kind}
                        answer = await web.post(path, content=body, headers=headers)
                        assert answer.status_code < 500, (path, kind)


def _examples(strategy: st.SearchStrategy[Any], count: int) -> list[Any]:
    found: list[Any] = []

    @given(strategy)
    @settings(max_examples=count, deadline=None, derandomize=True, database=None)
    def collect(example: Any) -> None:
        found.append(example)

    collect()
    return found


def _picture() -> bytes:
    picture = io.BytesIO()
    Image.new("RGB", (8, 8), "blue").save(picture, "PNG")
    return picture.getvalue()
