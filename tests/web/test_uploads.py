"""Photos, drawings, recordings and files: what is kept of them, and what is refused kindly."""

import codecs
import tempfile
from collections.abc import Callable
from io import BytesIO
from uuid import uuid4

import pytest
from PIL import Image
from sqlalchemy import select

from bot.attachments import LARGEST_BYTES
from bot.store.database import Database
from bot.store.models import Attachment
from tests.web import files
from tests.web.conftest import Ash
from tests.web.visitor import Visitor

pytestmark = [
    pytest.mark.asyncio(loop_scope="session"),
    pytest.mark.parametrize("database_url", ["sqlite"], indirect=True),
]
NewVisitor = Callable[..., Visitor]


async def test_a_photo_keeps_nothing_but_the_picture(at_a_question: Visitor) -> None:
    await at_a_question.go_to("going_well")
    sent = files.photo()
    paper = await at_a_question.does({"picture": ("IMG_0412 Marrow Lane.jpg", sent, "image/jpeg")})
    assert paper.state == "going_well.hears"
    kept = await at_a_question.client.get(paper.pictures[-1])
    assert kept.headers["content-type"] == "image/jpeg"
    assert kept.content != sent
    with Image.open(BytesIO(kept.content)) as picture:
        assert picture.size == (200, 300)  # upright
        assert not picture.getexif()
        assert "comment" not in picture.info
    for told in (b"Marrow", b"Made-up camera", b"Exif"):
        assert told not in kept.content
    assert "Marrow" not in paper.text


async def test_a_drawing_on_nothing_is_seen_on_white(at_a_question: Visitor) -> None:
    await at_a_question.go_to("going_well")
    paper = await at_a_question.does({"picture": ("drawing", files.drawing(), "image/png")})
    kept = await at_a_question.client.get(paper.pictures[-1])
    with Image.open(BytesIO(kept.content)) as picture:
        assert picture.getpixel((5, 5)) == (255, 255, 255)


NO_PICTURES = {
    "heic": files.HEIC,
    "zip": files.packed(),
    "svg": files.SVG,
    "html": files.HTML,
    "nothing": b"",
    "half a picture": files.photo()[:400],
    "a bomb": files.bomb(),
    "a smaller bomb": files.bomb(12_000),
    "a bomb under the library's own limit": files.bomb(8_000),
    "eleven megabytes": files.photo() + bytes(11 * 1024 * 1024),
    "fourteen megabytes": files.photo() + bytes(14 * 1024 * 1024),
    "a recording": files.WEBM,
}


async def test_what_is_no_picture_is_refused_and_the_question_stays_open(
    at_a_question: Visitor,
) -> None:
    await at_a_question.go_to("going_well")
    for name, content in NO_PICTURES.items():
        before = len(at_a_question.paper.told)
        sent = {"picture": ("photo.jpg", content, "image/jpeg")}
        paper = await at_a_question.does(sent, send="picture")
        assert paper.state == "going_well", name
        assert len(paper.told) > before, name
        assert not paper.pictures, name
    assert (await at_a_question.says("pancakes")).state == "going_well.hears"


@pytest.mark.parametrize(
    ("content", "kind"),
    [(files.WEBM, "audio/webm"), (files.OGG, "audio/ogg"), (files.MP4, "audio/mp4")],
)
async def test_a_recording_can_be_heard_again(
    at_a_question: Visitor, content: bytes, kind: str
) -> None:
    await at_a_question.go_to("going_well")
    paper = await at_a_question.does({"voice": ("voice", content, f"{kind};codecs=opus")})
    assert paper.state == "going_well.hears"
    kept = await at_a_question.client.get(paper.sounds[-1])
    assert (kept.content, kept.headers["content-type"]) == (content, kind)
    piece = await at_a_question.client.get(paper.sounds[-1], headers={"Range": "bytes=0-1"})
    assert (piece.status_code, piece.content) == (206, content[:2])
    assert piece.headers["content-range"] == f"bytes 0-1/{len(content)}"
    end = await at_a_question.client.get(paper.sounds[-1], headers={"Range": "bytes=-3"})
    assert end.content == content[-3:]
    past = await at_a_question.client.get(paper.sounds[-1], headers={"Range": "bytes=9999-"})
    assert past.status_code == 416


async def test_what_is_no_recording_is_refused_kindly(at_a_question: Visitor) -> None:
    await at_a_question.go_to("going_well")
    for content in (files.HEIC, files.HTML, files.photo(), b"", b"RIFFxxxxAVI "):
        paper = await at_a_question.does({"voice": ("voice.webm", content, "audio/webm")})
        assert paper.state == "going_well", content[:20]
        assert not paper.sounds


async def test_the_largest_that_is_allowed_goes_through(at_a_question: Visitor) -> None:
    await at_a_question.go_to("going_well")
    content = files.WEBM + bytes(LARGEST_BYTES - len(files.WEBM))
    paper = await at_a_question.does({"voice": ("voice", content, "audio/webm")})
    assert paper.state == "going_well.hears"


LETTER = "Zażółć gęślą jaźń,\r\n\twrote Dawn. عزيزتي"


