"""The sandbox Telegram: one bot, its Bot API server, the people who talk to it."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Callable, Sequence
from typing import Any, Literal

from aiohttp import web

from sandbox.telegram.calls import CallLog
from sandbox.telegram.chats import Chat
from sandbox.telegram.dispatch import perform
from sandbox.telegram.driving import Driving
from sandbox.telegram.faults import Faults
from sandbox.telegram.groups import Group
from sandbox.telegram.hooking import drop_webhook
from sandbox.telegram.http import BODY_BYTES, bot_api, file_download
from sandbox.telegram.params import Params
from sandbox.telegram.persons import QUIET, Person
from sandbox.telegram.state import Limits, State
from sandbox.telegram.webhook import SECRET_HEADER, WebhookPace
from sandbox.telegram.wire import Json


class TelegramServer:
    """A Bot API server for one bot and one machine, with its chat page.

    `port` 0 takes a free one. `webhook_targets` maps a url given to setWebhook to the addresses of replicas,
    used in turn; without an entry the url itself is used. `clock` gives Unix time in seconds.
    """

    def __init__(
        self,
        token: str,
        host: str = "127.0.0.1",
        port: int = 0,
        bot_username: str = "tabys_sandbox_bot",
        webhook_targets: dict[str, list[str]] | None = None,
        *,
        bot_name: str = "Tabys Admin",
        limits: Limits | None = None,
        pace: WebhookPace | None = None,
        clock: Callable[[], float] | None = None,
    ) -> None:
        bot_id = int(token.split(":")[0])
        me = {"id": bot_id, "is_bot": True, "first_name": bot_name, "username": bot_username}
        self.state = State(token, me, limits or Limits(), pace or WebhookPace(), webhook_targets or {})
        if clock:
            self.state.clock = clock
        self.state.reply = self._reply
        self.host = host
        self.port = port
        self.persons: dict[int, Person] = {}
        self.groups: dict[int, Group] = {}
        self._driving = Driving(self)
        self._runner: web.ServerRunner | None = None

    # --- life ----------------------------------------------------------------------------------------------

    async def start(self) -> None:
        """Listens; `port` and `url` are right from then on."""
        server = web.Server(
            self._handle,
            request_factory=_request,
            access_log=None,
            keepalive_timeout=75,
        )
        self._runner = web.ServerRunner(server, shutdown_timeout=0.2)
        await self._runner.setup()
        site = web.TCPSite(self._runner, self.host, self.port, backlog=1024)
        await site.start()
        self.port = int(self._runner.addresses[0][1])

    async def stop(self) -> None:
        """Ends all polls, deliveries and pages and closes the port; safe to call twice."""
        self.state.updates.end_poll("terminated by server shutdown")
        self.state.stream.close()
        await drop_webhook(self.state)
        if self._runner:
            await self._runner.cleanup()
            self._runner = None

    async def __aenter__(self) -> TelegramServer:
        """Starts the server."""
        await self.start()
        return self

    async def __aexit__(self, *_exception: object) -> None:
        """Stops the server."""
        await self.stop()

    @property
    def url(self) -> str:
        """The base address, as TELEGRAM_API_URL wants it."""
        return f"http://{self.host}:{self.port}"

    async def _handle(self, request: web.BaseRequest) -> web.StreamResponse:
        path = request.path
        if path.startswith("/bot"):
            return await bot_api(self.state, request)
        if path.startswith("/file/bot"):
            return file_download(self.state, request)
        return await self._driving.handle(request)

    async def _reply(self, call: Json) -> None:
        method = str(call.pop("method"))
        await perform(self.state, method, Params(call))

    # --- people --------------------------------------------------------------------------------------------

    def person(
        self,
        name: str,
        *,
        user_id: int | None = None,
        username: str | None = None,
        language_code: str = "ru",
        last_name: str | None = None,
    ) -> Person:
        """The person with this id, made on first use; the bot can not write before the person does."""
        number = user_id if user_id is not None else max([1000, *self.persons]) + 1
        known = self.persons.get(number)
        if known:
            return known
        names = {"first_name": name}
        if last_name:
            names["last_name"] = last_name
        if username:
            names["username"] = username
        user = {"id": number, "is_bot": False} | names | {"language_code": language_code}
        chat = Chat(number, {"id": number} | names | {"type": "private"}, user=user)
        self.state.chats[number] = chat
        person = self.persons[number] = Person(self.state, chat, user)
        if self.state.stream.watched:
            self.state.stream.publish({"kind": "person", "person": user})
        return person

    def group(
        self,
        title: str,
        members: Sequence[Person] = (),
        *,
        chat_id: int | None = None,
        kind: Literal["group", "supergroup", "channel"] = "supergroup",
    ) -> Group:
        """A group or channel that the bot is a member of."""
        number = chat_id if chat_id is not None else -(1_000_000_000_000 + len(self.groups) + 1)
        chat = Chat(number, {"id": number, "title": title, "type": kind})
        self.state.chats[number] = chat
        group = self.groups[number] = Group(self.state, chat, list(members))
        return group

    def channel(self, title: str, *, chat_id: int | None = None) -> Group:
        """A channel; `post` publishes in it."""
        return self.group(title, chat_id=chat_id, kind="channel")

    # --- what happened, what goes wrong --------------------------------------------------------------------

    @property
    def calls(self) -> CallLog:
        """The Bot API calls so far, getUpdates included."""
        return self.state.calls

    def clear_calls(self) -> None:
        """Forgets the calls so far."""
        self.state.calls.clear()

    @property
    def faults(self) -> Faults:
        """The faults that are switched on."""
        return self.state.faults

    def flood_limits(
        self, *, total: float | None = None, chat: float | None = None, burst: float = 3.0
    ) -> None:
        """Limits messages per second for the whole bot and per chat as Telegram does; None lifts a limit.

        Beyond it the answer is 429 with retry_after. Telegram takes about 30 in all and 1 per chat.
        """
        self.state.flood.set(total, chat, burst)

    async def settle(self, timeout: float = 10.0, quiet: float = QUIET) -> None:  # noqa: ASYNC109
        """Waits until the bot is quiet in all chats; TimeoutError after `timeout` seconds."""
        loop = asyncio.get_running_loop()
        deadline = loop.time() + timeout
        while True:
            for chat in list(self.state.chats.values()):
                if not await chat.activity.quiet(quiet, deadline):
                    raise TimeoutError(f"the bot is not quiet in chat {chat.id}")
            last = max((chat.activity.last for chat in self.state.chats.values()), default=0.0)
            busy = any(c.activity.pending or c.activity.running for c in self.state.chats.values())
            if not busy and loop.time() - last >= quiet:
                return

    # --- updates out of the ordinary -----------------------------------------------------------------------

    async def redeliver(self, update_id: int, times: int = 1, *, parallel: bool = True) -> list[int]:
        """The HTTP statuses of delivering the same update again; 0 = no answer.

        With a webhook the update is posted past the queues, in parallel unless told otherwise. While polling,
        the copies come with the next getUpdates and the list is empty. KeyError for an unknown update.
        """
        update = self.state.updates.history[update_id]
        hook = self.state.webhook
        if hook is None:
            self.state.updates.replay(update, times)
            return []
        if parallel:
            answers = await asyncio.gather(*(hook.post(update.body(), update) for _ in range(times)))
            return [status for status, _ in answers]
        return [(await hook.post(update.body(), update))[0] for _ in range(times)]

    async def post_raw(self, body: bytes | Json, headers: dict[str, str] | None = None) -> int:
        """The HTTP status of a direct POST of any body to the webhook; headers may replace the secret."""
        hook = self.state.webhook
        if hook is None:
            raise RuntimeError("no webhook is set")
        data = body if isinstance(body, bytes) else json.dumps(body).encode()
        return (await hook.post(data, headers=headers))[0]

    def push_raw(self, update: Json) -> int:
        """Queues any object as an update, in order with the others; the id for redelivering it."""
        return self.state.updates.push_raw(update).id

    @property
    def secret_header(self) -> str:
        """The header that carries the webhook's secret."""
        return SECRET_HEADER


def _request(message: Any, payload: Any, protocol: Any, writer: Any, task: Any) -> web.BaseRequest:
    loop = asyncio.get_running_loop()
    return web.BaseRequest(message, payload, protocol, writer, task, loop, client_max_size=BODY_BYTES)
