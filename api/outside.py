"""Pictures from elsewhere: fetched from public addresses only, with no redirects, no cookies and a size cap.

The name is resolved once and the connection goes to the address that was checked, so a name that answers
differently the second time leads nowhere.
"""

from __future__ import annotations

import ipaddress
import socket
from collections.abc import Callable
from urllib.parse import urlsplit

import aiohttp
from aiohttp.abc import AbstractResolver, ResolveResult
from aiohttp.resolver import ThreadedResolver

from api.errors import BadAnswer, Cause, Unavailable

CAP = 10 * 1024 * 1024
SECONDS = 5.0


def is_public(address: str) -> bool:
    """True for an address of the open internet; False for private, loopback, link-local and the like."""
    try:
        found = ipaddress.ip_address(address)
    except ValueError:
        return False
    if isinstance(found, ipaddress.IPv6Address):
        embedded = found.ipv4_mapped or found.sixtofour or (found.teredo[1] if found.teredo else None)
        if embedded is not None:
            return is_public(str(embedded))
    return found.is_global and not found.is_multicast


class PublicResolver(AbstractResolver):
    """Resolves names to public addresses; a name with any other address is refused whole."""

    def __init__(
        self, inner: AbstractResolver | None = None, allowed: Callable[[str], bool] = is_public
    ) -> None:
        self._inner = inner or ThreadedResolver()
        self._allowed = allowed

    async def resolve(
        self, host: str, port: int = 0, family: socket.AddressFamily = socket.AF_UNSPEC
    ) -> list[ResolveResult]:
        """The addresses of ``host``. Raises ``OSError`` when one of them is not public."""
        found = await self._inner.resolve(host, port, family)
        if not found or not all(self._allowed(result["host"]) for result in found):
            raise OSError("address not allowed")
        return found

    async def close(self) -> None:
        """Ends the inner resolver."""
        await self._inner.close()


class Outside:
    """Fetches files that anyone may read, from anywhere but the inside of our network."""

    def __init__(
        self, resolver: AbstractResolver | None = None, allowed: Callable[[str], bool] = is_public
    ) -> None:
        self._resolver = resolver
        self._allowed = allowed

    async def fetch(self, url: str) -> bytes:
        """The bytes behind ``url``, at most 10 MB within 5 s. Raises ``BadAnswer`` and ``Unavailable``."""
        self._check(url)
        resolver = PublicResolver(self._resolver, self._allowed)
        connector = aiohttp.TCPConnector(resolver=resolver, use_dns_cache=False, force_close=True)
        timeout = aiohttp.ClientTimeout(total=SECONDS)
        try:
            async with (
                aiohttp.ClientSession(
                    connector=connector, timeout=timeout, cookie_jar=aiohttp.DummyCookieJar(), trust_env=False
                ) as session,
                session.get(url, allow_redirects=False) as response,
            ):
                if response.status != 200:
                    raise BadAnswer("no file there", status=response.status)
                return await _bounded(response)
        except (TimeoutError, aiohttp.ClientError, OSError, ValueError) as error:
            raise Unavailable(Cause.CONNECT, type(error).__name__) from None

    def _check(self, url: str) -> None:
        try:
            parts = urlsplit(url)
            host, _ = parts.hostname, parts.port
        except ValueError as error:
            raise BadAnswer("not an address") from error
        if parts.scheme not in ("http", "https") or not host or parts.username is not None:
            raise BadAnswer("not an address of the web")
        # A literal address never meets the resolver.
        try:
            ipaddress.ip_address(host)
        except ValueError:
            if host.replace(".", "").isdigit() or host.lower().startswith("0x"):
                raise BadAnswer("address not allowed") from None
            return
        if not self._allowed(host):
            raise BadAnswer("address not allowed")


async def _bounded(response: aiohttp.ClientResponse) -> bytes:
    body = bytearray()
    async for chunk in response.content.iter_chunked(64 * 1024):
        body += chunk
        if len(body) > CAP:
            raise BadAnswer("file too large")
    return bytes(body)
