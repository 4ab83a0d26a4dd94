"""Telegram's rules for a screen, as strict as the sandbox has them, and the locales screens are drawn in."""

from __future__ import annotations

import re
from collections.abc import Iterable
from pathlib import Path
from zoneinfo import ZoneInfo

from keyboards.buttons import Row, markup
from keyboards.callbacks import BUDGET, Go
from locales.catalogue import LANGUAGES, load
from locales.locale import Locale
from sandbox.telegram.entities import finish, utf16_length
from sandbox.telegram.html import parse
from sandbox.telegram.keyboards import inline_keyboard
from utils.html import Html

ROOT = Path(__file__).parents[2]
TEXTS = load(ROOT / "locales")
LABEL_UNITS = 64
"""A label of more UTF-16 units is never read on a phone."""
WIDEST = 8
"""Buttons in a row that Telegram still shows."""


UNSAID = re.compile(
    r"\bNone\b|\bNaN\b|\{[a-z_]+\}(?<!\{n\})|datetime\.|Role\.[A-Z]|Ref\(|<[A-Z]\w+\.[A-Z_]+:"
)
"""What a person sees of a value without words; ``{n}`` is one of the nasty texts."""


def locale(language: str = "en", zone: str = "Asia/Almaty") -> Locale:
    return Locale(TEXTS[language], ZoneInfo(zone))


LOCALES = {language: locale(language) for language in LANGUAGES}


def visible(html: str) -> str:
    """The text a person sees; ApiError when Telegram would refuse the markup."""
    return finish(*parse(html))[0]


def check_text(html: str, limit: int) -> str:
    """The visible text; fails when Telegram would refuse it."""
    assert isinstance(html, Html), f"text that nobody escaped: {html[:80]!r}"
    text = visible(html)
    assert text, "an empty message"
    assert not UNSAID.search(text), f"a value that nobody put into words: {text[:200]!r}"
    assert utf16_length(text) <= limit, f"{utf16_length(text)} units, {limit} fit"
    return text


def check_rows(rows: Iterable[Row]) -> list[Go]:
    """The addresses of all buttons; fails when Telegram would refuse one or it cannot be read back."""
    rows = list(rows)
    assert not [button for row in rows for button in row if isinstance(button.text, Html)], "a label of Html"
    found = markup(rows)
    assert found is not None, "a screen without a button is a dead end"
    inline_keyboard(found.model_dump(exclude_none=True))
    addresses = []
    for row in found.inline_keyboard:
        assert len(row) <= WIDEST
        for button in row:
            assert utf16_length(button.text) <= LABEL_UNITS, button.text
            assert not UNSAID.search(button.text), button.text
            assert not re.search(r"[\n\r\x00]", button.text), button.text
            if button.callback_data is not None:
                assert len(button.callback_data.encode()) <= BUDGET
                go = Go.unpack(button.callback_data)
                assert go is not None
                assert go.pack() == button.callback_data
                addresses.append(go)
    return addresses
