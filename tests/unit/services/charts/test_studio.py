"""Having charts drawn: once for all who ask, and without anybody waiting for a process that dies or hangs."""

from __future__ import annotations

import asyncio
import tempfile
from pathlib import Path

import pytest
from redis.asyncio import Redis

from api.errors import BadAnswer
from services import children
from services.charts import studio as module
from services.charts.chart import Chart, Share, Shares
from services.charts.studio import PNG, State, Studio
from services.pictures import PictureKey, PictureShelf

CHART = Chart("Модерация", shares=Shares("Күтуде", (Share("Курстар", 3, "3"),)))
OTHER = Chart("Жаңалықтар")
DRAWER = """
import json, sys, time
from pathlib import Path
chart = json.loads(sys.stdin.readline())
with Path(__file__).with_name("drawn").open("a") as drawn:
    drawn.write(chart["title"] + "\\n")
Path(__file__).with_name("begun").touch()
{then}
sys.stdout.buffer.write(b"\\x89PNG\\r\\n\\x1a\\n" + chart["title"].encode())
"""
DIES, HANGS, SAYS_NONSENSE = "sys.exit(1)", "time.sleep(60)", "print('no picture'); sys.exit(0)"


async def nowhere(url: str) -> bytes:
    raise BadAnswer(url)


class Room:
    """A studio whose drawing process does what a test wants."""

    def __init__(self, folder: Path, redis: Redis) -> None:
        self.folder = folder
        self.shelf = PictureShelf(redis, nowhere, nowhere, "http://crm.test")
        self.studio = Studio(self.shelf)
        self.draws("")

    def draws(self, then: str) -> None:
        (self.folder / "drawing.py").write_text(DRAWER.replace("{then}", then), encoding="utf-8")

    @property
    def drawn(self) -> list[str]:
        path = self.folder / "drawn"
        return path.read_text(encoding="utf-8").splitlines() if path.exists() else []


@pytest.fixture
async def room(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, redis: Redis):
    (tmp_path / "tmp").mkdir()
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path / "tmp"))
    monkeypatch.setattr(children, "ROOT", tmp_path)
    monkeypatch.setattr(module, "DRAWER", "drawing")
    made = Room(tmp_path, redis)
    yield made
    await made.studio.close()
    assert list((tmp_path / "tmp").iterdir()) == []


async def test_a_chart_is_drawn_once_and_can_be_shown(room: Room):
    found = await asyncio.gather(*(room.studio.prepared(CHART, 20) for _ in range(5)))
    assert found == [State.READY] * 5
    assert await room.studio.prepared(CHART, 20) is State.READY
    assert room.drawn == [CHART.title]
    picture = await room.shelf.find(CHART.address)
    assert picture is not None
    assert picture.content == PNG + CHART.title.encode()


async def test_what_telegram_has_is_not_drawn_again_by_any_process(room: Room, redis: Redis):
    await redis.set(PictureKey(CHART.address).name, "file-1")
    assert await room.studio.prepared(CHART, 20) is State.READY
    assert room.drawn == []
    picture = await room.shelf.find(CHART.address)
    assert picture is not None
    assert picture.file_id == "file-1"


async def test_what_telegram_no_longer_takes_is_drawn_again(room: Room):
    await room.shelf.remember(CHART.address, "file-1")
    await room.shelf.forget(CHART.address)
    assert await room.studio.prepared(CHART, 20) is State.READY
    assert room.drawn == [CHART.title]


@pytest.mark.parametrize("then", [DIES, SAYS_NONSENSE])
async def test_a_process_that_fails_is_left_alone_for_a_while(
    room: Room, then: str, monkeypatch: pytest.MonkeyPatch
):
    room.draws(then)
    assert await room.studio.prepared(CHART, 20) is State.FAILED
    assert await room.studio.prepared(CHART, 20) is State.FAILED
    assert room.drawn == [CHART.title]
    assert await room.shelf.find(CHART.address) is None
    room.draws("")
    assert await room.studio.prepared(OTHER, 20) is State.READY
    room.studio._failed.clear()
    assert await room.studio.prepared(CHART, 20) is State.READY
    assert await room.shelf.find(CHART.address) is not None


async def test_a_slow_process_is_not_waited_for(room: Room):
    room.draws("time.sleep(1.5)")
    assert await room.studio.prepared(CHART, 0.2) is State.LATE
    assert await room.studio.prepared(CHART, 20) is State.READY
    assert room.drawn == [CHART.title]


async def test_a_process_that_hangs_is_killed(room: Room, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(module, "DRAW_WITHIN", 1.0)
    room.draws(HANGS)
    assert await room.studio.prepared(CHART, 20) is State.FAILED


async def test_only_so_many_wait_for_their_turn(room: Room, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(module, "WAITING", 1)
    room.draws(HANGS)
    assert await room.studio.prepared(CHART, 0.1) is State.LATE
    assert await room.studio.prepared(OTHER, 20) is State.LATE
    assert OTHER.address not in room.studio._running


async def test_closing_ends_what_is_being_drawn(room: Room):
    room.draws(HANGS)
    assert await room.studio.prepared(CHART, 0.1) is State.LATE
    async with asyncio.timeout(10):
        await room.studio.close()
    assert room.studio._running == {}


async def test_what_is_to_follow_a_late_chart_follows_it_once(room: Room):
    room.draws("time.sleep(0.5)")
    done: list[str] = []

    async def act() -> None:
        done.append("acted")

    assert await room.studio.prepared(CHART, 0.0) is State.LATE
    room.studio.then(CHART, act)
    assert await room.studio.prepared(CHART, 20) is State.READY
    await asyncio.sleep(0.2)
    assert done == ["acted"]
    room.studio.then(CHART, act)
    await asyncio.sleep(0.1)
    assert done == ["acted"]


async def test_nothing_follows_a_chart_that_failed(room: Room):
    room.draws("time.sleep(0.5); sys.exit(1)")
    done: list[str] = []

    async def act() -> None:
        done.append("acted")

    assert await room.studio.prepared(CHART, 0.0) is State.LATE
    room.studio.then(CHART, act)
    assert await room.studio.prepared(CHART, 20) is State.FAILED
    await asyncio.sleep(0.2)
    assert done == []
