"""Files reach the person as documents, and what Telegram says against one is told as False."""

from collections.abc import AsyncIterator
from dataclasses import dataclass

import pytest
from aiogram import Bot
from aiogram.client.default import DefaultBotProperties
from aiogram.client.telegram import TelegramAPIServer

from sandbox.telegram import Person, TelegramServer
from utils.html import Html
from views import deliver
from views.calls import CallSession
from views.deliver import Deliver
from views.screen import File

TOKEN = "42:FILES-TEST-TOKEN"


class NoPictures:
    """Nothing here has a picture."""

    async def find(self, url: str) -> None:
        return None

    async def remember(self, url: str, file_id: str) -> None:
        raise AssertionError(url)

    async def forget(self, url: str) -> None:
        raise AssertionError(url)


@dataclass
class Desk:
    telegram: TelegramServer
    person: Person
    deliver: Deliver


@pytest.fixture
async def desk() -> AsyncIterator[Desk]:
    async with TelegramServer(TOKEN) as telegram:
        session = CallSession(api=TelegramAPIServer.from_base(telegram.url), timeout=2)
        bot = Bot(TOKEN, session=session, default=DefaultBotProperties(parse_mode="HTML"))
        person = telegram.person("Aida", language_code="en")
        await person.send("/start")
        yield Desk(telegram, person, Deliver(bot, NoPictures()))
        await session.close()


async def test_a_file_is_a_document_with_its_name_and_caption(desk: Desk):
    file = File("құжат-2026.csv", b"a;b", Html("<b>2</b> &lt;rows&gt;"))
    assert await desk.deliver.send_file(desk.person.id, file)
    sent = desk.person.last.raw
    assert sent["document"]["file_name"] == "құжат-2026.csv"
    assert sent["caption"] == "2 <rows>"
    stored = desk.telegram.state.files.by_id(sent["document"]["file_id"])
    assert stored is not None
    assert stored.data == b"a;b"


async def test_a_file_can_be_sent_without_caption(desk: Desk):
    assert await desk.deliver.send_file(desk.person.id, File("a.csv", b"a"))
    assert "caption" not in desk.person.last.raw


@pytest.mark.parametrize("content", [b"", b"123456"])
async def test_what_telegram_would_refuse_is_not_sent(
    desk: Desk, content: bytes, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr(deliver, "FILE_LIMIT", 5)
    assert not await desk.deliver.send_file(desk.person.id, File("a.csv", content))
    assert not desk.telegram.calls.of("sendDocument")


async def test_a_short_flood_limit_is_waited_out(desk: Desk):
    desk.telegram.faults.add("flood", method="sendDocument", times=1, seconds=1)
    assert await desk.deliver.send_file(desk.person.id, File("a.csv", b"a"))
    assert [call.status for call in desk.telegram.calls.of("sendDocument")] == [429, 200]


async def test_a_long_flood_limit_is_not(desk: Desk):
    desk.telegram.faults.add("flood", method="sendDocument", seconds=60)
    assert not await desk.deliver.send_file(desk.person.id, File("a.csv", b"a"))
    assert len(desk.telegram.calls.of("sendDocument")) == 1


@pytest.mark.parametrize("kind", ["server_error", "bad_gateway", "empty", "reset"])
async def test_one_bad_answer_does_not_lose_it(desk: Desk, kind: str):
    desk.telegram.faults.add(kind, method="sendDocument", times=1)
    assert await desk.deliver.send_file(desk.person.id, File("a.csv", b"a"))
    assert desk.person.last.document


async def test_a_person_who_blocked_the_bot_is_told_nothing(desk: Desk):
    desk.person.block()
    assert not await desk.deliver.send_file(desk.person.id, File("a.csv", b"a"))
