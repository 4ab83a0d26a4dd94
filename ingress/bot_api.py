"""The three Bot API methods that the ingress itself needs, answered as plain JSON.

Not through aiogram: its client turns a whole batch of updates into objects at once, so a single update that
it cannot parse would make every getUpdates fail, for ever.
"""

from __future__ import annotations

import json
from typing import Any

import aiohttp

MAX_BODY = 16 * 1024 * 1024
CONNECT_SECONDS = 5.0
CALL_SECONDS = 15.0


class TokenRefused(Exception):
    """Telegram does not know this bot (401 or 404): no waiting mends that."""


class CallFailed(Exception):
    """A Bot API call did not succeed.

    ``status`` is None when no answer came; ``retry_after`` is what a 429 asked for, in seconds.
    """

    def __init__(self, reason: str, status: int | None = None, retry_after: float | None = None) -> None:
        self.reason, self.status, self.retry_after = reason, status, retry_after
        super().__init__(reason)


class BotApi:
    """Telegram's Bot API for one bot; ``url`` without trailing slash. Close it when done."""

    def __init__(self, url: str, token: str) -> None:
        self._base = f"{url}/bot{token}/"
        self._session: aiohttp.ClientSession | None = None

    async def close(self) -> None:
        """Give the connections back."""
        if self._session is not None:
            await self._session.close()

    async def call(self, method: str, params: dict[str, Any], seconds: float = CALL_SECONDS) -> Any:
        """The ``result`` of the answer; raises ``TokenRefused`` or ``CallFailed`` within ``seconds``."""
        limit = aiohttp.ClientTimeout(total=seconds, sock_connect=CONNECT_SECONDS)
        try:
            async with self._open().post(
                self._base + method, json=params, timeout=limit, allow_redirects=False
            ) as response:
                return _result(response, await _body(response))
        except TimeoutError:
            raise CallFailed("no answer in time") from None
        except (aiohttp.ClientError, OSError) as error:
            # Only the kind of error: its text may carry the URL, and the URL carries the token.
            raise CallFailed(type(error).__name__) from None

    def _open(self) -> aiohttp.ClientSession:
        if self._session is None:
            self._session = aiohttp.ClientSession(trust_env=False)
        return self._session


async def _body(response: aiohttp.ClientResponse) -> bytes:
    body = bytearray()
    async for chunk in response.content.iter_any():
        body += chunk
        if len(body) > MAX_BODY:
            raise CallFailed("answer too large", response.status)
    return bytes(body)


def _result(response: aiohttp.ClientResponse, body: bytes) -> Any:
    try:
        answer = json.loads(body)
    except (ValueError, RecursionError):
        answer = None
    if not isinstance(answer, dict) or "ok" not in answer:
        raise CallFailed(f"HTTP {response.status} without a Bot API answer", response.status)
    if answer["ok"] is True and response.status == 200:
        return answer.get("result")
    status = answer.get("error_code", response.status)
    if status in (401, 404):
        raise TokenRefused(f"Telegram answered {status}: the bot token is not valid")
    reason = f"{status} {answer.get('description', '')}".strip()
    raise CallFailed(reason, status if isinstance(status, int) else response.status, _retry_after(answer))


def _retry_after(answer: dict[str, Any]) -> float | None:
    parameters = answer.get("parameters")
    seconds = parameters.get("retry_after") if isinstance(parameters, dict) else None
    return float(seconds) if isinstance(seconds, int | float) and seconds >= 0 else None
