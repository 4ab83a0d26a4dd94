"""Telegram's HTML as text: what is left of it for a reader, and whether Telegram takes it at all."""

from __future__ import annotations

import html
import re
from html.parser import HTMLParser
from urllib.parse import urlsplit

TAGS = frozenset(
    (
        "b", "strong", "i", "em", "u", "ins", "s", "strike", "del", "span", "tg-spoiler", "tg-emoji", "a", "code",
        "pre", "blockquote",
    )
)  # fmt: skip
"""What Telegram's parser knows; anything else makes it refuse the whole message."""

_TAG = re.compile(r"</?[a-zA-Z][^<>]*>")
_BARE = re.compile(r"&(?!(?:lt|gt|amp|quot|#[1-9][0-9]{0,5}|#x[1-9a-fA-F][0-9a-fA-F]{0,4});)")
_ANGLE = re.compile("<")
_STRICT = re.compile(r"(/?)([a-z][a-z-]*)((?:\s+[a-z-]+(?:=\"[^\"<>]*\")?)*)\s*>")
_NEEDED = {
    "span": re.compile(r'\sclass="tg-spoiler"'),
    "tg-emoji": re.compile(r'\semoji-id="[0-9]+"'),
    "a": re.compile(r'\shref="[^"]+"'),
}
"""Attributes without which Telegram takes no such tag, or makes nothing of it."""
_BREAK = re.compile(r"\n{3,}")


def utf16(text: str) -> int:
    """UTF-16 units of plain text, as Telegram counts."""
    return len(text) if text.isascii() else len(text.encode("utf-16-le", "surrogatepass")) // 2


def plain(text: str) -> str:
    """What a reader sees of it, whatever its tags are worth."""
    return html.unescape(_TAG.sub("", text))


def normal(text: str) -> str:
    """The same with every ampersand written out: Telegram takes a bare one, but not everywhere."""
    return _BARE.sub("&amp;", text)


def is_sound(text: str) -> bool:
    """True when Telegram can parse it: known tags, closed in order, no stray ``<``. Rather too strict than too lax."""
    opened: list[str] = []
    for part in _ANGLE.split(text)[1:]:
        found = _STRICT.match(part)
        if found is None:
            return False
        closing, name, attributes = found.groups()
        if closing:
            if attributes or not opened or opened.pop() != name:
                return False
        elif not _fits(name, attributes):
            return False
        else:
            opened.append(name)
    return not opened


def _fits(name: str, attributes: str) -> bool:
    wanted = _NEEDED.get(name)
    return name in TAGS and (wanted is None or wanted.search(attributes) is not None)


def as_mail(text: str) -> str:
    """The same for a letter: paragraphs kept, what mail programs do not know left out."""
    reader = _Letter()
    reader.feed(_BREAK.sub("\n\n", text))
    reader.close()
    return "".join(reader.parts).replace("\n", "<br>\n")


class _Letter(HTMLParser):
    """The parts of a letter."""

    KEPT = frozenset(
        ("b", "strong", "i", "em", "u", "ins", "s", "strike", "del", "code", "pre", "blockquote")
    )

    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.parts: list[str] = []
        self._links: list[bool] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag == "a":
            address = dict(attrs).get("href") or ""
            # A person's profile opens nowhere outside of Telegram.
            self._links.append(urlsplit(address).scheme in ("http", "https", "mailto"))
            if self._links[-1]:
                self.parts.append(f'<a href="{html.escape(address)}">')
        elif tag in self.KEPT:
            self.parts.append(f"<{tag}>")

    def handle_endtag(self, tag: str) -> None:
        if tag == "a":
            if self._links and self._links.pop():
                self.parts.append("</a>")
        elif tag in self.KEPT:
            self.parts.append(f"</{tag}>")

    def handle_data(self, data: str) -> None:
        self.parts.append(html.escape(data, quote=False))
