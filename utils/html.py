"""The one place that escapes: ``Html`` is text that Telegram's HTML parser accepts."""

from __future__ import annotations

import html
from collections.abc import Iterable


class Html(str):
    """A string that is HTML already; everything else is escaped when it meets one."""

    __slots__ = ()

    def __add__(self, other: str) -> Html:
        return Html(str.__add__(self, escape(other)))

    def join(self, parts: Iterable[str]) -> Html:
        """The parts with this one between them, each escaped unless it is Html."""
        return Html(str.join(self, [escape(part) for part in parts]))


def escape(value: object) -> Html:
    """``value`` as Html; the characters ``< > & "`` of anything that is not Html become entities."""
    return value if isinstance(value, Html) else Html(html.escape(str(value).replace("\x00", "")))


def bold(value: object) -> Html:
    """``value`` in bold."""
    return Html(f"<b>{escape(value)}</b>")


def italic(value: object) -> Html:
    """``value`` in italics."""
    return Html(f"<i>{escape(value)}</i>")


def code(value: object) -> Html:
    """``value`` in monospace, copied by a tap."""
    return Html(f"<code>{escape(value)}</code>")


def quote(value: object) -> Html:
    """``value`` as a quotation."""
    return Html(f"<blockquote>{escape(value)}</blockquote>")


def link(value: object, url: str) -> Html:
    """``value`` that opens ``url``."""
    return Html(f'<a href="{escape(url)}">{escape(value)}</a>')


def lines(*parts: object) -> Html:
    """The parts one under another; None is left out, ``""`` makes an empty line."""
    return Html("\n").join([escape(part) for part in parts if part is not None])
