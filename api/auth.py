"""Puts the caller's token on a request and renews it once: the one place where tokens travel."""

from __future__ import annotations

from collections.abc import AsyncGenerator
from typing import TYPE_CHECKING

import httpx

from api.errors import SessionEnded

if TYPE_CHECKING:
    from models.access import Caller


class BearerAuth(httpx.Auth):
    """The flow of one call: token, and after a 401 a newer token, once. A second 401 is ``SessionEnded``.

    ``home`` is the backend's base: a request to anywhere else is refused before it carries a token.
    Repeating is safe for writes too: the backend checks the token before anything else (contract 1).
    """

    def __init__(self, caller: Caller, home: httpx.URL) -> None:
        self._caller = caller
        self._home = home

    async def async_auth_flow(self, request: httpx.Request) -> AsyncGenerator[httpx.Request, httpx.Response]:
        """Yields the request with its token, at most twice."""
        if not same_origin(request.url, self._home):
            raise ValueError("a token must not leave the backend's host")
        token = self._caller.token
        request.headers["Authorization"] = f"Bearer {token}"
        if (yield request).status_code != httpx.codes.UNAUTHORIZED:
            return
        request.headers["Authorization"] = f"Bearer {await self._caller.renew(token)}"
        if (yield request).status_code == httpx.codes.UNAUTHORIZED:
            raise SessionEnded(
                "the renewed token is refused too", call=f"{request.method} {request.url.path}"
            )


def same_origin(one: httpx.URL, other: httpx.URL) -> bool:
    """True when scheme, host and port are the same."""
    return (one.scheme, one.netloc) == (other.scheme, other.netloc)
