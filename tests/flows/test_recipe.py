"""The module of docs/adding-a-module.md at work: list, card, form, deed, delete, and the matrix over it."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import AsyncExitStack
from pathlib import Path
from typing import Any

import pytest
import redis as redis_sync

import composition
from handlers.modules import RESOURCES
from locales.catalogue import LANGUAGES
from sandbox.crm import CrmServer
from sandbox.telegram import TelegramServer
from tests.flows.conftest import TOKEN, Stage
from tests.flows.hand import Hand
from tests.matrix import test_screens
from tests.matrix.nasty import records
from tests.support.recipe import recipe


@pytest.fixture
async def stage(redis_url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[Stage]:
    """A bot and a CRM that have the example's module beside their own."""
    example = recipe()
    monkeypatch.setattr(composition, "RESOURCES", (*RESOURCES, example.resource))
    monkeypatch.setattr(composition, "load", lambda _folder: example.catalogues())
    with redis_sync.Redis.from_url(redis_url) as client:
        client.flushall()
    async with AsyncExitStack() as stack:
        crm = CrmServer(tmp_path / "crm.db", uploads=tmp_path / "uploads", extra_groups=(example.group,))
        await stack.enter_async_context(crm)
        telegram = await stack.enter_async_context(TelegramServer(TOKEN))
        env = {
            "TELEGRAM_BOT_TOKEN": TOKEN, "TELEGRAM_API_URL": telegram.url, "TABYS_API_URL": crm.url,
            "REDIS_URL": redis_url, "OPS_PORT": "0", "LOG_LEVEL": "WARNING", "ADMIN_RATE_LIMIT": "6000/min",
        }  # fmt: skip
        stage = Stage(crm, telegram, redis_url, env)
        async with stage.bot:
            await stage.start_bot()
            yield stage


def button(hand: Hand, key: str, mark: str = "") -> str:
    return mark + recipe().texts[f"notices.{key}"]


async def opened(hand: Hand) -> Hand:
    """The list of notices, through the hub that the news share with them where there is one."""
    await hand.say("/menu")
    if not hand.sees(button(hand, "title")):
        await hand.tap("module.news")
    return await hand.tap(button(hand, "title"))


async def test_an_administrator_does_everything(stage: Stage):
    hand = await opened(await stage.hand("administrator"))
    assert "of 120" in hand.text
    await hand.tap("list.filters", recipe().texts["choice.notices_weight.loud"], "list.show")
    assert "of 24" in hand.text
    await opened(hand)
    await hand.say("хабарландыру 119")
    await hand.tap("Объявление 119")
    assert button(hand, "field.weight") in hand.text
    assert f"{hand.t('language.kk')} ✓" in hand.text
    await hand.tap("nav.back")
    await opened(hand)
    await hand.tap("list.new")
    await hand.say("Гранты <b>для всех</b>")
    await hand.tap("form.skip")
    await hand.say("Первый абзац.")
    await hand.tap(recipe().texts["choice.notices_weight.loud"])
    await hand.tap("form.skip", "form.save")
    assert "Гранты <b>для всех</b>" in hand.text
    assert f"{hand.t('language.kk')} —" in hand.text
    await hand.tap("card.edit", button(hand, "field.title_kz"))
    await hand.say("Гранттар")
    await hand.tap("form.save")
    assert f"{hand.t('language.kk')} ✓" in hand.text
    await hand.tap(button(hand, "action.hide"))
    assert recipe().texts["notices.ask.hide"] in hand.text
    await hand.tap(button(hand, "action.hide"))
    assert hand.toast == recipe().texts["notices.done.hide"]
    assert not hand.sees(button(hand, "action.hide"))
    await hand.tap("card.delete", "delete.confirm")
    assert "of 120" in hand.text


async def test_who_may_not_is_neither_drawn_nor_served(stage: Stage):
    reader = await opened(await stage.hand("government"))
    assert not reader.sees("list.new")
    await reader.tap("Объявление")
    for label in ("card.edit", "card.delete", button(reader, "action.hide")):
        assert not reader.sees(label)
    for data in ("crno", "edno.1", "deno.1", "ddno.1.hi", "dnno.1.hi", "dxno.1"):
        assert await reader.forge(data) == reader.t("error.forbidden_toast"), data
    stranger = await stage.hand("npo", name="Nina", user_id=2003)
    assert not stranger.sees(button(stranger, "title"))
    assert await stranger.forge("lino") == stranger.t("error.forbidden_toast")
    assert not [one for one in stage.writes() if "notices" in one.path]


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_matrix_holds(language: str, monkeypatch: pytest.MonkeyPatch):
    resource: Any = recipe().resource
    monkeypatch.setattr(test_screens, "LOCALES", _locales())
    monkeypatch.setitem(test_screens.CHILDREN, resource.code, ())
    for _, record in records(resource):
        for check in (test_screens.test_lists, test_screens.test_cards, test_screens.test_forms):
            check(resource, record, language)


def _locales() -> dict[str, Any]:
    texts = recipe().catalogues()
    return {
        language: type(found)(texts[language], found.zone) for language, found in test_screens.LOCALES.items()
    }
