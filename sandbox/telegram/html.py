"""Telegram's HTML dialect: text and entities out of a marked-up string.

The rules follow the public Bot API server, with one rule stricter on purpose: an ampersand that starts no
known character reference is refused, because it always means that a value was not escaped.
"""

from __future__ import annotations

import re
from typing import NamedTuple, NoReturn

from sandbox.telegram.entities import clean, utf16_length
from sandbox.telegram.errors import bad_request
from sandbox.telegram.urls import normal_url
from sandbox.telegram.wire import Json

_SPECIAL = re.compile("[<&]")
_REFERENCE = re.compile(r"&(?:(lt|gt|amp|quot)|#([0-9]{1,8})|#[xX]([0-9a-fA-F]{1,7}));")
_NAMED = {"lt": "<", "gt": ">", "amp": "&", "quot": '"'}
_TAG_NAME = re.compile(r"[^\s>]*")
_ATTRIBUTE = re.compile(r"[^\s=>]*")
_SPACES = re.compile(r"\s*")
_TOKEN = re.compile(r"[A-Za-z0-9.-]*")
_MENTION = re.compile(r"tg://user\?id=(\d{1,19})$")
_SIMPLE = {
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
}
_TAGS = frozenset(_SIMPLE) | {"a", "code", "pre", "blockquote", "tg-emoji"}


class _Open(NamedTuple):
    tag: str
    argument: str
    offset: int
    part: int


def parse(source: str) -> tuple[str, list[Json]]:
    """The plain text (not trimmed) and its entities with UTF-16 offsets, in order of their ends.

    Raises ApiError 400 "can't parse entities" with Telegram's reason and byte offset.
    """
    return _Parser(clean(source)).run()


