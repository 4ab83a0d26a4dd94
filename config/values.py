"""The written forms that settings come in, each turned into a value or refused with the reason."""

from __future__ import annotations

import base64
import binascii
import re
from dataclasses import dataclass
from urllib.parse import SplitResult, urlsplit
from zoneinfo import ZoneInfo

from pydantic import SecretBytes

_RATE = re.compile(r"(\d{1,6})(?:/(?:min|m|minute))?")
_REDIS_SCHEMES = ("redis", "rediss", "redis+sentinel", "rediss+sentinel", "redis+cluster", "rediss+cluster")
KEY_BYTES = 32


@dataclass(frozen=True, slots=True)
class Rate:
    """At most so many a minute: the limits know no other window."""

    per_minute: int


def parse_rate(written: object) -> Rate:
    """``5/min`` or ``5``; raises ``ValueError``."""
    if isinstance(written, Rate):
        return written
    found = _RATE.fullmatch(str(written).strip().lower().replace(" ", ""))
    if found is None:
        raise ValueError("is not a rate per minute")
    if not int(found[1]):
        raise ValueError("allows nothing")
    return Rate(int(found[1]))


def parse_keys(written: object) -> tuple[SecretBytes, ...]:
    """The comma-separated 32-byte keys, newest first; raises ``ValueError`` numbering the bad one."""
    if isinstance(written, tuple):
        return written
    parts = [part.strip() for part in str(written).split(",") if part.strip()]
    keys = [SecretBytes(_key(part, number)) for number, part in enumerate(parts, 1)]
    if len({key.get_secret_value() for key in keys}) < len(keys):
        raise ValueError("names the same key twice")
    return tuple(keys)


def _key(written: str, number: int) -> bytes:
    if re.fullmatch(r"[0-9a-fA-F]{64}", written):
        return bytes.fromhex(written)
    try:
        raw = base64.b64decode(
            written.rstrip("=").replace("-", "+").replace("_", "/") + "=" * (-len(written.rstrip("=")) % 4),
            validate=True,
        )
    except binascii.Error:
        raise ValueError(f"key {number} is neither hex nor base64") from None
    if len(raw) != KEY_BYTES:
        raise ValueError(f"key {number} has {len(raw)} bytes")
    return raw


def http_url(written: str) -> str:
    """The URL without its trailing slash; raises ``ValueError`` unless it is http(s), host and path only."""
    parts = _split(written)
    if parts.scheme not in ("http", "https"):
        raise ValueError("does not begin with http:// or https://")
    if not parts.hostname:
        raise ValueError("names no host")
    if parts.query or parts.fragment:
        raise ValueError("carries a query or a fragment")
    if parts.username is not None:
        raise ValueError("carries a user name")
    return written.strip().rstrip("/")


def redis_url(written: str) -> str:
    """The URL as written; raises ``ValueError`` unless host, database and scheme are of a known form."""
    written = written.strip()
    scheme, _, rest = written.partition("://")
    if scheme not in _REDIS_SCHEMES:
        raise ValueError("begins with an unknown scheme")
    address, _, path = rest.rpartition("@")[2].partition("?")[0].partition("/")
    if not all(_is_address(host) for host in address.split(",")):
        raise ValueError("names a host or port that cannot be")
    parts = [part for part in path.split("/") if part]
    if scheme.endswith("+sentinel"):
        if not parts:
            raise ValueError("names no Sentinel service")
        parts = parts[1:]
    elif not scheme.endswith("+cluster") and "," in address:
        raise ValueError("names several hosts")
    if len(parts) > 1 or not all(part.isdecimal() for part in parts):
        raise ValueError("names a database that is not a number")
    return written


def sentry_dsn(written: str) -> str:
    """The DSN as written; raises ``ValueError`` unless it is http(s) with a key, a host and a project's number."""
    parts = _split(written)
    if parts.scheme not in ("http", "https") or not parts.hostname:
        raise ValueError("does not begin with http:// or https:// and a host")
    if not parts.username:
        raise ValueError("carries no key")
    if not parts.path.rpartition("/")[2].isdecimal():
        raise ValueError("names no project")
    return written.strip()


def iana_zone(written: str) -> str:
    """The IANA name; raises ``ValueError`` when the time zone database lacks it."""
    try:
        return ZoneInfo(written.strip()).key
    except (
        OSError,
        ValueError,
        LookupError,
    ):  # ZoneInfoNotFoundError is a LookupError; "" and "Asia" are OSErrors
        raise ValueError("is not in the time zone database") from None


def _split(written: str) -> SplitResult:
    written = written.strip()
    if re.search(r"\s", written):
        raise ValueError("contains white space")
    try:
        parts = urlsplit(written)
        _ = parts.port  # reading it is what refuses ports that are no ports
    except ValueError:
        raise ValueError("is not a URL") from None
    return parts


def _is_address(written: str) -> bool:
    host, colon, port = written.rpartition(":") if not written.endswith("]") else (written, "", "")
    if not colon:
        host, port = written, "1"
    return bool(host) and port.isdecimal() and 0 < int(port) < 65536
