"""A person clicks by visible text: real bot, real HTTP, real Redis, sandbox CRM and sandbox Telegram."""

from __future__ import annotations

import os
from collections.abc import AsyncIterator, Iterator
from contextlib import AsyncExitStack
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
import redis as redis_sync

from api import lookups
from composition import serving
from config import load
from handlers._engine import turn
from handlers.broadcasts import sending
from handlers.community import reminding
from handlers.community.coffee import scheduled
from sandbox.crm import CrmServer
from sandbox.crm.groups.event_tables import Event
from sandbox.crm.room import RecordedRequest
from sandbox.telegram import Person, TelegramServer, WebhookPace
from tests.flows.hand import Hand
from tests.support.fixtures import calm_redis, nursery, pair, polled, redis
from tests.support.openapi import Watched
from tests.support.ports import free_port
from tests.support.redis_server import RedisServer
from tests.support.seeded import seed, seeded_crm

__all__ = ["calm_redis", "nursery", "pair", "polled", "redis"]

TOKEN = "4200:SANDBOX-FLOWS-TOKEN"
SECRET = "hook-secret_of-flows"
REPLICAS = int(os.environ.get("FLOWS_REPLICAS", "0"))
"""How many bots every flow has behind a webhook; 0: one that polls."""


@pytest.fixture(scope="session")
def redis_url() -> Iterator[str]:
    server = RedisServer()
    server.start()
    yield server.url
    server.close()


@dataclass
class Stage:
    """Everything a flow needs."""

    crm: CrmServer
    telegram: TelegramServer
    redis_url: str
    env: dict[str, str]
    ports: list[int] = field(default_factory=list)
    """Of the replicas that Telegram delivers to in turn; none where one bot polls."""
    bot: AsyncExitStack = field(default_factory=AsyncExitStack)

    def __post_init__(self) -> None:
        self.watched = Watched(self.crm)

    async def start_bot(self) -> None:
        for port in self.ports or (0,):
            env = self.env | ({"HTTP_PORT": str(port)} if port else {})
            await self.bot.enter_async_context(serving(load(env, None)))

    async def restart(self) -> None:
        """The bot stops as on SIGTERM and a new one starts; Redis, CRM and Telegram go on."""
        await self.bot.aclose()
        await self.start_bot()

    def flush(self) -> None:
        """Redis loses everything."""
        with redis_sync.Redis.from_url(self.redis_url) as client:
            client.flushall()

    def writes(self) -> list[RecordedRequest]:
        """The requests that changed something of the CRM's records, oldest first; an update of nothing is none."""
        return [
            one
            for one in self.crm.requests
            if one.method != "GET" and "auth" not in one.path and not (one.method == "PUT" and one.json == {})
        ]

    def event(self, record_id: int) -> dict[str, Any] | None:
        """The event as the CRM has it now; None when it is gone."""
        return next((event for event in self.crm.events() if event["id"] == record_id), None)

    def events_of(self, login: str, **wanted: Any) -> list[dict[str, Any]]:
        """That admin's events with these values, by id."""
        owner = self.crm.admin_id(login)
        return [
            event
            for event in self.crm.events()
            if event["admin_id"] == owner and all(event[name] == value for name, value in wanted.items())
        ]

    def redis_hash(self, name: str, field: object, part: str) -> bool:
        """True when that field of a hash holds the text."""
        with redis_sync.Redis.from_url(self.redis_url, decode_responses=True) as client:
            return part in str(client.hget(name, str(field)) or "")

    def new_event(self, login: str, title: str) -> int:
        """The id of an event that this admin has just made through the CRM, and that waits."""
        with self.crm.room.db.session() as session:
            event = Event(
                title=title, event_date=datetime(2027, 3, 14, 10), location="Қарағанды", format="Offline",
                description="сипаттама", admin_id=self.crm.admin_id(login), moderation_status="pending",
                created_at=datetime.now(UTC).replace(tzinfo=None),
            )  # fmt: skip
            session.add(event)
            session.commit()
            return int(event.id)

    async def hand(
        self, login: str | None, language: str = "en", *, name: str = "Aida", user_id: int | None = None
    ) -> Hand:
        """A person who is signed in as that admin, or a guest for None."""
        if login is not None:
            return Hand(await self.signed_in(name, login, language=language, user_id=user_id), language)
        person = self.telegram.person(name, user_id=user_id, language_code=language)
        await person.send("/start")
        await person.settle()
        return Hand(person, language)

    async def signed_in(
        self, name: str, login: str, *, language: str = "en", user_id: int | None = None
    ) -> Person:
        person = self.telegram.person(name, user_id=user_id, language_code=language)
        await person.send("/start")
        if self.ports:
            # Two replicas may take the two at once, and each would begin with a message of its own.
            await person.settle()
        await person.send(f"/login {self.crm.otp(login)}")
        await person.settle()
        return person


@pytest.fixture(scope="session")
def seeded() -> Path:
    """The seed's records, outside any event loop."""
    return seed()


@pytest.fixture(autouse=True)
def quiet(monkeypatch: pytest.MonkeyPatch) -> None:
    """Jobs that ask the CRM by themselves wait until a test sends them: each request of a click is looked at."""
    for jobs in (sending, scheduled, reminding):
        monkeypatch.setattr(jobs, "CRON", None)


@pytest.fixture
def unhurried(monkeypatch: pytest.MonkeyPatch) -> None:
    """On a machine that does much else a click is not answered before its outcome, and names are waited for: what a
    person reads does not depend on who else is at work. tests/faults have the real limits."""
    monkeypatch.setattr(turn, "ANSWER_WITHIN", 6.0)
    monkeypatch.setattr(lookups, "PATIENCE", 5.0)


@pytest.fixture
def more_env() -> dict[str, str]:
    """What the bot of these tests is set to beside the usual."""
    return {}


@pytest.fixture
async def stage(
    redis_url: str, seeded: Path, tmp_path: Path, more_env: dict[str, str], unhurried: None
) -> AsyncIterator[Stage]:
    client = redis_sync.Redis.from_url(redis_url)
    client.flushall()
    client.close()
    async with AsyncExitStack() as stack:
        crm = await stack.enter_async_context(seeded_crm(tmp_path))
        ports = [free_port() for _ in range(REPLICAS)]
        hooks = [f"http://127.0.0.1:{port}/hook" for port in ports]
        telegram = await stack.enter_async_context(
            TelegramServer(
                TOKEN,
                webhook_targets={hooks[0]: hooks} if hooks else None,
                pace=WebhookPace(longest_retry=0.5),
            )
        )
        webhook = {"TELEGRAM_WEBHOOK_URL": hooks[0], "TELEGRAM_WEBHOOK_SECRET": SECRET} if hooks else {}
        env = {
            "HTTP_HOST": "127.0.0.1",
            **webhook,
            "TELEGRAM_BOT_TOKEN": TOKEN,
            "TELEGRAM_API_URL": telegram.url,
            "TABYS_API_URL": crm.url,
            "REDIS_URL": redis_url,
            "OPS_PORT": "0",
            "LOG_LEVEL": "WARNING",
            "ADMIN_RATE_LIMIT": "6000/min",
            "GENERAL_RATE_LIMIT": "6000/min",
            **more_env,
        }
        stage = Stage(crm, telegram, redis_url, env, ports)
        async with stage.bot:
            await stage.start_bot()
            yield stage
        assert stage.watched.wrong() == [], "the bot sent what the backend does not know"