@pytest.mark.parametrize("coding", ["utf-8", "utf-8-sig", "utf-16", "utf-16-be"])
async def test_plain_text_is_taken_whatever_its_name_says(
    at_a_question: Visitor, database: Database, coding: str
) -> None:
    """And only ever handed over as a file: opened in a browser, it would be no page."""
    await at_a_question.go_to("going_well")
    content = LETTER.encode(coding)
    content = codecs.BOM_UTF16_BE + content if coding == "utf-16-be" else content
    await at_a_question.does({"file": ("holiday.jpg", content, "image/jpeg")}, send="file")
    assert at_a_question.paper.state == "going_well.hears"
    row = await database.run(lambda session: session.scalars(select(Attachment.id)).one())
    kept = await at_a_question.client.get(f"/chat/attachment/{row}")
    assert kept.content.decode() == LETTER
    assert kept.headers["content-type"] == "text/plain; charset=utf-8"
    assert kept.headers["content-disposition"] == "attachment"
    assert kept.headers["x-content-type-options"] == "nosniff"


async def test_what_only_says_that_it_is_text_is_not(at_a_question: Visitor) -> None:
    await at_a_question.go_to("going_well")
    for name, content, why in (
        ("a program", b"MZ\x90\0\x03", "plain text works"),
        ("an escape", b"\x1b[2J", "plain text works"),
        ("half a letter", LETTER.encode()[:5], "plain text works"),
        ("half a pair", codecs.BOM_UTF16_LE + b"\x00\xd8", "plain text works"),
        ("no mark", LETTER.encode("utf-16-le"), "plain text works"),
        ("nothing", codecs.BOM_UTF8 + b" \r\n", "empty"),
        ("grows too large", ("你" * (LARGEST_BYTES // 2 - 9)).encode("utf-16"), "too big"),
    ):
        before = sum(why in one for one in at_a_question.paper.told)
        paper = await at_a_question.does({"file": ("letter.txt", content, "text/plain")})
        assert paper.state == "going_well", name
        assert sum(why in one for one in paper.told) == before + 1, name
    for field in ("picture", "voice"):
        sent = {field: ("letter.txt", LETTER.encode(), "text/plain")}
        assert (await at_a_question.does(sent)).state == "going_well", field


async def test_words_beside_a_bad_photo_are_kept(at_a_question: Visitor) -> None:
    await at_a_question.go_to("going_well")
    paper = await at_a_question.does(
        {"picture": ("x.heic", files.HEIC, "image/heic")}, text="pancakes", send="picture"
    )
    assert "pancakes" in [*paper.said, paper.box]


async def test_words_beside_a_photo_that_is_far_too_large_are_put_back(
    at_a_question: Visitor,
) -> None:
    await at_a_question.go_to("going_well")
    paper = await at_a_question.does(
        {"picture": ("x.jpg", bytes(14 * 1024 * 1024), "image/jpeg")}, text="pancakes"
    )
    assert (paper.state, paper.box) == ("going_well", "pancakes")


async def test_an_attachment_is_its_owners_alone(
    ash: Ash, at_a_question: Visitor, visitor: NewVisitor
) -> None:
    await at_a_question.go_to("going_well")
    sent = await at_a_question.does({"picture": ("photo", files.photo(), "image/jpeg")})
    dawn = visitor()
    await dawn.come_in(ash.link("dawn"))
    theirs = await dawn.client.get(sent.pictures[-1])
    unknown = await dawn.client.get(f"/chat/attachment/{uuid4()}")
    assert (theirs.status_code, theirs.content) == (unknown.status_code, unknown.content)
    assert theirs.status_code == 404
    assert (await visitor().client.get(sent.pictures[-1])).headers["location"] == "/back"
    assert (await dawn.client.get("/chat/attachment/x")).status_code == 404


async def test_an_attachment_is_never_a_page(at_a_question: Visitor) -> None:
    """Sound that is really a page, opened by itself, runs nothing."""
    await at_a_question.go_to("going_well")
    paper = await at_a_question.does({"voice": ("x", b"ID3" + files.HTML, "text/html")})
    kept = await at_a_question.client.get(paper.sounds[-1])
    assert kept.headers["content-type"] == "audio/mpeg"
    assert kept.headers["x-content-type-options"] == "nosniff"
    assert "sandbox" in kept.headers["content-security-policy"]
    assert kept.headers["cache-control"] == "no-store"


async def test_a_form_that_comes_twice_is_kept_once(
    at_a_question: Visitor, database: Database
) -> None:
    """A browser that lost the connection sends the same again, photo and all."""
    await at_a_question.go_to("going_well")
    fields = dict(at_a_question.paper.fields)
    for _ in range(3):
        await at_a_question.sends({"picture": ("photo", files.photo(), "image/jpeg")}, **fields)
    kept = await database.run(lambda session: session.query(Attachment).count())
    paper = await at_a_question.see_chat()
    assert (kept, len(paper.pictures)) == (1, 1)


async def test_nothing_that_is_sent_lies_on_a_disk_unsealed(
    at_a_question: Visitor, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Large uploads are read in memory: a temporary file would hold them as they are."""
    written = []
    monkeypatch.setattr(
        tempfile.SpooledTemporaryFile, "rollover", lambda file: written.append(file)
    )
    await at_a_question.go_to("going_well")
    content = files.WEBM + bytes(5 * 1024 * 1024)
    paper = await at_a_question.does({"voice": ("voice", content, "audio/webm")})
    assert paper.state == "going_well.hears"
    assert not written
