"""A browser without scripts: reads pages, fills in their forms, follows where they lead."""

import re
import ssl
from dataclasses import dataclass, field
from html.parser import HTMLParser
from typing import Any

import httpx

from tests.journeys.script import Script, Tapped

LONGEST = 300
_NO_TLS = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
"""Loopback only. Each client would make its own otherwise, with every authority that there is."""
Upload = tuple[str, bytes, str]
"""A file: its name, its content, and what the browser says that it is."""


class Paper(HTMLParser):
    """What of a page a person sees, and the fields of its forms."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.text = text
        self.title = ""
        self.said: list[str] = []
        """Their own words, in order, each bubble's."""
        self.told: list[str] = []
        """Paragraphs of ours."""
        self.box = ""
        self.code = ""
        self.fields: dict[str, str] = {}
        self.choices: list[str] = []
        self.tags: list[str] = []
        self.pictures: list[str] = []
        self.sounds: list[str] = []
        self._into: list[str] | None = None
        self._author = ""
        self.feed(text)
        self.close()

    @property
    def state(self) -> str:
        return self.fields.get("state", "")

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        values = {name: value or "" for name, value in attrs}
        classes = values.get("class", "").split()
        self.tags.append(tag)
        if tag == "li" and "line" in classes:
            self._author = classes[-1]
        if tag == "input" and values.get("type") == "hidden":
            self.fields[values["name"]] = values["value"]
        if tag == "button" and values.get("name") == "choice":
            self.choices.append(values["value"])
        if tag == "img":
            self.pictures.append(values["src"])
        if tag == "audio":
            self.sounds.append(values["src"])
        if tag in ("p", "blockquote", "textarea", "title"):
            self._into = []

    def handle_data(self, data: str) -> None:
        if self._into is not None:
            self._into.append(data)

    def handle_endtag(self, tag: str) -> None:
        if tag == "ol":
            self._author = ""
        if self._into is None or tag not in ("p", "blockquote", "textarea", "title"):
            return
        text, self._into = "".join(self._into), None
        if tag == "title":
            self.title = text
        elif tag == "textarea":
            self.box = text.removeprefix("\n")  # as browsers do
        elif re.fullmatch(r"[0-9A-Z]{4}-[0-9A-Z]{3}-[0-9A-Z]{3}", text):
            self.code = text
        elif self._author == "person":
            self.said.append(text)
        else:
            self.told.append(text)


@dataclass
class Visitor:
    """One device."""

    client: httpx.AsyncClient
    paper: Paper = field(default_factory=lambda: Paper(""))
    """The page that is open."""

    @classmethod
    def of(cls, address: str, headers: dict[str, str]) -> "Visitor":
        client = httpx.AsyncClient(base_url=address, headers=headers, timeout=30, verify=_NO_TLS)
        return cls(client)

    @property
    def chat(self) -> str:
        """The chat's whole address, for a browser with scripts."""
        return str(self.client.base_url.join("/chat"))

    async def opens(self, path: str) -> httpx.Response:
        """One page, without following where it leads."""
        answer = await self.client.get(path)
        self.paper = Paper(answer.text)
        return answer

    async def come_in(self, link: str) -> None:
        await self.opens(link)
        answer = await self.client.post(link, data=self.paper.fields)
        assert (answer.status_code, answer.headers["location"]) == (303, "/chat")
        await self.see_chat()

    async def see_chat(self) -> Paper:
        answer = await self.opens("/chat")
        assert answer.status_code == 200, answer.headers
        return self.paper

    async def sends(
        self, files: dict[str, Upload] | None = None, /, **fields: Any
    ) -> httpx.Response:
        """Sends the form that is open, as it stands but for `fields`. Stays on the page."""
        data = {**self.paper.fields, **fields}
        parts: dict[str, Any] = {name: (None, value) for name, value in data.items()}
        return await self.client.post("/chat", files={**parts, **(files or {})})

    async def does(self, files: dict[str, Upload] | None = None, /, **fields: Any) -> Paper:
        """Sends the form, and looks at what comes of it."""
        answer = await self.sends(files, **fields)
        if answer.status_code == 303:
            return await self.see_chat()
        assert answer.status_code == 200, answer.status_code
        self.paper = Paper(answer.text)
        return self.paper

    async def taps(self, choice: str) -> Paper:
        return await self.does(choice=choice)

    async def says(self, text: str) -> Paper:
        return await self.does(text=text, send="words")

    async def plays(self, script: Script, until: str = "sent") -> None:
        """Does what the script says until the conversation is in the state `until`."""
        for _ in range(LONGEST):
            if self.paper.state == until:
                return
            deed = script.next(self.paper.state, self.paper.choices)
            assert deed is not None, f"the script ends at {self.paper.state}"
            await (self.taps(deed.choice) if isinstance(deed, Tapped) else self.says(deed.text))
        raise AssertionError(f"{until} was not reached")

    async def go_to(self, step: str) -> None:
        """Goes on, and skips, until a question is open."""
        for _ in range(LONGEST):
            if self.paper.state == step:
                await self.see_chat()
                return
            ways = ("en", "yes", "go_on", "skip", "coordinator", "each", "no")
            way = next(way for way in ways if way in self.paper.choices)
            data = {**self.paper.fields, "choice": way}
            answer = await self.client.post("/chat", data=data, headers={"X-Enhance": "1"})
            self.paper = Paper(answer.text)
        raise AssertionError(f"{step} was not reached")
