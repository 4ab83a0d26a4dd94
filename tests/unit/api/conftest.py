from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field

import httpx
import pytest

from api import Backend
from models.access import Principal, Role

BASE = "http://crm.test"


@dataclass
class Admin:
    """A caller whose token can be renewed."""

    role: Role = Role.ADMINISTRATOR
    token: str = "old"
    renewed: list[str] = field(default_factory=list)

    @property
    def principal(self) -> Principal:
        return Principal(700, 1, self.role, "Әсел")

    async def renew(self, spent: str) -> str:
        self.renewed.append(spent)
        self.token = "new"
        return self.token


Answering = Callable[[httpx.Request], httpx.Response]


class Wire:
    """A backend in one function, and what it was asked."""

    def __init__(self) -> None:
        self.asked: list[httpx.Request] = []
        self.observed: list[tuple[str, str, int | str]] = []
        self.answers: Answering = lambda _: httpx.Response(200, json={})
        self.backend = Backend(
            BASE,
            transport=httpx.MockTransport(self._serve),
            observe=lambda group, method, outcome, _: self.observed.append((group, method, outcome)),
            bot_secret="secret",
        )

    def says(self, *replies: httpx.Response | Exception) -> None:
        """Answers with these, the last one for ever."""
        left = list(replies)

        def answer(_: httpx.Request) -> httpx.Response:
            reply = left.pop(0) if len(left) > 1 else left[0]
            if isinstance(reply, Exception):
                raise reply
            return httpx.Response(reply.status_code, headers=reply.headers, content=reply.content)

        self.answers = answer

    def _serve(self, request: httpx.Request) -> httpx.Response:
        self.asked.append(request)
        return self.answers(request)


@pytest.fixture
def admin() -> Admin:
    return Admin()


@pytest.fixture
def npo() -> Admin:
    return Admin(Role.NPO)


@pytest.fixture
def wire() -> Wire:
    return Wire()


@pytest.fixture
def hurried(monkeypatch: pytest.MonkeyPatch) -> None:
    """Retries without waiting."""
    monkeypatch.setattr("api.retry.FIRST_WAIT", 0.0)


Talk = Callable[[asyncio.StreamReader, asyncio.StreamWriter], Awaitable[None]]


@asynccontextmanager
async def _listening(talk: Talk) -> AsyncIterator[str]:
    writers: set[asyncio.StreamWriter] = set()
    tasks: set[asyncio.Task[None]] = set()

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        assert task is not None
        tasks.add(task)
        writers.add(writer)
        try:
            await talk(reader, writer)
        except (ConnectionError, asyncio.IncompleteReadError, asyncio.CancelledError):
            pass
        finally:
            tasks.discard(task)
            writers.discard(writer)
            writer.close()

    server = await asyncio.start_server(serve, "127.0.0.1", 0, backlog=4096)
    try:
        yield f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}"
    finally:
        server.close()
        for task in list(tasks):
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        await server.wait_closed()


@pytest.fixture
def listening() -> Callable[[Talk], object]:
    """A raw TCP server that says what ``talk`` says, for one ``async with``; gives its address."""
    return _listening
