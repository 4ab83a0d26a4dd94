"""A worker that is killed while it makes a file: another one makes it, and the person gets it once."""

from __future__ import annotations

import io
from pathlib import Path

from openpyxl import load_workbook

from tests.support.stage import Stage, packed, press, shows, until

LEASE = 15.0


def documents(person) -> list:
    return [message for message in person.bot_messages if message.document]


def rows(stage: Stage, message) -> int:
    stored = stage.telegram.state.files.by_id(message.document["file_id"])
    return load_workbook(io.BytesIO(stored.data)).worksheets[0].max_row - 1


async def ordered(stage: Stage, person) -> None:
    """An export that is being read, slowly."""
    await person.press(packed("ex"), person.last.id, timeout=10, settle=True)
    stage.crm.faults.add("delay", "/events/admin/list", delay=3.0)
    stage.crm.clear_requests()
    await press(person, "xn")
    assert shows(person, "xs")
    await until(lambda: stage.crm.requests_to("/events/admin/list"))


async def test_a_worker_killed_in_the_middle_leaves_it_to_the_next_which_sends_one_file(
    polled: Stage, tmp_path: Path
):
    disk = tmp_path / "disk"
    disk.mkdir()
    async with polled.bot(0, TMPDIR=str(disk)) as bot:
        ann = await polled.signed_in("administrator")
        await ordered(polled, ann)
        assert list(disk.iterdir())
        await bot.kill()
    polled.crm.faults.clear()
    # What it wrote goes with it.
    await until(lambda: not list(disk.iterdir()))
    async with polled.bot(0):
        await until(lambda: documents(ann), LEASE + 25)
        await ann.settle(10)
        await until(lambda: not shows(ann, "xs"))
    (file,) = documents(ann)
    assert rows(polled, file) == len(polled.crm.events())


async def test_the_other_replica_goes_on_and_one_file_comes(pair: Stage):
    async with pair.bot(0) as first, pair.bot(1) as second:
        await pair.registered()
        ann = await pair.signed_in("administrator")
        await ordered(pair, ann)
        holder = first if _holds(first) else second
        await holder.kill()
        pair.crm.faults.clear()
        await until(lambda: documents(ann), LEASE + 25)
        await ann.settle(10)
    (file,) = documents(ann)
    assert rows(pair, file) == len(pair.crm.events())


def _holds(replica) -> bool:
    """True when the process that writes the sheet is a child of that replica."""
    children = Path(f"/proc/{replica.pid}/task/{replica.pid}/children").read_text().split()
    return any(b"services.export.writer" in Path(f"/proc/{one}/cmdline").read_bytes() for one in children)
