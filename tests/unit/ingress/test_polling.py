import asyncio
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from functools import partial

import pytest

from ingress.bot_api import BotApi, TokenRefused
from ingress.contract import Handle, Handled, Update
from ingress.polling import Polling
from tests.unit.ingress.telegram import Script, Telegram, failing, message, resetting, until

Start = Callable[[Handle], Awaitable[Polling]]


class Person:
    """Stands for the application: notes what comes, can hold single updates back."""

    def __init__(self) -> None:
        self.seen: list[int] = []
        self.done: list[int] = []
        self.held: dict[int, asyncio.Event] = {}
        self.answers: dict[int, list[Handled]] = {}
        self.running = self.most = 0

    def hold(self, *update_ids: int) -> None:
        self.held |= {update_id: asyncio.Event() for update_id in update_ids}

    def has_done(self, update_id: int) -> bool:
        return update_id in self.done

    async def __call__(self, update: Update) -> Handled:
        update_id = update["update_id"]
        self.seen.append(update_id)
        self.running += 1
        self.most = max(self.most, self.running)
        try:
            if update_id in self.held:
                await self.held[update_id].wait()
            else:
                await asyncio.sleep(0.002)
        finally:
            self.running -= 1
        answers = self.answers.get(update_id)
        if answers:
            return answers.pop(0)
        self.done.append(update_id)
        return Handled.DONE


@pytest.fixture
def app() -> Person:
    return Person()


@pytest.fixture
async def start(api: BotApi) -> AsyncIterator[Start]:
    tasks: list[asyncio.Task[None]] = []

    async def begin(handle: Handle) -> Polling:
        polling = Polling(api, handle, allowed_updates=["message"], poll=1, longest_backoff=0.2)
        tasks.append(asyncio.create_task(polling.run()))
        return polling

    yield begin
    for task in tasks:
        task.cancel()
    await asyncio.gather(*tasks, return_exceptions=True)


async def test_begins_by_leaving_the_webhook_without_dropping_anything(
    telegram: Telegram, app: Person, start: Start
):
    await start(app)
    await until(lambda: bool(telegram.of("getUpdates")))
    assert telegram.calls[0] == ("deleteWebhook", {"drop_pending_updates": False})
    first = telegram.of("getUpdates")[0]
    assert "offset" not in first
    assert first["allowed_updates"] == ["message"]


async def test_each_person_in_order_and_persons_side_by_side(telegram: Telegram, app: Person, start: Start):
    telegram.send(*(message(10 + n, person=n % 4) for n in range(40)))
    await start(app)
    await until(lambda: len(app.done) == 40)
    for person in range(4):
        own = [update_id for update_id in app.seen if (update_id - 10) % 4 == person]
        assert own == sorted(own)
    assert app.most == 4
    assert len(app.seen) == 40, "an update came twice although it was in work"


async def test_at_most_64_run_at_once(telegram: Telegram, app: Person, start: Start):
    app.hold(*range(1, 101))
    telegram.send(*(message(n, person=n) for n in range(1, 101)))
    await start(app)
    await until(lambda: app.running == 64)
    await asyncio.sleep(0.1)
    assert app.most == 64
    for event in app.held.values():
        event.set()
    await until(lambda: telegram.confirmed == 101)


async def test_offset_stays_below_an_unfinished_update(telegram: Telegram, app: Person, start: Start):
    app.hold(6)
    telegram.send(message(5), message(6, person=2), message(7, person=3), message(20, person=3))
    await start(app)
    await until(lambda: len(app.done) == 3)
    await asyncio.sleep(0.2)
    assert telegram.confirmed == 6
    app.held[6].set()
    await until(lambda: telegram.confirmed == 21)
    assert sorted(app.seen) == [5, 6, 7, 20]


async def test_one_hung_person_does_not_delay_others(telegram: Telegram, app: Person, start: Start):
    app.hold(1)
    telegram.send(message(1, person=1))
    await start(app)
    await until(lambda: app.seen == [1])
    await asyncio.sleep(0.3)
    calls = len(telegram.of("getUpdates"))
    for n in range(2, 12):
        sent = time.monotonic()
        telegram.send(message(n, person=2))
        await until(partial(app.has_done, n))
        assert time.monotonic() - sent < 1
    assert calls < 40, "polls in a busy loop while one update is unfinished"


async def test_updates_out_of_order_and_gaps(telegram: Telegram, app: Person, start: Start):
    telegram.send(message(900), message(30), message(31), message(500))
    await start(app)
    await until(lambda: telegram.confirmed == 901)
    assert app.done == [30, 31, 500, 900]


@pytest.mark.parametrize(
    "bad", ["text", None, 7, [], {}, {"update_id": "8"}, {"update_id": True}, {"message": {}}]
)
async def test_a_bad_update_never_stops_the_others(
    telegram: Telegram, app: Person, start: Start, bad: object
):
    telegram.send(message(1), bad, message(2, person=2))
    await start(app)
    await until(lambda: telegram.confirmed == 3)
    assert sorted(app.done) == [1, 2]
    calls = len(telegram.calls)
    await asyncio.sleep(0.3)
    assert len(telegram.calls) - calls < 20, "a bad update that comes again makes a busy loop"


async def test_updates_of_unknown_shape_are_the_applications_affair(
    telegram: Telegram, app: Person, start: Start
):
    telegram.send({"update_id": 1, "message": "?"}, {"update_id": 2}, {"update_id": 3, "poll": {"id": "x"}})
    await start(app)
    await until(lambda: telegram.confirmed == 4)
    assert sorted(app.done) == [1, 2, 3]


