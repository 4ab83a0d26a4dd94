"""The audit as a list: pages without gap or overlap, narrowed, searched."""

from __future__ import annotations

import json
import time
from dataclasses import asdict, replace
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from redis.asyncio import Redis

from api.errors import NotFound
from models.access import Principal, Role
from resources.queries import ListQuery
from services import trail as trails
from services.audit import Audit, AuditEntry
from services.keys import AuditKey
from services.trail import Trail

ENTRY = AuditEntry(1_800_000_000.5, 7, 101, "Ёлкин", "administrator", "edit", "events", 42)
MODULES = {"events": "events", "sessions": "sessions"}


class Boss:
    principal = Principal(1, 1, Role.SUPER_ADMIN)
    token = "x"

    async def renew(self, spent: str) -> str:
        return self.token


@pytest.fixture
def trail(redis: Redis) -> Trail:
    found = Trail(timezone=ZoneInfo("UTC"))
    found.attach(Audit(redis), MODULES)
    return found


async def test_pages_go_on_where_they_ended_while_others_write(redis: Redis, trail: Trail) -> None:
    audit = Audit(redis)
    await audit.add(*(replace(ENTRY, record_id=number) for number in range(20)))
    seen = []
    query = ListQuery(size=7)
    while True:
        page = await trail.page(Boss(), query)
        seen += [one.record_id for one in page.items]
        await audit.add(replace(ENTRY, record_id=100))
        if not page.has_next:
            break
        query = query.at(query.page + 1)
    assert seen == list(range(19, -1, -1))


async def test_a_page_out_of_the_blue_is_counted_from_the_newest(redis: Redis, trail: Trail) -> None:
    await Audit(redis).add(*(replace(ENTRY, record_id=number) for number in range(20)))
    page = await trail.page(Boss(), ListQuery(page=3, size=7))
    assert ([one.record_id for one in page.items], page.total) == ([5, 4, 3, 2, 1, 0], 20)
    narrowed = await trail.page(Boss(), ListQuery(page=2, size=7, filters={"op": "edit"}))
    assert [one.record_id for one in narrowed.items] == list(range(12, 5, -1))


async def test_each_filter(redis: Redis, trail: Trail) -> None:
    await Audit(redis).add(
        replace(ENTRY, record_id=1),
        replace(ENTRY, record_id=2, admin_id=8),
        replace(ENTRY, record_id=3, resource="sessions", op="deed revoke"),
        replace(ENTRY, record_id=4, outcome="refused"),
        replace(ENTRY, record_id=5, op="look_as", resource=""),
    )

    async def found(**filters: str) -> list[int | None]:
        return [one.record_id for one in (await trail.page(Boss(), ListQuery(filters=filters))).items]

    assert await found(person="8") == [2]
    assert await found(module="sessions") == [3]
    assert await found(op="deed") == [3]
    assert await found(op="other") == [5]
    assert await found(outcome="refused") == [4]
    assert await found(person="7", op="edit", outcome="done") == [1]
    assert len(await found(day="today")) == 5
    assert await found(day="yesterday") == []


async def test_days_are_those_of_the_reader(redis: Redis, trail: Trail) -> None:
    noon = datetime.now(UTC).replace(hour=12, minute=0, second=0, microsecond=0)
    for ago in (2, 1):
        moment = noon - timedelta(days=ago)
        entry = json.dumps({**asdict(ENTRY), "record_id": ago})
        await redis.xadd(AuditKey.name, {"entry": entry}, id=f"{int(moment.timestamp() * 1000)}-0")

    async def found(text: str, zone: str) -> list[int | None]:
        query = ListQuery(search=text, zone=ZoneInfo(zone))
        return [one.record_id for one in (await trail.page(Boss(), query)).items]

    day = noon - timedelta(days=1)
    assert await found(f"{day:%d.%m.%Y}", "UTC") == [1]
    assert await found(f"{day:%Y-%m-%d}", "UTC") == [1]
    assert await found(f"{day:%d.%m}", "UTC") == [1]
    assert await found(f"{day + timedelta(days=1):%d.%m.%Y}", "Pacific/Kiritimati") == [1], "UTC+14"
    assert await found("31.02.2026", "UTC") == []


async def test_search_by_name_in_any_spelling_and_by_number(redis: Redis, trail: Trail) -> None:
    await Audit(redis).add(ENTRY, replace(ENTRY, name="Ада", record_id=7))
    for text, wanted in (("елкин", [42]), ("#7", [7]), ("42", [42]), ("nobody", [])):
        page = await trail.page(Boss(), ListQuery(search=text))
        assert [one.record_id for one in page.items] == wanted, text


async def test_a_narrowed_page_ends_somewhere_and_says_so(
    redis: Redis, trail: Trail, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(trails, "LOOKED_THROUGH", 10)
    await Audit(redis).add(*(replace(ENTRY, record_id=number) for number in range(12)))
    page = await trail.page(Boss(), ListQuery(search="#0"))
    assert (list(page.items), page.scanned, page.complete) == ([], 10, False)


async def test_an_entry_is_opened_by_its_number(redis: Redis, trail: Trail) -> None:
    await Audit(redis).add(ENTRY, replace(ENTRY, record_id=43))
    listed = (await trail.page(Boss(), ListQuery())).items
    assert [(await trail.get(Boss(), one.id)).record_id for one in listed] == [43, 42]
    assert listed[0].number == 2
    with pytest.raises(NotFound):
        await trail.get(Boss(), int(time.time()) * 10**6)
