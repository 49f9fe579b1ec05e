"""Telegram's HTML, read byte by byte as TDLib reads it, with its very refusals.

Source: Bot API, "HTML style"; the byte offsets and sentences are those that TDLib's own tests
expect of `parse_html`."""

import re
from dataclasses import dataclass, replace

from tests.telegram.emulator.formatted import Entity, Formatted, units
from tests.telegram.emulator.markup import wrong_url

_TYPES = {
    "b": "bold",
    "strong": "bold",
    "i": "italic",
    "em": "italic",
    "u": "underline",
    "ins": "underline",
    "s": "strikethrough",
    "strike": "strikethrough",
    "del": "strikethrough",
    "span": "spoiler",
    "tg-spoiler": "spoiler",
    "code": "code",
    "pre": "pre",
}
_OTHER_TAGS = {"a", "blockquote", "tg-emoji"}
_REFERENCES = {b"lt": ord("<"), b"gt": ord(">"), b"amp": ord("&"), b"quot": ord('"')}
_SPACE = frozenset((b" ", b"\t", b"\r", b"\n", b"\0", b"\v"))
_TAG_ENDS = _SPACE | {b">"}
_NAME_ENDS = _TAG_ENDS | {b"="}
_PLAIN = re.compile(rb"[^&<]+|&")
_TOKEN = re.compile(rb"[A-Za-z0-9.-]*")
_LONELY = (
    "Text contains invalid Unicode characters after decoding HTML entities, "
    "check for unmatched surrogate code units"
)


def parse_html(source: str) -> Formatted:
    """The text with its entities.

    Raises ValueError with Telegram's own sentence: unknown, unclosed and crossing tags."""
    return _Reader(source.encode()).read()


@dataclass(frozen=True)
class _Open:
    tag: str
    argument: str
    units_before: int
    bytes_before: int


