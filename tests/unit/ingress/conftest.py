from collections.abc import AsyncIterator

import pytest

from ingress.bot_api import BotApi
from tests.unit.ingress.telegram import Telegram


@pytest.fixture
async def telegram() -> AsyncIterator[Telegram]:
    server = Telegram()
    yield server
    await server.close()


@pytest.fixture
async def api(telegram: Telegram) -> AsyncIterator[BotApi]:
    api = await telegram.start()
    yield api
    await api.close()
