"""Everything around a bot: sandbox CRM and Telegram in the test's own loop, a real Redis, and bots on demand."""

from __future__ import annotations

import asyncio
import contextlib
import io
import json
import time
from collections.abc import AsyncIterator, Callable
from contextlib import AsyncExitStack, asynccontextmanager
from functools import partial
from pathlib import Path
from typing import Any
from unittest import mock

import aiohttp

import composition
from config import load
from sandbox.telegram import MessageView, Person, TelegramServer, WebhookPace
from tests.support.bots import BotProcess
from tests.support.nursery import Nursery, Replica
from tests.support.openapi import Watched
from tests.support.ports import free_port
from tests.support.redis_server import RedisServer
from tests.support.seeded import seeded_crm

TOKEN = "4200:SANDBOX-FAULTS-TOKEN"
SECRET = "hook-secret_of-tests"


class Stage:
    """``webhook``: how many replicas Telegram is to deliver to, 0 = polling. ``env`` is what every bot gets."""

    def __init__(self, redis: RedisServer, nursery: Nursery, folder: Path, replicas: int = 0) -> None:
        self.redis = redis
        self._nursery = nursery
        self.folder = folder
        self.ports = [free_port() for _ in range(replicas)]
        self.hook_url = f"http://127.0.0.1:{self.ports[0]}/hook" if replicas else ""
        targets = {self.hook_url: [f"http://127.0.0.1:{port}/hook" for port in self.ports]}
        self.crm = seeded_crm(folder)
        self.telegram = TelegramServer(
            TOKEN, webhook_targets=targets if replicas else None, pace=WebhookPace(longest_retry=0.5)
        )
        self.env: dict[str, str] = {}

    async def __aenter__(self) -> Stage:
        self._stack = AsyncExitStack()
        await self._stack.enter_async_context(self.crm)
        self.watched = Watched(self.crm)
        await self._stack.enter_async_context(self.telegram)
        self.env = {
            "TELEGRAM_BOT_TOKEN": TOKEN,
            "TELEGRAM_API_URL": self.telegram.url,
            "TABYS_API_URL": self.crm.url,
            "REDIS_URL": self.redis.url,
            "HTTP_HOST": "127.0.0.1",
            "OPS_PORT": "0",
            "LOG_LEVEL": "INFO",
            "ADMIN_RATE_LIMIT": "60000/min",
            "GENERAL_RATE_LIMIT": "60000/min",
            "LOGIN_RATE_LIMIT": "5/min",
        }
        if self.ports:
            self.env |= {"TELEGRAM_WEBHOOK_URL": self.hook_url, "TELEGRAM_WEBHOOK_SECRET": SECRET}
        return self

    async def __aexit__(self, *exception: Any) -> None:
        await self._stack.aclose()
        assert self.watched.wrong() == [], "the bot sent what the backend does not know"

    # --- bots ----------------------------------------------------------------------------------------------

    def env_of(self, number: int = 0) -> dict[str, str]:
        """The environment of replica ``number``."""
        return self.env | ({"HTTP_PORT": str(self.ports[number])} if self.ports else {})

    def bot(self, number: int = 0, **env: str) -> Replica:
        """A replica, forked quickly; not started yet."""
        return Replica(self._nursery, self.env_of(number) | env, self.folder / f"bot{number}.log")

    def process(self, number: int = 0, **env: str) -> BotProcess:
        """A replica as ``python main.py run``, with an exit code; not started yet."""
        return BotProcess(self.env_of(number) | env, self.folder / f"bot{number}.log")

    @asynccontextmanager
    async def bot_here(self, **env: str) -> AsyncIterator[io.StringIO]:
        """The bot inside this event loop; what it logs."""
        log = io.StringIO()
        with mock.patch.object(composition, "configure", partial(composition.configure, stream=log)):
            async with composition.serving(load(self.env_of() | env, None)):
                yield log

    async def registered(self) -> None:
        """Returns when the bot has set its webhook."""
        await until(lambda: self.telegram.state.webhook is not None)

    # --- people --------------------------------------------------------------------------------------------

    async def signed_in(self, login: str, *, name: str = "Ann", user_id: int | None = None) -> Person:
        """A person with a session, the menu shown."""
        person = self.telegram.person(name, user_id=user_id, language_code="en")
        await person.send(f"/login {self.crm.otp(login)}")
        await person.settle(10)
        assert shows(person, "st"), person.messages
        return person

    def age(self, person: Person, seconds: float = 90.0) -> None:
        """Makes the last check of the person's session that much older: its role is no longer fresh."""
        with self.redis.client() as client:
            name = f"tg_session:{person.id}"
            blob = json.loads(client.get(name))
            client.set(name, json.dumps(blob | {"checked_at": blob["checked_at"] - seconds}), keepttl=True)

    def pending_events(self) -> list[int]:
        """Ids of events that wait for a decision."""
        return [event["id"] for event in self.crm.events() if event["moderation_status"] == "pending"]

    def event(self, number: int) -> dict[str, Any]:
        """The event as it is stored."""
        return next(event for event in self.crm.events() if event["id"] == number)

    @property
    def writes(self) -> list[Any]:
        """Requests that change something, apart from logins and renewals of sessions."""
        return [
            request
            for request in self.crm.requests
            if request.method not in ("GET", "HEAD") and "/telegram-auth/" not in request.path
        ]

    async def post(
        self, body: Any, number: int = 0, headers: dict[str, str] | None = None
    ) -> tuple[int, dict[str, str]]:
        """Status and headers of an update posted to the webhook of a replica, as Telegram posts it."""
        sent = {"X-Telegram-Bot-Api-Secret-Token": SECRET} if headers is None else headers
        async with (
            aiohttp.ClientSession() as http,
            http.post(
                f"http://127.0.0.1:{self.ports[number]}/hook",
                headers=sent,
                **({"data": body} if isinstance(body, bytes) else {"json": body}),
            ) as answer,
        ):
            return answer.status, dict(answer.headers)


