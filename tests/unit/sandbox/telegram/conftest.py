"""A running server with one person who has pressed START, and a client of the kind the bot uses."""

from __future__ import annotations

import aiohttp
import pytest

from sandbox.telegram import Person, TelegramServer

TOKEN = "42:TEST"


class Client:
    """Calls Bot API methods over HTTP and gives back the whole JSON answer."""

    def __init__(self, server: TelegramServer, session: aiohttp.ClientSession) -> None:
        self.server = server
        self.session = session

    async def __call__(self, method: str, **params: object) -> dict:
        url = f"{self.server.url}/bot{TOKEN}/{method}"
        async with self.session.post(url, json=params) as response:
            answer = await response.json()
            if not answer["ok"]:
                assert answer["error_code"] == response.status
            return answer

    async def ok(self, method: str, **params: object):
        answer = await self(method, **params)
        assert answer["ok"], answer
        return answer["result"]

    async def fails(self, method: str, **params: object) -> str:
        answer = await self(method, **params)
        assert not answer["ok"], answer
        return answer["description"]


@pytest.fixture
async def server():
    async with TelegramServer(TOKEN) as running:
        yield running


@pytest.fixture
async def session():
    async with aiohttp.ClientSession() as opened:
        yield opened


@pytest.fixture
def api(server: TelegramServer, session: aiohttp.ClientSession) -> Client:
    return Client(server, session)


@pytest.fixture
async def alice(server: TelegramServer) -> Person:
    person = server.person("Aigerim", user_id=1001, username="aigerim", language_code="kk")
    await person.send("/start")
    return person
