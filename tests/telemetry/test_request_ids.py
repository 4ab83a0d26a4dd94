"""One id from the update to the backend's own log: on every line, in every call, and in the person's hand."""

from __future__ import annotations

import io
import json
from typing import Any

import pytest

from services.keys import IdleKey, SessionKey
from tests.support.errands import sent_out
from tests.support.stage import Stage, packed, until
from utils.tracing import requested


def lines(log: io.StringIO, **wanted: Any) -> list[dict[str, Any]]:
    """The lines of the log with these values."""
    found = [json.loads(line) for line in log.getvalue().splitlines()]
    return [line for line in found if wanted.items() <= line.items()]


def sent_ids(stage: Stage, path: str, method: str = "GET") -> set[str]:
    return {request.headers.get("x-request-id", "") for request in stage.crm.requests_to(path, method)}


@pytest.mark.parametrize("mode", ["polling", "webhook"])
async def test_log_backend_and_apology_name_the_same_update(mode: str, polled: Stage, hooked: Stage):
    stage = polled if mode == "polling" else hooked
    async with stage.bot_here(LOG_LEVEL="DEBUG") as log:
        if mode == "webhook":
            await stage.registered()
        ann = await stage.signed_in("administrator")
        stage.crm.requests.clear()
        stage.crm.faults.add("status", "/events", method="GET", status=500)
        await ann.press(packed("li"), ann.last.id, timeout=10, settle=True)
    (failed,) = lines(log, event="op_failed")
    own = failed["request_id"]
    assert own == f"{failed['update_id']}-{failed['error_id']}"
    assert failed["error_id"] in ann.last.text
    assert sent_ids(stage, "/events") == {own}
    assert {line["request_id"] for line in lines(log, update_id=failed["update_id"])} == {own}


async def test_every_update_has_its_own_id(polled: Stage):
    async with polled.bot_here() as log:
        ann = await polled.signed_in("administrator")
        polled.crm.requests.clear()
        for _ in range(3):
            await ann.press(packed("li"), ann.last.id, timeout=10, settle=True)
    assert len(sent_ids(polled, "/events")) == 3
    assert not lines(log, level="error")


async def test_a_job_logs_what_it_tells_the_backend_and_who_ordered_it(polled: Stage):
    async with polled.bot_here() as log:
        ann = await polled.signed_in("administrator")
        with polled.redis.client() as client:
            client.delete(SessionKey(ann.id).name)
            client.zadd(IdleKey.name, {str(ann.id): 0})
        polled.crm.requests.clear()
        polled.crm.faults.add("status", "/telegram-auth/logout", status=503)
        with requested("test") as order:
            await sent_out(polled.redis.url, "sweep_sessions")
        await until(lambda: lines(log, event="logout not delivered, the sweep tries again"))
    (told,) = lines(log, event="logout not delivered, the sweep tries again")
    assert told["request_id"].startswith("sweep_sessions-")
    assert told["asked_by"] == order
    assert sent_ids(polled, "/telegram-auth/logout", "POST") == {told["request_id"]}
