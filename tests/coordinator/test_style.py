"""The style of the coordinators' site: GOV.UK's components, and nothing that is gov.uk's alone."""

import gzip
import hashlib
import re
from pathlib import Path

from starlette.applications import Starlette

from bot.coordinator.assets import ASSETS, GOVUK, address_of
from bot.coordinator.views import Views
from tests.coordinator.browser import Browser
from tests.coordinator.household import LIBRARY

COORDINATOR = Path(__file__).parent.parent.parent / "bot" / "coordinator"
STYLE_SHA256 = "3519c7de7e667e7d58eeac9def03459af05741946d64816074bb55cf0fd0738a"
GOV_UK_ALONE = re.compile(
    r"GDS Transport|crown|crest|govuk-header|govuk-footer|govuk-logo|url\(|@font-face", re.I
)


def test_the_style_of_govuk_frontend_is_the_one_that_was_made() -> None:
    assert hashlib.sha256(ASSETS[GOVUK].content).hexdigest() == STYLE_SHA256
    assert "6.3.0" in ASSETS[GOVUK].content.decode()


def test_nothing_that_belongs_to_gov_uk_alone_is_shipped() -> None:
    """Its font is for gov.uk alone, and a council's service is no government page."""
    shipped = [path for path in (COORDINATOR / "static").rglob("*") if path.is_file()]
    assert {path.suffix for path in shipped} <= {".css", ".js", ".md", ""}
    for path in shipped:
        if path.suffix in (".css", ".js"):
            assert not GOV_UK_ALONE.search(path.read_text(encoding="utf-8")), path.name
    for template in (COORDINATOR / "templates").glob("*.html"):
        text = template.read_text(encoding="utf-8")
        assert not re.search(r"govuk(Header|Footer|GenericHeader)|template\.html", text), template


def test_its_licence_stands_beside_it() -> None:
    licence = (COORDINATOR / "static" / "govuk" / "LICENSE").read_text(encoding="utf-8")
    assert "MIT License" in licence
    assert "Government Digital Service" in licence


def test_a_style_sheet_is_kept_for_long_by_its_version(site: Starlette) -> None:
    browser = Browser(site)
    for name, asset in ASSETS.items():
        newest = browser.get(address_of(name))
        assert newest.content == asset.content
        assert "immutable" in newest.headers["cache-control"]
        assert (
            "immutable" not in browser.get(f"/coordinator/static/{name}").headers["cache-control"]
        )
        plain = browser.get(address_of(name), **{"Accept-Encoding": "identity"})
        assert plain.content == asset.content == gzip.decompress(asset.packed)
    assert browser.status("/coordinator/static/nothing.css") == 404
    assert browser.status("/coordinator/static/..%2Fdesk.py") != 200


def test_components_escape_what_they_are_handed() -> None:
    """A name is plain words to every component that we use."""
    views = Views(LIBRARY.wording)
    nasty = "<b>&\"'"
    handed: dict[str, dict[str, object]] = {
        "govukButton": {"text": nasty, "value": nasty, "href": nasty},
        "govukTag": {"text": nasty},
        "govukInput": {"id": nasty, "name": nasty, "value": nasty, "label": {"text": nasty}},
        "govukErrorSummary": {"titleText": nasty, "errorList": [{"text": nasty, "href": nasty}]},
        "govukNotificationBanner": {"titleText": nasty, "text": nasty},
        "govukBackLink": {"text": nasty, "href": nasty},
        "govukServiceNavigation": {
            "serviceName": nasty,
            "navigation": [{"text": nasty, "href": nasty, "active": True}],
        },
    }
    for name, params in handed.items():
        made = str(views.component(name)(params))
        assert "<b>" not in made, name
        assert nasty not in made, name
