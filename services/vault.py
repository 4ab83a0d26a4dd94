"""Encryption of tokens at rest, and the secrets derived for signing."""

from __future__ import annotations

import base64
import binascii
import hashlib
import os
from collections.abc import Sequence
from typing import Self

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

_SALT = b"tabys-admin-bot"
_NONCE = 12


class Unsealable(Exception):
    """The sealed text is damaged, belongs elsewhere, or its key is gone: as good as absent."""


class Vault:
    """Seals with the newest key, opens with any (AES-256-GCM).

    Sealed form: ``v1.<key id>.<base64url of nonce and ciphertext>``; the key id is the first 8 hex digits of
    the key's SHA-256. ``context`` (the Redis key) is authenticated too: a value copied elsewhere stays shut.
    """

    def __init__(self, keys: Sequence[bytes]) -> None:
        if not keys or any(len(key) != 32 for key in keys):
            raise ValueError("the vault needs one or more keys of 32 bytes")
        self._newest = keys[0]
        self._ciphers = {key_id(key): AESGCM(key) for key in keys}

    @classmethod
    def of(cls, session_keys: Sequence[str], bot_token: str) -> Self:
        """A vault with those keys (hex or base64, newest first) and, last, one derived from the bot token: what was
        sealed before the first key was set stays readable."""
        return cls([*(parse_key(text) for text in session_keys), _derive(bot_token.encode(), "sessions")])

    def seal(self, text: str, context: str) -> str:
        """``text``, readable only through ``open`` with the same context."""
        nonce = os.urandom(_NONCE)
        name = key_id(self._newest)
        sealed = nonce + self._ciphers[name].encrypt(nonce, text.encode(), context.encode())
        return f"v1.{name}.{base64.urlsafe_b64encode(sealed).decode().rstrip('=')}"

    def open(self, sealed: str, context: str) -> str:
        """The text; raises ``Unsealable``."""
        version, _, rest = sealed.partition(".")
        name, _, body = rest.partition(".")
        cipher = self._ciphers.get(name)
        if version != "v1" or cipher is None:
            raise Unsealable
        try:
            raw = base64.b64decode(body + "=" * (-len(body) % 4), altchars=b"-_", validate=True)
            return cipher.decrypt(raw[:_NONCE], raw[_NONCE:], context.encode()).decode()
        except (InvalidTag, ValueError):
            raise Unsealable from None

    def hmac_secret(self, purpose: str) -> bytes:
        """32 bytes for signing, different for every ``purpose``; changes with the newest key."""
        return _derive(self._newest, f"hmac:{purpose}")


def key_id(key: bytes) -> str:
    """Name of a key that tells nothing about it."""
    return hashlib.sha256(key).hexdigest()[:8]


def parse_key(text: str) -> bytes:
    """The 32 bytes written as 64 hex digits or as base64 (either alphabet); raises ValueError."""
    clean = text.strip()
    try:
        if len(clean) == 64:
            return bytes.fromhex(clean)
        plain = clean.replace("-", "+").replace("_", "/").rstrip("=")
        key = base64.b64decode(plain + "=" * (-len(plain) % 4), validate=True)
    except (ValueError, binascii.Error):
        key = b""
    if len(key) != 32:
        # The text itself stays out of the message: it may end in a log.
        raise ValueError("a session key is 32 bytes, as 64 hex digits or base64") from None
    return key


def _derive(secret: bytes, purpose: str) -> bytes:
    return HKDF(algorithm=SHA256(), length=32, salt=_SALT, info=purpose.encode()).derive(secret)
