"""Pictures, recordings and things that are neither, made up here."""

import struct
import zlib
from io import BytesIO
from zipfile import ZipFile

from PIL import Image

GPS = 0x8825


def photo() -> bytes:
    """As a phone makes it: on its side, with the place and the time and the camera's name."""
    picture = Image.new("RGB", (300, 200), "orange")
    exif = Image.Exif()
    exif[0x0112] = 6  # turned by a quarter
    exif[0x0110] = "Made-up camera"
    place = exif.get_ifd(GPS)
    place[1], place[2], place[3], place[4] = "N", (51.0, 28.0, 38.0), "W", (0.0, 0.0, 5.0)
    made = BytesIO()
    picture.save(made, "JPEG", exif=exif, comment=b"Marrow Lane 4")
    return made.getvalue() + b"after the end: Marrow Lane 4"


def drawing() -> bytes:
    """Black lines on nothing."""
    made = BytesIO()
    Image.new("RGBA", (40, 30), (0, 0, 0, 0)).save(made, "PNG")
    return made.getvalue()


def bomb(side: int = 20_000) -> bytes:
    """A small file that unpacks to hundreds of megapixels of black."""

    def chunk(kind: bytes, content: bytes) -> bytes:
        check = zlib.crc32(kind + content)
        return struct.pack(">I", len(content)) + kind + content + struct.pack(">I", check)

    head = struct.pack(">IIBBBBB", side, side, 1, 0, 0, 0, 0)
    rows = zlib.compress(bytes((side // 8 + 1) * side), 9)
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", head) + chunk(b"IDAT", rows) + chunk(b"IEND", b"")


def packed() -> bytes:
    made = BytesIO()
    with ZipFile(made, "w") as file:
        file.writestr("photo.jpg", b"not really")
    return made.getvalue()


HEIC = b"\x00\x00\x00\x18ftypheic\x00\x00\x00\x00mif1heic" + bytes(200)
SVG = b'<svg xmlns="http://www.w3.org/2000/svg"><script>alert(1)</script></svg>'
HTML = b"<!doctype html><script>alert(1)</script>"
WEBM = b"\x1a\x45\xdf\xa3" + bytes(400)
OGG = b"OggS" + bytes(400)
MP4 = b"\x00\x00\x00\x18ftypM4A \x00\x00\x00\x00" + bytes(400)
