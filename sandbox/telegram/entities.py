"""Message text and its entities: UTF-16 lengths, cleaning, trimming, detection of links, HTML rendering."""

from __future__ import annotations

import re
from html import escape

from sandbox.telegram.wire import Json

TRIMMED = " \n\t"
"""What Telegram strips at both ends of a text."""

_CONTROL = re.compile("[\x00-\x08\x0b-\x1f\r\u2028-\u202e]")
_CODE = frozenset({"pre", "code"})
_QUOTES = frozenset({"blockquote", "expandable_blockquote"})
_MERGED = frozenset({"bold", "italic", "underline", "strikethrough", "spoiler"})
# Which of two entities over the same text is the outer one.
_OUTER_FIRST = ("blockquote", "expandable_blockquote", "pre", "code", "bold", "italic", "underline")
_RANK = {kind: rank for rank, kind in enumerate((*_OUTER_FIRST, "strikethrough", "spoiler", "text_link"))}
_FOUND = re.compile(
    r"(?P<email>[\w.+-]+@[\w-]+(?:\.[\w-]+)+)"
    r"|(?P<url>https?://[^\s<>\"]+|(?<![\w@])t\.me/[^\s<>\"]+)"
    r"|(?P<mention>(?<!\w)@[A-Za-z]\w{3,31}\b)"
    r"|(?P<hashtag>(?<!\w)#(?=\w*[^\W\d])\w{1,256})"
    r"|(?P<bot_command>(?<![\w/<>])/[A-Za-z0-9_]{1,64}(?:@\w{3,32})?(?![\w/]))"
)
_HINT = re.compile("[@#/]")


def utf16_length(text: str) -> int:
    """Length in UTF-16 code units, the unit of all Telegram limits and offsets."""
    return len(text) if text.isascii() else len(text.encode("utf-16-le")) // 2


def clean(text: str) -> str:
    """`text` as Telegram keeps it: control characters become spaces, CR and bidi overrides vanish."""
    return _CONTROL.sub(lambda found: "" if found[0] == "\r" or found[0] > "\x1f" else " ", text)


def finish(text: str, entities: list[Json], *, detect: bool = True) -> tuple[str, list[Json]]:
    """The trimmed text and its entities: clamped to it, nested ones resolved, found ones added, sorted."""
    stripped = text.strip(TRIMMED)
    if entities:
        lead = len(text) - len(text.lstrip(TRIMMED))
        entities = _clamped(entities, lead, utf16_length(stripped))
    if detect and _HINT.search(stripped):
        entities = entities + _detected(stripped, entities)
    if len(entities) > 1:
        entities = _resolved(entities)
    return stripped, entities


def _clamped(entities: list[Json], lead: int, length: int) -> list[Json]:
    kept = []
    for entity in entities:
        start = max(entity["offset"] - lead, 0)
        end = min(entity["offset"] + entity["length"] - lead, length)
        if end > start:
            kept.append({**entity, "offset": start, "length": end - start})
    return kept


def _detected(text: str, present: list[Json]) -> list[Json]:
    closed = [(e["offset"], e["offset"] + e["length"]) for e in present if e["type"] in _CODE | {"text_link"}]
    found = []
    for match in _FOUND.finditer(text):
        kind, value = match.lastgroup, match[0]
        if kind == "url":
            value = value.rstrip(".,;:!?)'\u2026")
        start = utf16_length(text[: match.start()])
        length = utf16_length(value)
        if not any(start < to and start + length > since for since, to in closed):
            found.append({"type": kind, "offset": start, "length": length})
    return found


def _resolved(entities: list[Json]) -> list[Json]:
    """Sorted outer first; nothing inside code, no quote inside a quote, equal neighbours merged."""
    ordered = sorted(entities, key=_outer_first)
    kept: list[Json] = []
    code_end = quote_end = -1
    last: dict[str, Json] = {}
    for entity in ordered:
        kind, start = entity["type"], entity["offset"]
        end = start + entity["length"]
        if start < code_end or (kind in _QUOTES and start < quote_end):
            continue
        before = last.get(kind)
        if before is not None and kind in _MERGED and start <= before["offset"] + before["length"]:
            before["length"] = max(before["length"], end - before["offset"])
            continue
        if kind in _CODE:
            code_end = end
        elif kind in _QUOTES:
            quote_end = end
        kept.append(entity)
        last[kind] = entity
    # What grew by a neighbour may enclose by now what began with it.
    return sorted(kept, key=_outer_first)


def _outer_first(entity: Json) -> tuple[int, int, int]:
    return entity["offset"], -entity["length"], _RANK.get(entity["type"], 50)


_TAGS = {
    "bold": ("<b>", "</b>"),
    "italic": ("<i>", "</i>"),
    "underline": ("<u>", "</u>"),
    "strikethrough": ("<s>", "</s>"),
    "spoiler": ("<tg-spoiler>", "</tg-spoiler>"),
    "code": ("<code>", "</code>"),
    "blockquote": ("<blockquote>", "</blockquote>"),
    "expandable_blockquote": ("<blockquote expandable>", "</blockquote>"),
}


def _tags(entity: Json) -> tuple[str, str] | None:
    kind = entity["type"]
    if kind == "text_link":
        return f'<a href="{escape(entity["url"])}">', "</a>"
    if kind == "text_mention":
        return f'<a href="tg://user?id={entity["user"]["id"]}">', "</a>"
    if kind == "custom_emoji":
        return f'<tg-emoji emoji-id="{entity["custom_emoji_id"]}">', "</tg-emoji>"
    if kind == "pre":
        language = entity.get("language")
        if language:
            return f'<pre><code class="language-{escape(language)}">', "</code></pre>"
        return "<pre>", "</pre>"
    return _TAGS.get(kind)


def render(text: str, entities: list[Json]) -> str:
    """The text as Telegram HTML; parsing it again gives the same text and entities."""
    units = text.encode("utf-16-le")
    parts: list[str] = []
    at = 0

    def advance(to: int) -> None:
        nonlocal at
        parts.append(escape(units[at * 2 : to * 2].decode("utf-16-le"), quote=False))
        at = to

    running: list[tuple[int, str, str]] = []

    def close_until(limit: int) -> None:
        while running and (end := min(entry[0] for entry in running)) <= limit:
            advance(end)
            reopened: list[tuple[int, str, str]] = []
            # Entities that outlive the ended one but began inside it are closed with it and opened again.
            while any(entry[0] == end for entry in running):
                entry = running.pop()
                parts.append(entry[2])
                if entry[0] > end:
                    reopened.append(entry)
            for entry in reversed(reopened):
                parts.append(entry[1])
                running.append(entry)

    for entity in entities:
        tags = _tags(entity)
        if tags:
            close_until(entity["offset"])
            advance(entity["offset"])
            parts.append(tags[0])
            running.append((entity["offset"] + entity["length"], *tags))
    close_until(len(units) // 2)
    advance(len(units) // 2)
    return "".join(parts)