class _Parser:
    def __init__(self, source: str) -> None:
        self.source = source
        self.parts: list[str] = []
        self.offset = 0
        self.open: list[_Open] = []
        self.entities: list[Json] = []

    def run(self) -> tuple[str, list[Json]]:
        source, position = self.source, 0
        while position < len(source):
            found = _SPECIAL.search(source, position)
            start = found.start() if found else len(source)
            if start > position:
                self._append(source[position:start])
            if not found:
                break
            if source[start] == "&":
                character, position = self._reference(start)
                self._append(character)
            elif source.startswith("</", start):
                position = self._close(start)
            else:
                position = self._start(start)
        if self.open:
            self._fail(f'Can\'t find end tag corresponding to start tag "{self.open[-1].tag}"')
        return "".join(self.parts), self.entities

    def _append(self, text: str) -> None:
        self.parts.append(text)
        self.offset += utf16_length(text)

    def _byte(self, position: int) -> int:
        return len(self.source[:position].encode())

    def _fail(self, reason: str, position: int | None = None) -> NoReturn:
        where = "" if position is None else f" at byte offset {self._byte(position)}"
        raise bad_request(f"can't parse entities: {reason}{where}")

    def _reference(self, start: int) -> tuple[str, int]:
        found = _REFERENCE.match(self.source, start)
        if not found:
            self._fail("Unsupported character reference", start)
        name, decimal, hexadecimal = found.groups()
        if name:
            return _NAMED[name], found.end()
        code = int(decimal) if decimal else int(hexadecimal, 16)
        if not 0 < code <= 0x10FFFF or 0xD800 <= code <= 0xDFFF:
            self._fail("Invalid character reference", start)
        return clean(chr(code)), found.end()

    def _skip(self, position: int) -> int:
        found = _SPACES.match(self.source, position)
        return found.end() if found else position

    def _word(self, pattern: re.Pattern[str], position: int) -> str:
        found = pattern.match(self.source, position)
        return found[0] if found else ""

    def _start(self, start: int) -> int:
        word = self._word(_TAG_NAME, start + 1)
        position = start + 1 + len(word)
        if position >= len(self.source):
            self._fail("Unclosed start tag", start)
        tag = word.lower()
        if tag not in _TAGS:
            self._fail(f'Unsupported start tag "{tag}"', start)
        argument = ""
        while True:
            position = self._skip(position)
            if position >= len(self.source):
                self._fail("Unclosed start tag", start)
            if self.source[position] == ">":
                break
            name, value, position = self._attribute(tag, start, position)
            argument = _argument(tag, name, value) or argument
        if tag == "span" and argument != "spoiler":
            self._fail('Tag "span" must have class "tg-spoiler"', start)
        self.open.append(_Open(tag, argument, self.offset, len(self.parts)))
        return position + 1

    def _attribute(self, tag: str, start: int, position: int) -> tuple[str, str, int]:
        name = self._word(_ATTRIBUTE, position)
        if not name:
            self._fail(f'Empty attribute name in the tag "{tag}"', start)
        position = self._skip(position + len(name))
        if not self.source.startswith("=", position):
            if tag == "blockquote":
                return name.lower(), "1", position
            self._fail(f'Expected equal sign in declaration of an attribute of the tag "{tag}"', start)
        position = self._skip(position + 1)
        quote = self.source[position : position + 1]
        if quote and quote in "'\"":
            end = self.source.find(quote, position + 1)
            if end < 0:
                self._fail("Unclosed start tag", start)
            return name.lower(), self._unescaped(position + 1, end), end + 1
        value = self._word(_TOKEN, position)
        position += len(value)
        if position < len(self.source) and not (
            self.source[position].isspace() or self.source[position] == ">"
        ):
            self._fail("Unexpected end of name token", start)
        return name.lower(), value.lower(), position

    def _unescaped(self, start: int, end: int) -> str:
        parts = []
        while start < end:
            found = self.source.find("&", start, end)
            if found < 0:
                parts.append(self.source[start:end])
                break
            parts.append(self.source[start:found])
            # A query string holds bare ampersands legally; only known references are decoded here.
            if _REFERENCE.match(self.source, found):
                character, start = self._reference(found)
                parts.append(character)
            else:
                parts.append("&")
                start = found + 1
        return "".join(parts)

    def _close(self, start: int) -> int:
        if not self.open:
            self._fail("Unexpected end tag", start)
        word = self._word(_TAG_NAME, start + 2)
        position = self._skip(start + 2 + len(word))
        if not self.source.startswith(">", position):
            self._fail("Unclosed end tag", start)
        opened = self.open.pop()
        if word and word.lower() != opened.tag:
            expected = f'expected "</{opened.tag}>", found "</{word}>"'
            raise bad_request(
                f"can't parse entities: Unmatched end tag at byte offset {self._byte(start)}, {expected}"
            )
        if self.offset > opened.offset:
            self._emit(opened)
        return position + 1

    def _emit(self, opened: _Open) -> None:
        tag, argument = opened.tag, opened.argument
        entity: Json = {"offset": opened.offset, "length": self.offset - opened.offset}
        if tag in _SIMPLE:
            entity["type"] = _SIMPLE[tag]
        elif tag == "blockquote":
            entity["type"] = "expandable_blockquote" if argument else "blockquote"
        elif tag == "tg-emoji":
            if not argument.isdigit():
                self._fail("Invalid custom emoji identifier specified")
            entity |= {"type": "custom_emoji", "custom_emoji_id": argument}
        elif tag == "a":
            if not self._link(entity, argument or "".join(self.parts[opened.part :])):
                return
        elif not self._code(tag, argument, entity):
            return
        self.entities.append(entity)

    def _link(self, entity: Json, target: str) -> bool:
        mention = _MENTION.match(target)
        if mention:
            entity |= {"type": "text_mention", "user": {"id": int(mention[1])}}
            return True
        url = normal_url(target)
        if url is None:
            return False
        entity |= {"type": "text_link", "url": url}
        return True

    def _code(self, tag: str, argument: str, entity: Json) -> bool:
        """Whether the entity is new; `<pre><code class=...>` becomes one `pre` with a language."""
        inner = self.entities[-1] if self.entities else None
        same = inner is not None and (inner["offset"], inner["length"]) == (
            entity["offset"],
            entity["length"],
        )
        if tag == "pre" and inner is not None and same and inner["type"] == "code":
            self.entities.pop()
            language = inner.get("language", "")
            entity |= {"type": "pre", "language": language} if language else {"type": "pre"}
            return True
        if inner is not None and inner["type"] == "code":
            inner.pop("language", None)
        entity["type"] = tag
        nested = bool(self.open) and self.open[-1].tag == "pre"
        if tag == "code" and argument and nested:
            entity["language"] = argument
        return True


def _argument(tag: str, name: str, value: str) -> str:
    if tag == "a" and name == "href":
        return value
    if tag == "code" and name == "class" and value.startswith("language-"):
        return value.removeprefix("language-")
    if tag == "span" and name == "class" and value.startswith("tg-"):
        return value.removeprefix("tg-")
    if tag == "tg-emoji" and name == "emoji-id":
        return value
    return "1" if tag == "blockquote" and name == "expandable" else ""
