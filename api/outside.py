"""Pictures from elsewhere: fetched from public addresses only, with no redirects, no cookies and a size cap.

The name is resolved once and the connection goes to the address that was checked, so a name that answers
differently the second time leads nowhere.
"""

from __future__ import annotations

import ipaddress
import socket
from collections.abc import Callable

import aiohttp
from aiohttp.abc import AbstractResolver, ResolveResult
from aiohttp.resolver import ThreadedResolver
from yarl import URL

from api.errors import BadAnswer, Cause, Unavailable

CAP = 10 * 1024 * 1024
SECONDS = 5.0
NAT64 = ipaddress.IPv6Network("64:ff9b::/96")


def is_public(address: str) -> bool:
    """True for an address of the open internet; False for private, loopback, link-local and the like."""
    try:
        found = ipaddress.ip_address(address)
    except ValueError:
        return False
    if isinstance(found, ipaddress.IPv6Address):
        embedded = found.ipv4_mapped or found.sixtofour or (found.teredo[1] if found.teredo else None)
        if found in NAT64:
            embedded = ipaddress.IPv4Address(int(found) & 0xFFFFFFFF)
        if embedded is not None:
            return is_public(str(embedded))
        if found.is_site_local:
            return False
    return found.is_global and not found.is_multicast and not found.is_reserved


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
        address = self._checked(url)
        resolver = PublicResolver(self._resolver, self._allowed)
        connector = aiohttp.TCPConnector(resolver=resolver, use_dns_cache=False, force_close=True)
        timeout = aiohttp.ClientTimeout(total=SECONDS)
        try:
            async with (
                # Packed bodies stay packed: what a few kilobytes unfold to is not for us to find out.
                aiohttp.ClientSession(
                    connector=connector, timeout=timeout, cookie_jar=aiohttp.DummyCookieJar(), trust_env=False,
                    auto_decompress=False, headers={"Accept-Encoding": "identity"},
                ) as session,
                session.get(address, allow_redirects=False) as response,
            ):  # fmt: skip
                if response.status != 200:
                    raise BadAnswer("no file there", status=response.status)
                if (response.content_length or 0) > CAP:
                    raise BadAnswer("file too large")
                return await _bounded(response)
        except (TimeoutError, aiohttp.ClientError, OSError, ValueError) as error:
            raise Unavailable(Cause.CONNECT, type(error).__name__) from None

    def _checked(self, url: str) -> URL:
        """The very value that is fetched: read by two parsers, an address may name two hosts."""
        try:
            address = URL(url)
            host = address.raw_host
        except ValueError as error:
            raise BadAnswer("not an address") from error
        if address.scheme not in ("http", "https") or not host or address.raw_user is not None:
            raise BadAnswer("not an address of the web")
        # A literal address never meets the resolver; in any form but the plain one it is nobody's real address.
        if _looks_literal(host) and not self._allowed(host):
            raise BadAnswer("address not allowed")
        return address


def _looks_literal(host: str) -> bool:
    last = host.rstrip(".").rpartition(".")[2].lower()
    return ":" in host or last.isdigit() or last.startswith("0x")


async def _bounded(response: aiohttp.ClientResponse) -> bytes:
    body = bytearray()
    async for chunk in response.content.iter_chunked(64 * 1024):
        body += chunk
        if len(body) > CAP:
            raise BadAnswer("file too large")
    return bytes(body)
