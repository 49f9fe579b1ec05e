"""The browser of the tests: Chromium without a screen. Debian's `chromium-headless-shell` takes a
third of the time of the whole one, and is the same in all that a page can see."""

import os
import shutil

import pytest

CHROMIUM = next(
    filter(None, map(shutil.which, ("chromium-headless-shell", "chromium", "chromium-browser"))), ""
)
ARGUMENTS = [
    "--headless",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--use-fake-device-for-media-stream",
    "--use-fake-ui-for-media-stream",
]


def needs_chromium() -> None:
    """Ends a test that cannot run here; in CI it must run."""
    if CHROMIUM:
        return
    if os.environ.get("CI"):
        pytest.fail("there is no Chromium here: in CI a browser test must run")
    pytest.skip("there is no Chromium here")
