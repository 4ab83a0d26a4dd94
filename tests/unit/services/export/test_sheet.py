"""The process that writes: killed, slow, too large; the disk is clean afterwards and nobody waits for it."""

import asyncio
import io
import os
import signal
import tempfile
import time
from collections.abc import Awaitable, Callable, Iterator
from pathlib import Path

import pytest
from openpyxl import load_workbook

from services.children import ChildFailed
from services.export import sheet as sheets
from services.export.cells import Row
from services.export.sheet import Sheet, sweep
from services.export.writer import Layout, write_xlsx

LAYOUT = Layout("xlsx", "", "Events", ("a", "b", "c", "d"), ("text", "number", "text", "text"))


@pytest.fixture(autouse=True)
def disk(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """A folder for temporary files that nobody else uses; empty at the end."""
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    monkeypatch.setenv("TMPDIR", str(tmp_path))
    yield tmp_path
    assert list(tmp_path.iterdir()) == []


def rows(count: int, start: int = 0) -> list[Row]:
    return [[f"Іс-шара {number}", number, "x" * 40, None] for number in range(start, start + count)]


async def test_rows_become_a_file():
    async with Sheet(LAYOUT) as sheet:
        await sheet.add(rows(30))
        await sheet.add(rows(20, 30))
        content = await sheet.finish(10**7)
    assert content is not None
    (found,) = load_workbook(io.BytesIO(content)).worksheets
    assert found.max_row == 51
    assert found.cell(51, 1).value == "Іс-шара 49"


async def test_a_file_over_the_limit_is_none():
    async with Sheet(LAYOUT) as sheet:
        await sheet.add(rows(30))
        assert await sheet.finish(100) is None


async def test_a_killed_process_is_an_error_and_no_wait():
    async with Sheet(LAYOUT) as sheet:
        os.kill(sheet.child.process.pid, signal.SIGKILL)
        await sheet.child.process.wait()
        with pytest.raises(ChildFailed):
            await sheet.add(rows(10_000))


async def test_a_process_killed_before_the_end_is_an_error():
    async with Sheet(LAYOUT) as sheet:
        await sheet.add(rows(10))
        os.kill(sheet.child.process.pid, signal.SIGSTOP)
        asyncio.get_running_loop().call_later(0.2, os.kill, sheet.child.process.pid, signal.SIGKILL)
        with pytest.raises(ChildFailed):
            await sheet.finish(10**7)


async def test_a_cancelled_export_ends_its_process():
    begun = asyncio.Event()
    pids: list[int] = []

    async def forever() -> None:
        async with Sheet(LAYOUT) as sheet:
            pids.append(sheet.child.process.pid)
            begun.set()
            await asyncio.sleep(60)

    task = asyncio.create_task(forever())
    await begun.wait()
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    with pytest.raises(ProcessLookupError):
        os.kill(pids[0], 0)


async def test_a_process_whose_parent_is_gone_clears_up(disk: Path):
    sheet = Sheet(LAYOUT)
    await sheet.__aenter__()
    process, folder = sheet.child.process, sheet.folder
    assert process.stdin is not None
    assert folder is not None
    await sheet.add(rows(10))
    # As the kernel does it for a process that was killed.
    process.stdin.close()
    assert await asyncio.wait_for(process.wait(), 20) == 1
    assert not folder.exists()


def test_what_killed_processes_left_is_swept_up(disk: Path):
    old, young, other = (disk / name for name in ("tabys-export-old", "tabys-export-new", "other"))
    for folder in (old, young, other):
        folder.mkdir()
        (folder / "sheet.xlsx").write_bytes(b"x")
    os.utime(old, (0, time.time() - sheets.LEFT_AFTER - 60))
    assert sweep(time.time()) == 1
    assert sorted(one.name for one in disk.iterdir()) == ["other", "tabys-export-new"]
    for folder in (young, other):
        (folder / "sheet.xlsx").unlink()
        folder.rmdir()


async def test_the_process_gets_no_secret(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setenv("TELEGRAM_BOT_TOKEN", "42:SECRET")
    async with Sheet(LAYOUT) as sheet:
        known = await asyncio.to_thread(Path(f"/proc/{sheet.child.process.pid}/environ").read_bytes)
        assert b"SECRET" not in known


async def lag(work: Callable[[], Awaitable[None]]) -> float:
    """The longest time in seconds that the loop did not turn while ``work`` ran."""
    worst, last, ended = 0.0, time.perf_counter(), False

    async def tick() -> None:
        nonlocal worst, last
        while not ended:
            await asyncio.sleep(0)
            worst, last = max(worst, time.perf_counter() - last), time.perf_counter()

    ticking = asyncio.create_task(tick())
    await asyncio.sleep(0)
    last = time.perf_counter()
    await work()
    await asyncio.sleep(0)
    ended = True
    await ticking
    return worst


async def test_the_loop_goes_on_while_a_large_file_is_written(disk: Path):
    async def apart() -> None:
        async with Sheet(LAYOUT) as sheet:
            for start in range(0, 20_000, 100):
                await sheet.add(rows(100, start))
                await asyncio.sleep(0)
            assert await sheet.finish(10**8)

    async def here() -> None:
        path = disk / "here.xlsx"
        write_xlsx(Layout("xlsx", str(path), "t", LAYOUT.headings, LAYOUT.kinds), rows(20_000))
        path.unlink()

    assert await lag(apart) < await lag(here) / 5
