"""The audit tells what was done, never a secret."""

from __future__ import annotations

from dataclasses import replace

import pytest
from redis.asyncio import Redis

from models.common import Upload
from services.audit import MAX_VALUE, Audit, AuditEntry
from services.keys import AuditKey

ENTRY = AuditEntry(
    1_800_000_000.5,
    7,
    101,
    "Ада",
    "administrator",
    "edit",
    "events",
    42,
    {"title": "A"},
    {"title": "B"},
    "done",
    9,
)


@pytest.fixture
def audit(redis: Redis) -> Audit:
    return Audit(redis)


async def test_pages_come_newest_first_without_gap_or_overlap(audit: Audit) -> None:
    for number in range(5):
        await audit.add(replace(ENTRY, record_id=number))
    first = await audit.page(size=2)
    second = await audit.page(first.older, size=2)
    third = await audit.page(second.older, size=2)
    assert [one.record_id for page in (first, second, third) for one in page.entries] == [4, 3, 2, 1, 0]
    assert third.older is None


async def test_an_entry_comes_back_whole(audit: Audit) -> None:
    await audit.add(ENTRY)
    assert (await audit.page()).entries == [ENTRY]


async def test_secrets_and_long_values_stay_out(redis: Redis, audit: Audit) -> None:
    hidden = {
        "password": "p1",
        "otp_token": "ABCD2345",
        "api": {"access_token": "jwt"},
        "rows": [{"Secret": "s"}],
    }
    await audit.add(replace(ENTRY, before=hidden, after={"description": "ә" * 5000}))
    raw = str(await redis.xrange(AuditKey.name))
    assert not any(secret in raw for secret in ("p1", "ABCD2345", "jwt", "'s'"))
    assert len((await audit.page()).entries[0].after["description"]) == MAX_VALUE


async def test_an_empty_audit_has_one_empty_page(audit: Audit) -> None:
    assert (await audit.page()).entries == []


async def test_the_stream_is_bounded(redis: Redis, audit: Audit, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(AuditKey, "LENGTH", 100)
    for _ in range(400):
        await audit.add(ENTRY)
    assert await redis.xlen(AuditKey.name) < 300


async def test_a_picture_is_noted_without_its_content(redis: Redis, audit: Audit) -> None:
    photo = Upload(b"\x89PNG" + b"\0" * 100_000, "photo.png", "image/png")
    await audit.add(replace(ENTRY, after={"photo_url": photo}))
    assert len(str(await redis.xrange(AuditKey.name))) < 1000
    kept = (await audit.page()).entries[0].after["photo_url"]
    assert (kept["name"], kept["content"]) == ("photo.png", "100004 bytes")
