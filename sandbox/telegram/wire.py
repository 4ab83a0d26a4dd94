"""Names for what travels over the wire."""

from __future__ import annotations

from typing import Any

Json = dict[str, Any]
"""A JSON object as Telegram sends or takes it."""