@pytest.mark.parametrize(
    "trouble",
    [
        failing(500, {"description": "Internal Server Error"}),
        failing(502, "<html>Bad Gateway</html>"),
        failing(404, "<html>not found by some proxy</html>"),
        failing(200, ""),
        failing(200, "{broken"),
        failing(200, "[" * 100_000),
        failing(200, '{"ok": true, "result": {"not": "a list"}}'),
        failing(409, {"description": "Conflict: terminated by other getUpdates request"}),
        resetting,
    ],
    ids=["500", "502-html", "404-html", "empty", "broken", "deep", "no-list", "409", "reset"],
)
async def test_trouble_with_telegram_is_waited_out(
    telegram: Telegram, app: Person, start: Start, trouble: Script
):
    telegram.script = [trouble, trouble, trouble]
    telegram.send(message(1))
    await start(app)
    await until(lambda: telegram.confirmed == 2)
    assert app.done == [1]


async def test_retry_after_is_obeyed(telegram: Telegram, app: Person, start: Start):
    telegram.script = [
        failing(200, '{"ok": true, "result": true}'),
        failing(429, {"description": "x"}, retry_after=1),
    ]
    telegram.send(message(1))
    await start(app)
    await until(lambda: len(telegram.of("getUpdates")) == 1)
    await asyncio.sleep(0.8)
    assert len(telegram.of("getUpdates")) == 1
    await until(lambda: app.done == [1])


@pytest.mark.parametrize("status", [401, 404])
async def test_a_refused_token_ends_it(telegram: Telegram, api: BotApi, app: Person, status: int):
    telegram.script = [
        failing(200, '{"ok": true, "result": true}'),
        failing(status, {"description": "Unauthorized"}),
    ]
    polling = Polling(api, app, allowed_updates=[], poll=1)
    with pytest.raises(TokenRefused, match=str(status)) as refused:
        await polling.run()
    assert "unit-tests-only" not in str(refused.value)


async def test_busy_is_asked_again_before_the_persons_next(telegram: Telegram, app: Person, start: Start):
    app.answers[1] = [Handled.BUSY, Handled.UNAVAILABLE, Handled.BUSY]
    telegram.send(message(1), message(2), message(3, person=2))
    await start(app)
    await until(lambda: telegram.confirmed == 4)
    assert [one for one in app.seen if one != 3] == [1, 1, 1, 1, 2]
    assert app.done == [3, 1, 2]


async def test_nothing_is_confirmed_while_redis_is_away(telegram: Telegram, app: Person, start: Start):
    app.answers = {1: [Handled.UNAVAILABLE] * 4, 2: [Handled.UNAVAILABLE] * 4}
    telegram.send(message(1), message(2, person=2))
    await start(app)
    await until(lambda: app.seen.count(1) >= 3)
    assert telegram.confirmed == 0
    await until(lambda: telegram.confirmed == 3)


async def test_stop_finishes_what_runs_and_confirms_it(telegram: Telegram, app: Person, start: Start):
    app.hold(1)
    telegram.send(message(1), message(2))
    polling = await start(app)
    await until(lambda: app.seen == [1])
    stopping = asyncio.create_task(polling.stop(5))
    await asyncio.sleep(0.05)
    assert not stopping.done()
    assert telegram.confirmed == 0
    app.held[1].set()
    assert await stopping is True
    assert app.seen == [1], "began another update although it was stopping"
    assert telegram.calls[-1][1] == {"offset": 2, "limit": 1, "timeout": 0, "allowed_updates": ["message"]}


async def test_stop_gives_up_after_its_limit_without_confirming(
    telegram: Telegram, app: Person, start: Start
):
    app.hold(1)
    telegram.send(message(1))
    polling = await start(app)
    await until(lambda: app.seen == [1])
    assert await polling.stop(0.05) is False
    assert telegram.confirmed == 0
    assert app.running == 0


async def test_stop_does_not_wait_for_an_update_that_waits_for_redis(
    telegram: Telegram, app: Person, start: Start
):
    app.answers[1] = [Handled.UNAVAILABLE] * 1000
    telegram.send(message(1))
    polling = await start(app)
    await until(lambda: len(app.seen) >= 4)
    before = time.monotonic()
    assert await polling.stop(5) is True
    assert time.monotonic() - before < 1
    assert telegram.confirmed == 0


async def test_a_last_confirmation_that_fails_is_no_failure(telegram: Telegram, app: Person, start: Start):
    app.hold(1)
    telegram.send(message(1))
    polling = await start(app)
    await until(lambda: app.seen == [1])
    app.held[1].set()
    telegram.script = [failing(500, {"description": "x"})] * 2
    assert await polling.stop(5) is True


async def test_killed_in_the_middle_loses_nothing(telegram: Telegram, api: BotApi, app: Person):
    """What a kill leaves behind: only finished updates are gone, the next process gets the rest."""
    app.hold(3)
    telegram.send(*(message(n, person=n) for n in range(1, 6)))
    killed = asyncio.create_task(Polling(api, app, allowed_updates=[], poll=1).run())
    await until(lambda: len(app.done) == 4)
    await asyncio.sleep(0.1)
    killed.cancel()
    await asyncio.gather(killed, return_exceptions=True)
    assert telegram.confirmed == 3
    successor = Person()
    polling = Polling(api, successor, allowed_updates=[], poll=1)
    running = asyncio.create_task(polling.run())
    await until(lambda: len(successor.done) == 3)
    assert sorted(successor.done) == [3, 4, 5]
    await polling.stop(1)
    await running


async def test_a_thousand_updates_in_one_go(telegram: Telegram, app: Person, start: Start):
    telegram.send(*(message(n, person=n % 50) for n in range(1, 1001)))
    await start(app)
    await until(lambda: telegram.confirmed == 1001, seconds=20)
    assert sorted(app.done) == list(range(1, 1001))
    assert len(app.seen) == 1000
