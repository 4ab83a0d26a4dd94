"""Shares drawn with letters."""

from __future__ import annotations

WIDTH = 10


def bar(share: float, width: int = WIDTH) -> str:
    """``▓▓▓▓░░░░░░`` for a share of 0 to 1; whatever is above nothing shows at least one."""
    filled = round(min(max(share, 0.0), 1.0) * width)
    if share > 0:
        filled = max(1, filled)
    return "▓" * filled + "░" * (width - filled)
