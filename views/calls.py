"""Bot API calls without aiogram's models around them.

A button of aiogram is validated field by field when it is made, dumped when it is sent, and validated again in the
answer, which nobody reads: together a third of a click's CPU. A ``Call`` is what is sent, as it is sent, and its
answer is plain JSON. It goes through the bot's own session, so middlewares and errors stay aiogram's.
"""

from __future__ import annotations

import json
from typing import Any, TypeVar, cast

import aiohttp
from aiogram import Bot
from aiogram.client.session.aiohttp import AiohttpSession
from aiogram.exceptions import TelegramNetworkError, TelegramServerError
from aiogram.methods import Response, TelegramMethod
from pydantic_core import from_json

T = TypeVar("T")


class Call:
    """One call, ready to be sent; parameters that are None are left out."""

    __slots__ = ("__api_method__", "__returning__", "params")

    def __init__(self, method: str, **params: Any) -> None:
        self.__api_method__ = method
        self.__returning__ = Any
        self.params = {name: value for name, value in params.items() if value is not None}

    def model_dump(self, **_options: Any) -> dict[str, Any]:
        """The parameters, for a session that sends forms."""
        return self.params


async def call(bot: Bot, method: str, **params: Any) -> Any:
    """The ``result`` of the answer as JSON. Raises ``aiogram.exceptions``."""
    return await bot(cast("TelegramMethod[Any]", Call(method, **params)))


def never_left(error: BaseException) -> bool:
    """True when a call failed before anything of it was sent: Telegram could not be reached."""
    return isinstance(error.__cause__, aiohttp.ClientConnectorError)


class CallSession(AiohttpSession):
    """aiogram's session that sends a ``Call`` as JSON; everything else as aiogram does."""

    def __init__(self, **options: Any) -> None:
        super().__init__(**options)
        self._limit = aiohttp.ClientTimeout(total=self.timeout)
        self._answers: dict[Any, Any] = {}

    async def make_request(
        self,
        bot: Bot,
        method: TelegramMethod[T],
        timeout: int | None = None,  # noqa: ASYNC109 - aiogram's signature
    ) -> T:
        """The result; of a ``Call`` as plain JSON."""
        if isinstance(method, Call):
            return cast("T", await self._send(bot, method))
        self._keep(method.__returning__)
        return await super().make_request(bot, method, timeout)

    def _keep(self, returning: Any) -> None:
        # pydantic forgets a generic answer's model that nobody holds, and building it anew costs 5 ms.
        if returning not in self._answers:
            self._answers[returning] = Response[returning]

    async def _send(self, bot: Bot, sent: Call) -> Any:
        method = cast("TelegramMethod[Any]", sent)
        session = await self.create_session()
        url = self.api.api_url(token=bot.token, method=sent.__api_method__)
        body = json.dumps(sent.params, ensure_ascii=False, separators=(",", ":")).encode()
        try:
            async with session.post(
                url, data=body, headers={"Content-Type": "application/json"}, timeout=self._limit
            ) as response:
                status, content = response.status, await response.read()
        except TimeoutError as error:
            raise TelegramNetworkError(method=method, message="Request timeout error") from error
        except aiohttp.ClientError as error:
            raise TelegramNetworkError(method=method, message=f"{type(error).__name__}: {error}") from error
        answer = _read(content)
        if status == 200 and answer is not None and answer.get("ok") is True:
            return answer.get("result")
        if answer is None or status >= 500:
            reason = (answer or {}).get("description") or "without a Bot API answer"
            raise TelegramServerError(method=method, message=f"HTTP {status}: {reason}")
        return self.check_response(bot, method, status, content.decode()).result


def _read(content: bytes) -> dict[str, Any] | None:
    try:
        found = from_json(content)
    except ValueError:
        return None
    return found if isinstance(found, dict) else None
