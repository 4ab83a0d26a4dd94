"""The demo as a process, a real browser, and pictures for the documentation where they are asked for."""

from __future__ import annotations

import io
import os
import queue
import re
import shutil
import signal
import subprocess
import sys
import threading
import time
from collections.abc import AsyncIterator, Iterator
from dataclasses import dataclass, field
from pathlib import Path

import pytest
from PIL import Image
from playwright.async_api import Browser, Page, async_playwright

from locales.catalogue import Texts, load
from tests.support.bots import environment

ROOT = Path(__file__).parents[2]
PICTURES = ROOT / "docs" / "img"
LARGEST = 250_000
"""Bytes a picture of the documentation may take."""
START_WITHIN = 40.0
STOP_WITHIN = 10.0
ARGUMENTS = [
    "--headless=new", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run",
    "--disable-background-networking", "--disable-component-update", "--disable-sync",
]  # fmt: skip


@pytest.fixture(scope="session")
def chromium() -> str:
    """The path of a browser. Without one its tests are skipped; where CI=true they fail."""
    names = ("chromium", "chromium-browser", "google-chrome")
    found = next(filter(None, map(shutil.which, names)), None)
    if found is None:
        message = "no browser found (chromium, chromium-browser, google-chrome): the demo was NOT driven"
        if os.environ.get("CI") == "true":
            pytest.fail(message)
        pytest.skip(f"*** {message} ***")
    return found


@dataclass
class Demo:
    """``main.py demo``; ``started`` is when it was launched, on the monotonic clock."""

    process: subprocess.Popen[str]
    started: float
    url: str = ""
    output: list[str] = field(default_factory=list)

    def stop(self) -> int | None:
        """The exit code after a Ctrl-C; None when it did not end in time."""
        self.process.send_signal(signal.SIGINT)
        try:
            return self.process.wait(STOP_WITHIN)
        except subprocess.TimeoutExpired:
            return None


@pytest.fixture(scope="module")
def demo(chromium: str) -> Iterator[Demo]:
    """The demo of this file's tests, ended hard if no test has stopped it."""
    started = time.monotonic()
    process = subprocess.Popen(
        [sys.executable, str(ROOT / "main.py"), "demo", "--port", "0"],
        env=environment({}),
        cwd=ROOT,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )
    running = Demo(process, started)
    urls: queue.Queue[str] = queue.Queue()
    reader = threading.Thread(target=_read, args=(running, urls), daemon=True)
    reader.start()
    try:
        try:
            running.url = urls.get(timeout=START_WITHIN)
        except queue.Empty:
            pytest.fail("the demo printed no address:\n" + "".join(running.output))
        yield running
    finally:
        if process.poll() is None:
            running.stop()
        if process.poll() is None:
            process.kill()
            process.wait()
        reader.join(5)


def _read(demo: Demo, urls: queue.Queue[str]) -> None:
    stream = demo.process.stdout
    assert stream is not None
    with stream:
        for line in stream:
            demo.output.append(line)
            if found := re.search(r"demo: (http://\S+)", line):
                urls.put(found[1])


@pytest.fixture(scope="session")
def texts() -> dict[str, Texts]:
    """What the bot says, by language."""
    return load(ROOT / "locales")


@pytest.fixture
async def browser(chromium: str) -> AsyncIterator[Browser]:
    """A fresh browser."""
    async with async_playwright() as playwright:
        opened = await playwright.chromium.launch(executable_path=chromium, args=ARGUMENTS)
        yield opened
        await opened.close()


async def picture(page: Page, name: str) -> None:
    """Leaves ``docs/img/<name>.png``, but only where SCREENSHOTS is set: a test run changes no file."""
    if not os.environ.get("SCREENSHOTS"):
        return
    # Pictures inside the frames must be decoded and the last bubble must have stopped moving.
    await page.wait_for_timeout(700)
    shot = Image.open(io.BytesIO(await page.screenshot())).convert("RGB")
    path = PICTURES / f"{name}.png"
    # Of the ways to a palette this one keeps rare colours (a red button) and smooth grounds.
    shot.quantize(256, Image.Quantize.MAXCOVERAGE, kmeans=4, dither=Image.Dither.NONE).save(
        path, optimize=True
    )
    assert path.stat().st_size < LARGEST, path.name
