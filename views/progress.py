"""How long something still takes, in words."""

from __future__ import annotations

from locales.locale import Locale
from utils.html import Html

_SOON = 90.0
"""Seconds from which on the estimate is told in minutes."""


def left_text(seconds: float, locale: Locale) -> Html:
    """About how long it still takes."""
    if seconds < _SOON:
        return locale.html("export.seconds_left", n=max(5, 5 * round(seconds / 5)))
    return locale.html("export.minutes_left", n=round(seconds / 60))
