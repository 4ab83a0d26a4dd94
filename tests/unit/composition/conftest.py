"""Everything a bot needs around it, on this machine: sandbox CRM, sandbox Telegram, a real Redis."""

from __future__ import annotations

import logging
import sys
from collections.abc import AsyncIterator, Iterator

import pytest
import structlog

from sandbox.crm import CrmServer
from sandbox.telegram import TelegramServer
from tests.support.ports import free_port
from tests.support.redis_server import RedisServer

TOKEN = "4200:SANDBOX-COMPOSITION-TOKEN"


@pytest.fixture(autouse=True)
def logs_as_they_were() -> Iterator[None]:
    """What a started bot does to the logs of its process ends with the test."""
    handlers, level, hook = logging.root.handlers, logging.root.level, sys.excepthook
    yield
    structlog.reset_defaults()
    logging.root.handlers, sys.excepthook = handlers, hook
    logging.root.setLevel(level)
    for name in ("taskiq", "aiogram.event"):
        logging.getLogger(name).setLevel(logging.NOTSET)


@pytest.fixture(scope="session")
def one_redis() -> Iterator[RedisServer]:
    server = RedisServer(aof=True)
    server.start()
    yield server
    server.close()


@pytest.fixture
def redis(one_redis: RedisServer) -> RedisServer:
    """An empty Redis; not to be stopped."""
    one_redis.flush()
    return one_redis


@pytest.fixture
async def crm() -> AsyncIterator[CrmServer]:
    async with CrmServer(seed=False) as server:
        yield server


@pytest.fixture
async def telegram() -> AsyncIterator[TelegramServer]:
    async with TelegramServer(TOKEN) as server:
        yield server


@pytest.fixture
def env(crm: CrmServer, telegram: TelegramServer, redis: RedisServer) -> dict[str, str]:
    return {
        "TELEGRAM_BOT_TOKEN": TOKEN,
        "TELEGRAM_API_URL": telegram.url,
        "TABYS_API_URL": crm.url,
        "REDIS_URL": redis.url,
        "OPS_PORT": str(free_port()),
        "LOG_LEVEL": "WARNING",
    }
