import asyncio
import re

import pytest
from structlog.testing import capture_logs

from ingress.boundary import Boundary, kind
from ingress.contract import Handled, Update
from services.metrics import Metrics
from tests.unit.ingress.telegram import message
from utils.tracing import request_id


async def test_passes_the_answer_through_and_counts_it():
    metrics = Metrics()

    async def busy(_update: Update) -> Handled:
        assert "tabys_updates_in_flight 1.0" in metrics.render().decode()
        return Handled.BUSY

    assert await Boundary(busy, metrics)(message(1)) is Handled.BUSY
    shown = metrics.render().decode()
    assert 'tabys_updates_total{kind="message",outcome="busy"} 1.0' in shown
    assert 'tabys_update_seconds_count{kind="message"} 1.0' in shown
    assert "tabys_updates_in_flight 0.0" in shown


async def test_a_crash_is_logged_and_over():
    async def crash(_update: Update) -> Handled:
        raise RuntimeError("boom")

    metrics = Metrics()
    with capture_logs() as lines:
        assert await Boundary(crash, metrics)(message(7)) is Handled.DONE
    assert [(line["update_id"], line["error"]) for line in lines] == [(7, "RuntimeError")]
    assert 'outcome="failed"' in metrics.render().decode()


async def test_a_hang_is_freed():
    async def hang(_update: Update) -> Handled:
        await asyncio.Event().wait()
        return Handled.BUSY

    with capture_logs() as lines:
        assert await Boundary(hang, Metrics(), safety=0.02)(message(7)) is Handled.DONE
    assert lines[0]["error"] == "TimeoutError"


async def test_cancelling_is_no_failure():
    metrics = Metrics()

    async def hang(_update: Update) -> Handled:
        await asyncio.Event().wait()
        return Handled.DONE

    task = asyncio.create_task(Boundary(hang, metrics)(message(7)))
    await asyncio.sleep(0)
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    assert 'outcome="cancelled"' in metrics.render().decode()


@pytest.mark.parametrize(
    ("update", "expected"),
    [
        (message(1), "message"),
        ({"update_id": 1, "callback_query": {}}, "callback_query"),
        ({"update_id": 1, "x": 1}, "other"),
    ],
)
def test_kinds_are_a_closed_set(update: Update, expected: str):
    assert kind(update) == expected


async def test_each_update_has_an_id_of_its_own_and_leaves_none_behind():
    seen = []

    async def look(_update: Update) -> Handled:
        seen.append(request_id.get())
        return Handled.DONE

    boundary = Boundary(look, Metrics())
    for _ in range(2):
        await boundary(message(7))
    assert len(set(seen)) == 2
    assert all(re.fullmatch(r"7-[0-9a-f]{8}", one) for one in seen)
    assert request_id.get() == ""
