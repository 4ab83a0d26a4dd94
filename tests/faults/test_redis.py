"""Redis refused, frozen, restarted empty or with its file, out of memory."""

from __future__ import annotations

import asyncio
import time
from pathlib import Path

from sandbox.telegram import Person
from tests.faults.figures import Figures
from tests.support.nursery import Nursery
from tests.support.redis_server import RedisServer
from tests.support.stage import Stage, open_card, packed, shows, until

TOLD_WITHIN = 2.5


async def _alert(person: Person, data: str) -> float:
    """Seconds until the press was answered with a text."""
    known = len(person.alerts)
    began = time.monotonic()
    await person.press(data, person.last.id, timeout=8)
    await until(lambda: len(person.alerts) > known, within=8)
    return time.monotonic() - began


async def test_refused_during_work_is_told_at_once_and_goes_on_by_itself(shaky: Stage):
    async with shaky.bot() as bot:
        await shaky.registered()
        ann = await shaky.signed_in("administrator")
        shaky.redis.stop()
        assert await _alert(ann, packed("li")) < TOLD_WITHIN
        assert (await bot.get("/readyz"))[0] == 503
        status, headers = await shaky.post({"update_id": 900_001, "message": _help(ann)})
        assert (status, headers.get("Retry-After")) == (503, "2")
        verified = len(shaky.crm.requests_to("/verify-otp$"))
        bob = shaky.telegram.person("Bob", language_code="en")
        await bob.send(f"/login {shaky.crm.otp('npo')}")
        told = await until(lambda: bob.last.text, within=4)
        assert len(shaky.crm.requests_to("/verify-otp$")) == verified
        shaky.redis.start()
        await until(lambda: shaky.telegram.state.webhook.waiting == 0, within=15)
        await ann.press(packed("li"), ann.last.id, timeout=8, settle=True)
        assert ann.unanswered == []
        await until(lambda: shows(bob, "li"), within=15)
        assert (await bot.get("/readyz"))[0] == 200
        assert not any("Traceback" in str(line) for line in bot.lines)
    assert told


async def test_refused_at_the_start_is_no_reason_to_end(shaky: Stage):
    shaky.redis.stop()
    ann = shaky.telegram.person("Ann", language_code="en")
    bot = await shaky.bot().begin()
    try:
        await shaky.registered()
        await ann.send("/help")
        await until(lambda: ann.last.text, within=4)
        told = ann.last
        assert not bot.ended()
        shaky.redis.start()
        await bot.ready()
        await until(lambda: ann.last.id != told.id, within=10)
        # The screen stands before the update behind it is confirmed.
        await until(lambda: shaky.telegram.state.webhook.waiting == 0, within=5)
    finally:
        await bot.kill()


async def test_frozen_is_told_within_the_limit_and_goes_on_when_it_thaws(shaky: Stage):
    async with shaky.bot() as bot:
        await shaky.registered()
        ann, bob = await shaky.signed_in("administrator"), await shaky.signed_in("npo", name="Bob")
        shaky.redis.pause()
        try:
            seconds = await asyncio.gather(_alert(ann, packed("li")), _alert(bob, packed("li")))
            status, headers = await shaky.post({"update_id": 900_002, "message": _help(ann)})
        finally:
            shaky.redis.resume()
        assert max(seconds) < TOLD_WITHIN
        assert (status, headers.get("Retry-After")) == (503, "2")
        await until(lambda: shaky.telegram.state.webhook.waiting == 0, within=20)
        await ann.press(packed("li"), ann.last.id, timeout=8, settle=True)
        assert ann.unanswered == bob.unanswered == []
        assert "Events" in ann.last.text
        assert not any("Traceback" in str(line) for line in bot.lines)


async def test_restarted_empty_the_session_comes_back_and_old_writes_do_nothing(shaky: Stage):
    async with shaky.bot():
        await shaky.registered()
        ann = await shaky.signed_in("administrator")
        number = shaky.pending_events()[0]
        await open_card(ann, number)
        data = shows(ann, "ap")
        assert data
        verified = len(shaky.crm.requests_to("/verify-otp$"))
        shaky.redis.stop()
        shaky.redis.start()
        await ann.press(data, ann.last.id, timeout=8, settle=True)
        assert shaky.writes == []
        assert shaky.event(number)["moderation_status"] == "pending"
        assert len(shaky.crm.requests_to("/verify-otp$")) == verified
        assert shaky.crm.requests_to("/restore-session$")
        fresh = shows(ann, "ap")
        assert fresh, ann.last
        assert fresh != data
        await ann.press(fresh, ann.last.id, timeout=8, settle=True)
        assert shaky.event(number)["moderation_status"] == "approved"


