"""A browser without a screen: keeps cookies, taps links, posts forms with the token they hold."""

import asyncio
import re

import httpx
from starlette.applications import Starlette

_AT_MOST_S = 30
"""A stream that opens to somebody whom it should refuse would never end."""


class Browser:
    """One person's. Redirects are not followed, so that tests see them."""

    def __init__(self, site: Starlette) -> None:
        self._site = site
        self.cookies = httpx.Cookies()

    def get(self, path: str, **headers: str) -> httpx.Response:
        return self.ask("GET", path, headers=headers)

    def see(self, path: str) -> str:
        """A page that must be there."""
        answer = self.get(path)
        assert answer.status_code == 200, (path, answer.status_code)
        return answer.text

    def status(self, path: str) -> int:
        return self.get(path).status_code

    def post(self, path: str, page: str | None = None, **form: str) -> tuple[int, str]:
        """Fills in the form that stands on `page` (the same path where none is named).

        Returns the status, and where it leads to or the page that comes.
        """
        token = self.token_on(page or path)
        answer = self.ask("POST", path, form={"token": token, **form})
        return answer.status_code, answer.headers.get("location", answer.text)

    def token_on(self, page: str) -> str:
        found = re.search(r'name="token" value="([0-9a-f]{64})"', self.get(page).text)
        return found[1] if found else ""

    def ask(
        self,
        method: str,
        path: str,
        form: dict[str, str] | None = None,
        headers: dict[str, str] | None = None,
        file: bytes | None = None,
    ) -> httpx.Response:
        """One request, as it is."""

        files = None if file is None else {"file": ("people.csv", file)}

        async def send() -> httpx.Response:
            transport = httpx.ASGITransport(app=self._site)
            async with httpx.AsyncClient(
                transport=transport, base_url="http://testserver", cookies=self.cookies
            ) as client:
                answer = await client.request(method, path, data=form, headers=headers, files=files)
                self.cookies = client.cookies
                return answer

        return asyncio.run(asyncio.wait_for(send(), _AT_MOST_S))
