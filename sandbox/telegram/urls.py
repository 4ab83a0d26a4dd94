"""Which links Telegram takes in texts and buttons."""

from __future__ import annotations

import re

_LINK = re.compile(
    r"(?:(?P<scheme>https?|ftp)://)?(?P<host>(?:[\w-]+\.)+[\w-]{1,63}|\[[0-9a-fA-F:]+\])"
    r"(?P<port>:\d{1,5})?(?P<rest>[/?#]\S*)?$",
    re.IGNORECASE,
)
_APP = re.compile(r"(?:tg|ton|tonsite|tonopen)://\S+$", re.IGNORECASE)
_LOOPBACK = re.compile(r"http://(?:127\.0\.0\.1|\[::1\])(?::\d+)?(?:[/?#]|$)")


def normal_url(text: str) -> str | None:
    """The link in the form Telegram keeps (scheme added, `/` after a bare host), or None when it is no link.

    A host needs a dot: `http://localhost` is refused by Telegram, `http://127.0.0.1` is not.
    """
    text = text.strip()
    if _APP.match(text):
        return text
    found = _LINK.match(text)
    if not found:
        return None
    rest = found["rest"] or "/"
    if not rest.startswith("/"):
        rest = f"/{rest}"
    return f"{(found['scheme'] or 'http').lower()}://{found['host']}{found['port'] or ''}{rest}"


def is_loopback(url: str) -> bool:
    """Whether `url` is plain HTTP to this machine, the only address that the sandbox fetches from."""
    return bool(_LOOPBACK.match(url))