def addresses(view: MessageView) -> list[str]:
    """The callback data of every button."""
    return [button["callback_data"] for row in view.keyboard for button in row if "callback_data" in button]


def shows(person: Person, op: str) -> str | None:
    """The address of the first button of that op on the newest screen, None when there is none."""
    try:
        view = person.last
    except LookupError:
        return None
    return next((data for data in addresses(view) if data.startswith(op)), None)


def packed(op: str, number: int = 0, arg: str = "", view: str = "", key: str = "") -> str:
    """The address of an op on events."""
    from keyboards.callbacks import Go

    return Go(op, "ev", number, arg, view, key).pack()


async def press(person: Person, op: str, patience: float = 10.0) -> Any:
    """Presses the button of that op on the newest screen and waits until the bot is quiet."""
    data = shows(person, op)
    assert data is not None, f"no {op} on {person.last}"
    return await person.press(data, person.last.id, timeout=patience, settle=True)


async def answered(person: Person, data: str, within: float = 8.0) -> float:
    """Seconds until the press was answered, whatever becomes of the screen."""
    began = time.monotonic()
    pressed = await person.press(data, person.last.id)
    await until(lambda: any(one["query_id"] == pressed.query_id for one in person.answers), within, 0.005)
    return time.monotonic() - began


async def open_card(person: Person, number: int) -> None:
    """The card of an event on the living message."""
    await person.press(packed("cd", number), person.last.id, timeout=10, settle=True)


async def until(holds: Callable[[], Any], within: float = 20.0, pause: float = 0.02) -> Any:
    """The first true value of ``holds()``; AssertionError when there is none in time."""
    limit = time.monotonic() + within
    while True:
        with contextlib.suppress(LookupError):
            if value := holds():
                return value
        assert time.monotonic() < limit, "it did not happen in time"
        await asyncio.sleep(pause)
