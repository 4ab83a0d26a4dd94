"""Keys of writes: drawn with the confirm button, proven without Redis, good for one day and one purpose.

Layout: 17 bits of time (seconds, wrapping), 15 random bits, 48 bits of HMAC-SHA256 over the whole of epoch,
person, scope, full time and random bits; base64url, 14 characters.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import secrets

from services.keys import DAY

_SPAN = 1 << 17
_NONCES = 1 << 15
_MAC = 6
_SKEW = 60
"""Seconds that another replica's clock may be ahead."""


class OperationKeys:
    """Draws and proves operation keys.

    The epoch is new after a loss of Redis, a login and a logout, so that keys drawn before prove nothing.
    """

    def __init__(self, secret: bytes) -> None:
        self._secret = secret

    def draw(self, epoch: str, user_id: int, scope: str, now: float) -> str:
        """14 characters ``[A-Za-z0-9_-]`` for one press of the button that does ``scope`` (``ap:ev:42``)."""
        second, nonce = int(now), secrets.randbelow(_NONCES)
        head = ((second % _SPAN) << 15 | nonce).to_bytes(4, "big")
        return _encode(head + self._mac(epoch, user_id, scope, second, nonce))

    def verify(self, key: str, epoch: str, user_id: int, scope: str, now: float) -> bool:
        """True when the key was drawn for just this, in this epoch, within the last 24 hours."""
        raw = _decode(key)
        if raw is None or not epoch:
            return False
        head = int.from_bytes(raw[:4], "big")
        latest = int(now) + _SKEW
        age = (latest - (head >> 15)) % _SPAN
        expected = self._mac(epoch, user_id, scope, latest - age, head % _NONCES)
        return hmac.compare_digest(expected, raw[4:]) and age <= DAY + _SKEW

    def _mac(self, epoch: str, user_id: int, scope: str, second: int, nonce: int) -> bytes:
        text = "\n".join((epoch, str(user_id), scope, str(second), str(nonce)))
        return hmac.digest(self._secret, text.encode(), hashlib.sha256)[:_MAC]


def _encode(raw: bytes) -> str:
    return base64.urlsafe_b64encode(raw).decode().rstrip("=")


def _decode(key: str) -> bytes | None:
    if len(key) != 14 or not key.isascii():
        return None
    try:
        raw = base64.b64decode(key + "==", altchars=b"-_", validate=True)
    except ValueError:
        return None
    # The last character carries four spare bits: only one spelling counts, or one key could act 16 times.
    return raw if len(raw) == 4 + _MAC and _encode(raw) == key else None
