"""Every module with some hundred and with 100,000 records: what opening, paging and searching cost the bot.

The stand-in's own rows are multiplied, long texts shortened; its database is not what is measured.
``python -m benchmarks.modules PORT DATABASE`` is the stand-in in a process of its own.
"""

from __future__ import annotations

import asyncio
import sqlite3
import subprocess
import sys
import tempfile
import time
from collections.abc import Awaitable, Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from api.client import Backend
from api.errors import BackendError
from benchmarks.processes import free_port
from handlers.modules import RESOURCES
from models.access import Principal, Role
from resources.queries import ListQuery
from resources.resource import Resource
from sandbox.crm import CrmServer

MANY = 100_000
TIMES = 10
SEEDED_AT_LEAST = 100
"""Rows of a table that is content rather than a lookup."""
SHORT = 200
SCREENS: tuple[tuple[str, ListQuery], ...] = (
    ("open", ListQuery()),
    ("page 12", ListQuery(12)),
    ("search", ListQuery(search="ма")),
)


@dataclass(frozen=True)
class Cost:
    """What one screen costs the bot: backend calls, CPU ms, and how many rows it shows."""

    calls: float
    cpu_ms: float
    rows: int


@dataclass(frozen=True)
class Measured:
    """One screen of one module, with the stand-in's own records and with many; None where it could not be shown."""

    module: str
    screen: str
    few: Cost | None
    many: Cost | None


class _Admin:
    """An administrator whose token never lapses."""

    principal = Principal(1, 2, Role.ADMINISTRATOR, "bench")

    def __init__(self, token: str) -> None:
        self.token = token

    async def renew(self, spent: str) -> str:
        """The same token."""
        return self.token


async def measure() -> list[Measured]:
    """All modules that stand alone, one after the other."""
    with tempfile.TemporaryDirectory() as folder:
        database = Path(folder) / "crm.db"
        with _standing_in(database) as (url, token):
            few = await _screens(url, token)
        _multiply(database)
        with _standing_in(database) as (url, token):
            many = await _screens(url, token)
    return [Measured(*name, few[name], many[name]) for name in few]


async def _screens(url: str, token: str) -> dict[tuple[str, str], Cost | None]:
    admin = _Admin(token)
    return {
        (resource.key, name): await _cost(url, resource, admin, query)
        for resource in RESOURCES
        if not resource.parent
        for name, query in SCREENS
        if resource.list.search or not query.search
    }


async def _cost(url: str, resource: Resource[Any], admin: _Admin, query: ListQuery) -> Cost | None:
    calls = 0

    def count(*_call: object) -> None:
        nonlocal calls
        calls += 1

    backend = Backend(url, observe=count, timeout=120)
    source = resource.source(backend, timezone=ZoneInfo("Asia/Almaty"))
    read: Callable[[], Awaitable[Any]] = lambda: source.page(admin, query)  # noqa: E731
    try:
        page = await read()
        calls, began = 0, time.process_time()
        for _ in range(TIMES):
            page = await read()
        return Cost(calls / TIMES, (time.process_time() - began) * 1000 / TIMES, len(page.items))
    except BackendError as error:
        sys.stderr.write(f"... {resource.key}: {error}\n")
        return None
    finally:
        await backend.aclose()


@contextmanager
def _standing_in(database: Path) -> Iterator[tuple[str, str]]:
    """Address and an administrator's token of the stand-in, in a process of its own."""
    port = free_port()
    command = [sys.executable, "-m", "benchmarks.modules", str(port), str(database)]
    process = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)
    try:
        token = process.stdout.readline().strip() if process.stdout else ""
        yield f"http://127.0.0.1:{port}", token
    finally:
        process.terminate()
        process.wait(20)


def _multiply(database: Path) -> None:
    """Every table that stands alone with ``MANY`` rows: copies of its own, in the same states, texts shortened."""
    with sqlite3.connect(database) as connection:
        names = [row[0] for row in connection.execute("SELECT name FROM sqlite_master WHERE type = 'table'")]
        for table in names:
            columns = {row[1]: row[2] for row in connection.execute(f'PRAGMA table_info("{table}")')}
            count = connection.execute(f'SELECT count(*) FROM "{table}"').fetchone()[0]
            owned = connection.execute(f'PRAGMA foreign_key_list("{table}")').fetchall()
            if count < SEEDED_AT_LEAST or "id" not in columns or owned:
                continue
            kept = [name for name in columns if name != "id"]
            copied = ", ".join(
                f'substr("{name}", 1, {SHORT})' if columns[name] in ("VARCHAR", "TEXT") else f'"{name}"'
                for name in kept
            )
            listed = ", ".join(f'"{name}"' for name in kept)
            for _ in range(-(-MANY // count) - 1):
                connection.execute(
                    f'INSERT OR IGNORE INTO "{table}" ({listed}) SELECT {copied} FROM "{table}" '
                    f"WHERE id <= {count} LIMIT {MANY}"
                )


async def _serve(port: int, database: str) -> None:
    async with CrmServer(database, port=port) as crm:
        print(crm.token("administrator"), flush=True)
        await asyncio.Event().wait()


if __name__ == "__main__":
    asyncio.run(_serve(int(sys.argv[1]), sys.argv[2]))
