"""Buttons as values, and their way into Telegram's markup."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from aiogram.types import CopyTextButton, InlineKeyboardButton, InlineKeyboardMarkup

from keyboards.callbacks import Go, Press
from locales.locale import Locale

SUCCESS = "success"
DANGER = "danger"
PRIMARY = "primary"

LABEL_LIMIT = 60
"""Graphemes of a label: Telegram cuts longer ones by itself, in the middle of nothing."""


@dataclass(frozen=True, slots=True)
class Button:
    """One inline button: a label and exactly one of address, link, text to copy, or the ``data`` of somebody else's
    button that is shown as it will be. ``style`` only adds colour."""

    text: str
    go: Go | None = None
    url: str | None = None
    copy: str | None = None
    data: str | None = None
    style: str | None = None


Row = Sequence[Button]


def markup(rows: Iterable[Row]) -> InlineKeyboardMarkup | None:
    """Telegram's markup of the rows; None when there is no button."""
    keyboard = [[_button(button) for button in row] for row in rows if row]
    return InlineKeyboardMarkup(inline_keyboard=keyboard) if keyboard else None


def plain_markup(rows: Iterable[Row]) -> dict[str, Any] | None:
    """The same markup as it is sent, without a model of every button."""
    keyboard = [[_plain(button) for button in row] for row in rows if row]
    return {"inline_keyboard": keyboard} if keyboard else None


def _plain(button: Button) -> dict[str, Any]:
    found: dict[str, Any] = {"text": button.text}
    if button.go is not None:
        found["callback_data"] = button.go.pack()
    if button.data is not None:
        found["callback_data"] = button.data
    if button.url is not None:
        found["url"] = button.url
    if button.copy is not None:
        found["copy_text"] = {"text": button.copy}
    if button.style is not None:
        found["style"] = button.style
    return found


def _button(button: Button) -> InlineKeyboardButton:
    return InlineKeyboardButton(
        text=button.text,
        callback_data=button.data if button.go is None else button.go.pack(),
        url=button.url,
        copy_text=None if button.copy is None else CopyTextButton(text=button.copy),
        style=button.style,
    )


def navigation(locale: Locale, back: Go | None = None) -> tuple[Button, ...]:
    """The last row of every screen: Back and Home, always in the same places."""
    home = Button(locale.t("nav.home"), Go(Press.MENU))
    return (home,) if back is None else (Button(locale.t("nav.back"), back), home)


def pairs(buttons: Sequence[Button], longest: int = 18) -> list[Row]:
    """The buttons two a row; one a row from the first label over ``longest`` characters on."""
    rows: list[Row] = []
    waiting: list[Button] = []
    for button in buttons:
        if len(button.text) > longest:
            rows += [tuple(waiting)] if waiting else []
            rows.append((button,))
            waiting = []
            continue
        waiting.append(button)
        if len(waiting) == 2:
            rows.append(tuple(waiting))
            waiting = []
    return [*rows, tuple(waiting)] if waiting else rows
