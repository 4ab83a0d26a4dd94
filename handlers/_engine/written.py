"""What a finished write leaves for a second press of its button."""

from __future__ import annotations

from keyboards.callbacks import Go


def written(go: Go, toast: str) -> dict[str, str]:
    """The stored result: where the second press leads and the key of what it says."""
    return {"go": go.pack(), "toast": toast}
