"""The seeded CRM as files: copying them takes a fraction of the seeding, so that each test has a CRM of its own."""

from __future__ import annotations

import asyncio
import atexit
import shutil
import tempfile
from functools import cache
from pathlib import Path

from sandbox.crm import CrmServer


def seeded_crm(folder: Path) -> CrmServer:
    """A CRM with the seed's records, its files in ``folder``; not started yet. Must not be called first inside an
    event loop: ``seed`` before."""
    # A test may have two of them in one folder.
    home = shutil.copytree(seed(), Path(tempfile.mkdtemp(prefix="crm-", dir=folder)), dirs_exist_ok=True)
    return CrmServer(home / "crm.db", uploads=home / "uploads")


@cache
def seed() -> Path:
    """The folder with the seeded database and its files; made once in a process, gone with it."""
    home = Path(tempfile.mkdtemp(prefix="tabys-seed-"))
    atexit.register(shutil.rmtree, home, ignore_errors=True)

    async def fill() -> None:
        async with CrmServer(home / "crm.db", uploads=home / "uploads"):
            pass

    asyncio.run(fill())
    return home
