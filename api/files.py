"""Addresses of photos and files: every form of contract Q15 becomes one absolute URL."""

from __future__ import annotations

import re
from urllib.parse import quote, unquote

FIXED_HOST = re.compile(r"https?://api\.tabys\.example(?=/|$)", re.IGNORECASE)
WEB = re.compile(r"https?://", re.IGNORECASE)
ESCAPE = re.compile(r"%(?![0-9A-Fa-f]{2})")
SERVED = ("/uploads/", "/static/")


def absolute(base: str, value: str) -> str:
    """The URL of a stored photo or file, ``""`` for an empty one; an absolute URL comes back as it is.

    The host that the backend writes into its own links is replaced by ``base``. Escapes that are there are
    kept.
    """
    if not value:
        return ""
    own = FIXED_HOST.match(value)
    if own is None and WEB.match(value):
        return value
    path = value[own.end() :] if own else value
    if path.startswith("certificates/"):
        path = f"uploads/{path}"
    escaped = quote(ESCAPE.sub("%25", path), safe="/%!$&'()*+,;=:@~")
    return f"{base}/{escaped.removeprefix('/')}"


def own_path(base: str, url: str) -> str | None:
    """The path of a static file under ``base``, None for any other address."""
    if not url.startswith(f"{base}/"):
        return None
    path = url[len(base) :]
    # The server resolves dots, also escaped ones: such a path could mean any route.
    if not path.startswith(SERVED) or ".." in unquote(path).split("/"):
        return None
    return path