async def test_restarted_empty_nobody_comes_back_who_had_signed_out(shaky: Stage):
    async with shaky.bot():
        await shaky.registered()
        ann = await shaky.signed_in("administrator")
        await ann.send("/logout")
        await ann.settle(8)
        await ann.press("so--", ann.last.id, timeout=8, settle=True)
        shaky.redis.stop()
        shaky.redis.start()
        await ann.press(packed("li"), ann.last.id, timeout=8, settle=True)
        assert shows(ann, "cd") is None
        assert "/login" in ann.last.text


async def test_an_idled_session_is_not_restored(shaky: Stage):
    async with shaky.bot():
        await shaky.registered()
        ann = await shaky.signed_in("administrator")
        # Idling out is this key running out, and nothing else.
        with shaky.redis.client() as client:
            client.delete(f"tg_session:{ann.id}")
        restored = len(shaky.crm.requests_to("/restore-session$"))
        await ann.press(packed("li"), ann.last.id, timeout=8, settle=True)
        assert shows(ann, "cd") is None
        assert len(shaky.crm.requests_to("/restore-session$")) == restored


async def test_keys_deleted_at_random_cost_a_login_or_a_screen_and_nothing_else(shaky: Stage):
    async with shaky.bot() as bot:
        await shaky.registered()
        ann = await shaky.signed_in("administrator")
        for _ in range(30):
            with shaky.redis.client() as client:
                key = client.randomkey()
                if key:
                    client.delete(key)
            await ann.press(packed("li"), ann.last.id, timeout=8, settle=True)
            if "/login" in ann.last.text:
                shaky.redis.flush()
                await ann.send(f"/login {shaky.crm.otp('administrator')}")
                await ann.settle(8)
        assert ann.unanswered == []
        assert not any(line.get("level") == "error" for line in bot.lines)


def _help(person: Person) -> dict:
    return {
        "message_id": 9001,
        "date": 1,
        "chat": person.chat.info,
        "from": person.user,
        "text": "/help",
        "entities": [{"type": "bot_command", "offset": 0, "length": 5}],
    }


async def test_out_of_memory_is_told_and_nothing_is_written_half(shaky: Stage, figures: Figures):
    async with shaky.bot() as bot:
        await shaky.registered()
        ann = await shaky.signed_in("administrator")
        number = shaky.pending_events()[0]
        await open_card(ann, number)
        data = shows(ann, "ap")
        assert data
        with shaky.redis.client() as client:
            client.config_set("maxmemory", 1)
        seconds = await _alert(ann, data)
        assert seconds < TOLD_WITHIN
        # Without a memory of the press nothing may reach the backend: it could not be kept from happening twice.
        assert shaky.writes == []
        # What only reads goes on: a script that has begun may write. The click is kept by Telegram.
        assert [status for _, status in shaky.telegram.state.webhook.state.statuses][-1] == 503
        with shaky.redis.client() as client:
            client.config_set("maxmemory", 0)
        await until(lambda: shaky.telegram.state.webhook.waiting == 0, within=20)
        began = time.monotonic()
        await until(lambda: shaky.event(number)["moderation_status"] == "approved", within=20)
        figures.note(
            "out of memory", seconds_to_text=round(seconds, 2), back_in_s=round(time.monotonic() - began, 2)
        )
        assert len(shaky.crm.requests_to(f"/{number}/approve$", "POST")) == 1
        assert not any("Traceback" in str(line) for line in bot.lines)


async def test_restarted_with_its_file_everything_is_still_there(
    nursery: Nursery, seeded: Path, tmp_path: Path, figures: Figures
):
    server = RedisServer(aof=True)
    server.start()
    try:
        async with Stage(server, nursery, tmp_path, 1) as stage, stage.bot() as bot:
            await stage.registered()
            ann = await stage.signed_in("administrator")
            number = stage.pending_events()[0]
            await ann.press(packed("cr"), ann.last.id, timeout=8, settle=True)
            await ann.send("A title that outlives a restart")
            await ann.settle(8)
            await open_card(ann, number)
            data = shows(ann, "ap")
            assert data
            restored = len(stage.crm.requests_to("/restore-session$"))
            server.stop()
            server.start()
            began = time.monotonic()
            await ann.press(data, ann.last.id, timeout=10, settle=True)
            await until(lambda: stage.event(number)["moderation_status"] == "approved", within=10)
            figures.note("restarted with AOF", decided_in_s=round(time.monotonic() - began, 2))
            # The session, the operation key of the old button and the draft are those from before.
            assert len(stage.crm.requests_to("/restore-session$")) == restored
            assert len(stage.crm.requests_to(f"/{number}/approve$", "POST")) == 1
            await ann.press("dr--", ann.last.id, timeout=8, settle=True)
            assert shows(ann, "do"), ann.last
            assert not any("Traceback" in str(line) for line in bot.lines)
    finally:
        server.close()