class _Reader:
    def __init__(self, source: bytes) -> None:
        self.source = source
        self.at = 0
        self.out = bytearray()
        self.units = 0
        self.open: list[_Open] = []
        self.entities: list[Entity] = []

    def read(self) -> Formatted:
        while self.at < len(self.source):
            here = self._byte()
            if here == b"&" and (code := self._reference()):
                self._write(code)
            elif plain := _PLAIN.match(self.source, self.at):
                self._copy(plain[0])
            elif self.source[self.at + 1 : self.at + 2] == b"/":
                self._end_tag()
            else:
                self._start_tag()
        if self.open:
            tag = self.open[-1].tag
            raise ValueError(f'Can\'t find end tag corresponding to start tag "{tag}"')
        try:
            text = self.out.decode()
        except UnicodeDecodeError:
            raise ValueError(_LONELY) from None
        return Formatted(text, _settled(self.entities))

    def _byte(self) -> bytes:
        """The byte here; nothing at the end."""
        return self.source[self.at : self.at + 1]

    def _copy(self, plain: bytes) -> None:
        self.units += units(plain.decode())
        self.out += plain
        self.at += len(plain)

    def _write(self, code: int) -> None:
        self.out += chr(code).encode(errors="surrogatepass")
        self.units += 2 if code > 0xFFFF else 1

    def _reference(self) -> int:
        """The character that `&...` stands for, stepping over it; 0 if it stands for nothing."""
        end = self.at + 1
        if self.source[end : end + 1] == b"#":
            end += 1
            base, digits = 10, b"0123456789"
            if self.source[end : end + 1] == b"x":
                end += 1
                base, digits = 16, b"0123456789abcdefABCDEF"
            begin = end
            while self.source[end : end + 1] and self.source[end] in digits:
                end += 1
            code = int(self.source[begin:end] or b"0", base)
            if code == 0 or code >= 0x10FFFF or end - begin >= 10:
                return 0
        else:
            while self.source[end : end + 1].isalpha():
                end += 1
            code = _REFERENCES.get(self.source[self.at + 1 : end], 0)
            if code == 0:
                return 0
        self.at = end + 1 if self.source[end : end + 1] == b";" else end
        return code

    def _start_tag(self) -> None:
        begin = self.at
        self.at += 1
        name_begin = self.at
        while self._byte() and self._byte() not in _TAG_ENDS:
            self.at += 1
        if not self._byte():
            raise ValueError(f"Unclosed start tag at byte offset {begin}")
        tag = self.source[name_begin : self.at].decode(errors="replace").lower()
        if tag not in _TYPES and tag not in _OTHER_TAGS:
            raise ValueError(f'Unsupported start tag "{tag}" at byte offset {begin}')
        argument = ""
        while True:
            self._skip_spaces()
            if self._byte() == b">":
                break
            name, value = self._attribute(tag, begin)
            argument = _argument(tag, name, value) or argument
        self.at += 1
        if tag == "span" and argument != "tg-spoiler":
            raise ValueError(f'Tag "span" must have class "tg-spoiler" at byte offset {begin}')
        self.open.append(_Open(tag, argument, self.units, len(self.out)))

    def _attribute(self, tag: str, begin: int) -> tuple[str, str]:
        name_begin = self.at
        while self._byte() and self._byte() not in _NAME_ENDS:
            self.at += 1
        name = self.source[name_begin : self.at].decode(errors="replace").lower()
        if not name and self._byte():
            raise ValueError(f'Empty attribute name in the tag "{tag}" at byte offset {begin}')
        self._skip_spaces()
        if self._byte() and self._byte() != b"=":
            return name, ""
        self.at += 1
        self._skip_spaces()
        if not self._byte():
            raise ValueError(f'Unclosed start tag "{tag}" at byte offset {begin}')
        value = self._quoted() if self._byte() in (b"'", b'"') else self._name_token()
        if not self._byte():
            raise ValueError(f"Unclosed start tag at byte offset {begin}")
        return name, value

    def _name_token(self) -> str:
        begin = self.at
        token = _TOKEN.match(self.source, begin)
        self.at = token.end() if token else begin
        if self._byte() not in _TAG_ENDS:
            raise ValueError(f"Unexpected end of name token at byte offset {begin}")
        return self.source[begin : self.at].decode().lower()

    def _quoted(self) -> str:
        quote = self._byte()
        self.at += 1
        value = bytearray()
        while self._byte() and self._byte() != quote:
            if self._byte() == b"&" and (code := self._reference()):
                value += chr(code).encode(errors="surrogatepass")
            else:
                value += self._byte()
                self.at += 1
        self.at += 1
        return value.decode(errors="replace")

    def _end_tag(self) -> None:
        begin = self.at
        if not self.open:
            raise ValueError(f"Unexpected end tag at byte offset {begin}")
        self.at += 2
        name_begin = self.at
        while self._byte() and self._byte() not in _TAG_ENDS:
            self.at += 1
        found = self.source[name_begin : self.at].decode(errors="replace").lower()
        self._skip_spaces()
        if self._byte() != b">":
            raise ValueError(f"Unclosed end tag at byte offset {begin}")
        self.at += 1
        opened = self.open.pop()
        if found and found != opened.tag:
            raise ValueError(
                f'Unmatched end tag at byte offset {begin}, expected "</{opened.tag}>", '
                f'found "</{found}>"'
            )
        if self.units > opened.units_before:
            self._close(opened)

    def _close(self, opened: _Open) -> None:
        entity = Entity(
            _TYPES.get(opened.tag, opened.tag),
            opened.units_before,
            self.units - opened.units_before,
        )
        if opened.tag == "a":
            inner = self.out[opened.bytes_before :].decode(errors="replace")
            url = opened.argument or inner
            if wrong_url(url):
                return  # TDLib keeps the words and drops a link that leads nowhere
            entity = replace(entity, type="text_link", url=url)
        elif opened.tag == "tg-emoji":
            if not opened.argument.isdigit():
                raise ValueError("Invalid custom emoji identifier specified")
            entity = replace(entity, type="custom_emoji", custom_emoji_id=opened.argument)
        elif opened.tag == "blockquote" and opened.argument:
            entity = replace(entity, type="expandable_blockquote")
        elif opened.tag in {"pre", "code"} and self._joins_code_and_pre(opened, entity):
            return
        if opened.tag == "code":
            entity = replace(entity, language=opened.argument)
        self.entities.append(entity)

    def _joins_code_and_pre(self, opened: _Open, entity: Entity) -> bool:
        """`<pre><code class="language-x">` is one entity with a language."""
        last = self.entities[-1] if self.entities else None
        other = "code" if opened.tag == "pre" else "pre"
        if last is None or (last.type, last.offset, last.length) != (
            other,
            entity.offset,
            entity.length,
        ):
            return False
        language = last.language or opened.argument
        if not language:
            return False
        self.entities[-1] = replace(last, type="pre", language=language)
        return True

    def _skip_spaces(self) -> None:
        while self._byte() in _SPACE:
            self.at += 1


def _argument(tag: str, name: str, value: str) -> str:
    if (tag, name) in {("a", "href"), ("tg-emoji", "emoji-id"), ("span", "class")}:
        return value
    if (tag, name) == ("code", "class") and value.startswith("language-"):
        return value.removeprefix("language-")
    return "1" if (tag, name) == ("blockquote", "expandable") else ""


def _settled(entities: list[Entity]) -> tuple[Entity, ...]:
    """What may not stand inside another is dropped: anything inside code, the same in the same."""
    code = [e for e in entities if e.type in {"code", "pre"}]
    kept = []
    for index, entity in enumerate(entities):
        if any(entity is not c and entity.inside(c) and entity.type not in _HOLDS for c in code):
            continue
        others = (o for i, o in enumerate(entities) if i > index and o.type == entity.type)
        if any(entity.inside(other) for other in others):
            continue
        kept.append(replace(entity, language="") if entity.type == "code" else entity)
    return tuple(sorted(kept, key=lambda e: (e.offset, -e.length)))


_HOLDS = {"blockquote", "expandable_blockquote", "pre"}
