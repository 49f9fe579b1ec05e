"""The style sheets and scripts of the coordinators' site: read once, served with long caching."""

import gzip
import hashlib
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from starlette.requests import Request
from starlette.responses import Response

_STATIC = Path(__file__).parent / "static"
_KINDS = {".css": "text/css; charset=utf-8", ".js": "text/javascript; charset=utf-8"}

GOVUK: Final = "govuk-frontend-6.3.0.min.css"
"""GOV.UK Frontend's style without its font, header and footer; static/govuk/README.md says how."""


@dataclass(frozen=True)
class Asset:
    """One file, as it is sent."""

    content: bytes
    packed: bytes
    media_type: str
    version: str
    """Changes with the content, so that a browser may keep each for ever."""

    @classmethod
    def read(cls, path: Path) -> "Asset":
        content = path.read_bytes()
        version = hashlib.sha256(content).hexdigest()[:12]
        return cls(content, gzip.compress(content, mtime=0), _KINDS[path.suffix], version)


ASSETS: Final = {
    path.name: Asset.read(path) for path in (_STATIC / "govuk" / GOVUK, _STATIC / "coordinator.css")
}


def address_of(name: str) -> str:
    """Where a page finds it. Raises KeyError: no such file of ours."""
    return f"/coordinator/static/{name}?v={ASSETS[name].version}"


async def serve(request: Request) -> Response:
    """For anybody: nothing in here is about anyone."""
    asset = ASSETS.get(request.path_params["name"])
    if asset is None:
        return Response(status_code=404)
    newest = request.query_params.get("v") == asset.version
    headers = {
        "Cache-Control": "public, max-age=31536000, immutable" if newest else "no-cache",
        "X-Content-Type-Options": "nosniff",
        "Vary": "Accept-Encoding",
    }
    if "gzip" in request.headers.get("accept-encoding", ""):
        headers["Content-Encoding"] = "gzip"
        return Response(asset.packed, media_type=asset.media_type, headers=headers)
    return Response(asset.content, media_type=asset.media_type, headers=headers)
