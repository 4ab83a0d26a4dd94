"""The processes of a run: redis-server, the backend's stand-in, the bot or the floor build."""

from __future__ import annotations

import asyncio
import json
import os
import shutil
import socket
import subprocess
import sys
import tempfile
import time
import urllib.request
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, BinaryIO

import psutil
import redis

ROOT = Path(__file__).parent.parent
TOKEN = "4200:BENCHMARK-TOKEN"


def free_port() -> int:
    """A port that nobody listens on."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@contextmanager
def running(*command: str, env: dict[str, str] | None = None) -> Iterator[subprocess.Popen[bytes]]:
    """The process as long as this is entered; its lines go to ``build/bench.log``."""
    with _log() as log:
        process = subprocess.Popen(
            command, cwd=ROOT, env={**os.environ, **(env or {})}, stdout=log, stderr=log
        )
    try:
        yield process
    finally:
        process.terminate()
        _reap(process)


def _log() -> BinaryIO:
    (ROOT / "build").mkdir(exist_ok=True)
    return (ROOT / "build" / "bench.log").open("ab")


def _reap(process: subprocess.Popen[bytes]) -> None:
    try:
        process.wait(30)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()


def await_port(port: int, seconds: float = 15.0) -> None:
    """Returns once something listens; raises ``TimeoutError``."""
    ends = time.monotonic() + seconds
    while time.monotonic() < ends:
        try:
            socket.create_connection(("127.0.0.1", port), 0.2).close()
            return
        except OSError:
            time.sleep(0.02)
    raise TimeoutError(f"nothing listens on {port}")


@dataclass(frozen=True)
class Store:
    """A redis-server of our own, counted from its own statistics."""

    port: int

    @property
    def url(self) -> str:
        """Its address."""
        return f"redis://127.0.0.1:{self.port}/0"

    def flush(self) -> None:
        """Empties it."""
        with redis.Redis(port=self.port) as client:
            client.flushall()

    def figures(self) -> dict[str, int]:
        """``reads``: requests read from sockets, so a pipeline is one; the rest: calls by command."""
        with redis.Redis(port=self.port) as client:
            stats: Any = client.info("stats")
            commands: Any = client.info("commandstats")
        found = {name.removeprefix("cmdstat_"): int(value["calls"]) for name, value in commands.items()}
        return {**found, "reads": int(stats["total_reads_processed"])}


@contextmanager
def redis_server() -> Iterator[Store]:
    """A redis-server on a free port, nothing kept on disk."""
    binary = shutil.which("redis-server")
    if binary is None:
        raise SystemExit("redis-server is not installed")
    port = free_port()
    with tempfile.TemporaryDirectory() as folder:
        options = ("--bind", "127.0.0.1", "--save", "", "--appendonly", "no", "--dir", folder)
        with running(binary, "--port", str(port), *options):
            await_port(port)
            yield Store(port)


@contextmanager
def backend(records: int = 1000, *, photo: bool = False) -> Iterator[str]:
    """The address of a backend's stand-in."""
    port = free_port()
    flags = ["photo"] if photo else []
    with running(sys.executable, "-m", "benchmarks.backend", str(port), str(records), *flags):
        await_port(port)
        yield f"http://127.0.0.1:{port}"


def backend_counts(url: str) -> dict[str, int]:
    """Calls so far, by operation."""
    with urllib.request.urlopen(f"{url}/_counts") as answer:
        found: dict[str, int] = json.load(answer)
        return found


class Bot:
    """A running bot process and what it has used."""

    def __init__(self, process: subprocess.Popen[bytes], port: int) -> None:
        self.port = port
        self._process = psutil.Process(process.pid)

    def cpu(self) -> float:
        """Seconds of CPU so far, user and system."""
        times = self._process.cpu_times()
        return float(times.user + times.system)

    def signal(self, number: int) -> None:
        """Sends a signal."""
        self._process.send_signal(number)

    def rss(self) -> float:
        """Resident MB."""
        return float(self._process.memory_info().rss / 2**20)


@asynccontextmanager
async def bot(
    telegram: str, backend: str, store: Store, *, webhook: bool, floor: int = 0, profile: str = ""
) -> AsyncIterator[Bot]:
    """The bot (``main.py run``), the floor build with that many buttons, or the bot under the profiler."""
    port = free_port()
    env = {
        "TELEGRAM_BOT_TOKEN": TOKEN, "TELEGRAM_API_URL": telegram, "TABYS_API_URL": backend,
        "REDIS_URL": store.url, "OPS_PORT": "0", "HTTP_HOST": "127.0.0.1", "HTTP_PORT": str(port),
        "ADMIN_RATE_LIMIT": "60000/min", "GENERAL_RATE_LIMIT": "60000/min",
        "FLOOR_BUTTONS": str(floor), "PROFILE_TO": profile,
    }  # fmt: skip
    if webhook:
        url = f"http://127.0.0.1:{port}/hook"
        env |= {"TELEGRAM_WEBHOOK_URL": url, "TELEGRAM_WEBHOOK_SECRET": "bench-secret"}
    command = ["-m", "benchmarks.floor"] if floor else ["main.py", "run"]
    if profile:
        command = ["-m", "benchmarks.profile", "inside"]
    with _log() as log:
        process = subprocess.Popen(  # noqa: ASYNC220 - takes a millisecond, and psutil wants the pid
            [sys.executable, *command], cwd=ROOT, env={**os.environ, **env}, stdout=log, stderr=log
        )
    try:
        yield Bot(process, port)
    finally:
        process.terminate()
        # In a thread: the bot drains against the stand-in, which lives in this event loop.
        await asyncio.to_thread(_reap, process)


async def until_listening(port: int) -> None:
    """Waits for a webhook's port while the event loop goes on: the stand-in answers the bot meanwhile."""
    await asyncio.to_thread(await_port, port)
