"""Pictures for tests, made in memory."""

from __future__ import annotations

import io

from PIL import Image


def picture(kind: str = "PNG", size: tuple[int, int] = (64, 48), colour: str = "teal") -> bytes:
    """A small picture of that format."""
    buffer = io.BytesIO()
    Image.new("RGB", size, colour).save(buffer, kind)
    return buffer.getvalue()
