"""Texts that want to be markup: Telegram parses every message strictly, so one that got through would be refused."""

from __future__ import annotations

import pytest
from sqlalchemy import String, inspect

from keyboards.callbacks import Go
from sandbox.crm.groups.event_tables import Event
from sandbox.crm.groups.news_tables import News
from sandbox.crm.store import Base
from tests.support.stage import Stage, addresses, shows

EVIL = '<b>x</b></i><a href="tg://user?id=1">&amp;</a><script>&lt;{{n}} %s \\n `*_[x](y)'
NAME = "<b>Aigerim</b>&<u>"
STATES = ("status", "category", "language", "moderation_status", "url", "phone", "email", "format", "type")


def _poisoned(stage: Stage, table: type[Base], number: int) -> None:
    """Every free text of the record says the same evil thing."""
    with stage.crm.room.db.session() as session:
        row = session.get_one(table, number)
        for column in inspect(table).columns:
            free = isinstance(column.type, String) and not any(state in column.key for state in STATES)
            if free and not column.foreign_keys and not column.primary_key:
                setattr(row, column.key, EVIL)


def _unparsed(stage: Stage) -> list[tuple[str, str]]:
    """Method and reason of every message that Telegram could not read; one that changed nothing is none of them."""
    return [
        (call.method, call.description)
        for call in stage.telegram.calls.of(
            "sendMessage", "editMessageText", "sendPhoto", "editMessageCaption"
        )
        if call.status == 400 and "not modified" not in call.description
    ]


@pytest.mark.parametrize(("code", "table"), [("ev", Event), ("nw", News)])
async def test_every_screen_of_a_poisoned_record_is_parsed(code: str, table: type[Base], polled: Stage):
    stage = polled
    number = stage.crm.rows(table)[0]["id"]
    _poisoned(stage, table, number)
    async with stage.bot_here() as log:
        ann = stage.telegram.person(NAME, user_id=8100, language_code="en")
        await ann.send(f"/login {stage.crm.otp('administrator')}")
        await ann.settle(10)
        stage.telegram.clear_calls()
        card = Go("cd", code, number).pack()
        await ann.press(card, ann.last.id, timeout=8, settle=True)
        seen = {card}
        texts = [ann.last.text]
        waiting = addresses(ann.last)
        while waiting and len(seen) < 60:
            data = waiting.pop(0)
            go = Go.unpack(data)
            if data in seen or go is None or go.key or go.op in ("lo", "so"):
                continue
            seen.add(data)
            await ann.press(data, ann.last.id, timeout=8, settle=True)
            texts.append(ann.last.text)
            waiting += [one for one in addresses(ann.last) if f"{code}." in one][:12]
        await ann.send(f"/find {EVIL[:40]}")
        await ann.settle(8)
        refused = _unparsed(stage)
        assert refused == []
        # Shown as it was written, which is what the person would look for.
        assert any("<b>x</b></i>" in text for text in texts)
        assert len(seen) > 15
    assert "Traceback" not in log.getvalue()


async def test_a_poisoned_reason_and_name_are_shown_as_they_are(polled: Stage):
    stage = polled
    async with stage.bot_here():
        ann = stage.telegram.person(NAME, user_id=8101, language_code="en")
        await ann.send(f"/login {stage.crm.otp('administrator')}")
        await ann.settle(10)
        assert shows(ann, "st"), ann.last
        bad = [
            call for call in stage.telegram.calls.of("sendMessage", "editMessageText") if call.status == 400
        ]
        assert bad == []
