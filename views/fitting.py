"""Text that fits: counted as Telegram counts, cut between graphemes and outside tags.

Limits are UTF-16 units after entity parsing: 4,096 for a text, 1,024 for a caption.
"""

from __future__ import annotations

import html
import re
from collections.abc import Iterator

import regex

from utils.html import Html, escape

TEXT_LIMIT = 4096
CAPTION_LIMIT = 1024
ELLIPSIS = "…"

_TOKEN = re.compile(r"<[^>]*>|&[^;\s]{1,10};|[^<&]+|[<&]")
_GRAPHEME = regex.compile(r"\X")
_TAG_NAME = re.compile(r"</?\s*([a-z-]+)")


def units(text: str) -> int:
    """UTF-16 units of plain characters."""
    return len(text) if text.isascii() else len(text.encode("utf-16-le", "surrogatepass")) // 2


def visible_units(text: Html) -> int:
    """UTF-16 units that are left of Html after Telegram parsed it."""
    return sum(units(html.unescape(token)) for token in _TOKEN.findall(text) if not token.startswith("<"))


def cut(text: str, limit: int) -> str:
    """Plain ``text`` in at most ``limit`` units, whole graphemes, an ellipsis where something was left out."""
    if units(text) <= limit:
        return text
    return _begin(text, limit - 1).rstrip() + ELLIPSIS


def _begin(text: str, room: int) -> str:
    """As many whole graphemes from the start of plain ``text`` as take at most ``room`` units."""
    end = 0
    for match in _GRAPHEME.finditer(text):
        room -= units(match.group())
        if room < 0:
            break
        end = match.end()
    return text[:end]


def label(text: str, limit: int) -> str:
    """A button's label: one line of at most ``limit`` units; never blank, which Telegram refuses."""
    return cut(" ".join(text.split()), limit) or "—"


def fit(text: Html, limit: int) -> Html:
    """``text`` in at most ``limit`` visible units; open tags are closed where it is cut."""
    if units(text) <= limit or visible_units(text) <= limit:
        return text
    kept: list[str] = []
    opened: list[str] = []
    room = limit - 1
    for token in _TOKEN.findall(text):
        if token.startswith("<"):
            _track(token, opened)
            kept.append(token)
            continue
        plain = html.unescape(token)
        size = units(plain)
        if size <= room:
            kept.append(token)
            room -= size
            continue
        kept += [escape(_begin(plain, room).rstrip()), ELLIPSIS]
        break
    kept += [f"</{name}>" for name in reversed(opened)]
    return Html("".join(kept))


def _track(token: str, opened: list[str]) -> None:
    found = _TAG_NAME.match(token)
    if found is None:
        return
    if token.startswith("</"):
        if opened and opened[-1] == found.group(1):
            opened.pop()
    else:
        opened.append(found.group(1))


def first_page(text: str, limit: int) -> str:
    """The first of ``pages``, without the work for the others."""
    return next(_pages(text, limit), "")


def pages(text: str, limit: int) -> list[str]:
    """Plain ``text`` in parts of at most ``limit`` units, broken at paragraphs, lines, words or graphemes."""
    return list(_pages(text, limit)) or [""]


def _pages(text: str, limit: int) -> Iterator[str]:
    rest = text.strip()
    while units(rest) > limit:
        # One grapheme may be longer than a page: a letter under a hundred marks. Then it is torn, or this never ends.
        head = _begin(rest, limit) or rest[: max(1, limit // 2)]
        for gap in ("\n\n", "\n", " "):
            found = head.rfind(gap)
            if found > len(head) // 2:
                head = head[:found]
                break
        yield head.rstrip()
        rest = rest[len(head) :].lstrip()
    if rest:
        yield rest
