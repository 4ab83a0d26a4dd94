"""The lookups against a small backend that behaves as contract 2.14 says."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, field

import httpx
import pytest

from api.errors import NotFound
from api.lookups import Cities, Professions, Regions, Skills, with_names
from models.common import Record, Ref
from resources.queries import ListQuery

NAMES = {
    1: ("Разработчик", "Әзірлеуші"),
    2: ("Учитель", "Мұғалім"),
    3: ("Устаревшая", "Ескірген"),
    4: ("Актёр", "Актер"),
}
INACTIVE = {3}


@dataclass
class Crm:
    """The lookups' routes; ``broken`` makes them 500."""

    rows: int = len(NAMES)
    broken: bool = False
    asked: list[httpx.URL] = field(default_factory=list)
    silent: asyncio.Event | None = None

    def __call__(self, request: httpx.Request) -> httpx.Response:
        self.asked.append(request.url)
        assert "authorization" not in request.headers
        if self.broken:
            return httpx.Response(500, text="Internal Server Error")
        kind = request.url.path.rpartition("/")[2]
        rows = [row(number) for number in range(1, self.rows + 1)]
        if kind == "professions":
            return httpx.Response(200, json=rows)
        rows = [one for one in rows if one["is_active"]]
        if kind == "cities":
            rows = [one | {"region_id": number % 2} for number, one in enumerate(rows)]
        skip, limit = int(request.url.params["skip"]), int(request.url.params["limit"])
        return httpx.Response(200, json=rows[skip : skip + limit])


def row(number: int) -> dict[str, object]:
    ru, kz = NAMES.get(number, (f"Имя {number:05}", f"Ат {number:05}"))
    return {
        "id": number,
        "name_ru": ru,
        "name_kz": kz,
        "category": "IT" if number == 1 else None,
        "is_active": number not in INACTIVE,
        "created_at": "2026-11-21T10:24:11.126797",
    }


@pytest.fixture
def crm(wire):
    wire.answers = Crm()
    return wire.answers


@pytest.fixture
def professions(wire, crm, clock):
    return Professions(wire.backend, clock=clock)


async def test_q10_professions_are_paged_and_searched_by_the_bot(admin, professions, crm):
    page = await professions.page(admin, ListQuery(size=2))
    assert [one.id for one in page.items] == [4, 1]
    assert page.has_next
    assert page.total == 3
    assert page.scanned is None
    second = await professions.page(admin, ListQuery(page=2, size=2))
    assert [one.id for one in second.items] == [2]
    assert crm.asked[0].query == b""
    assert len(crm.asked) == 1


async def test_q10_inactive_professions_keep_their_names_but_are_not_picked(admin, professions):
    page = await professions.page(admin, ListQuery(search="устарев"))
    assert page.items == []
    assert (await professions.get(admin, 3)).ref == Ref(id=3, kk="Ескірген", ru="Устаревшая")
    assert (await professions.named(admin, [3]))[3].ru == "Устаревшая"


@pytest.mark.parametrize(
    ("typed", "found"),
    [("актер", [4]), ("АКТЁР", [4]), ("азирлеу", [1]), ("мугалим", [2]), ("ель", [2]), ("%", [])],
)
async def test_every_spelling_in_both_languages_is_found(admin, professions, typed, found):
    page = await professions.page(admin, ListQuery(search=typed))
    assert [one.id for one in page.items] == found


async def test_what_begins_with_the_search_comes_first(admin, professions):
    page = await professions.page(admin, ListQuery(search="а"))
    assert [one.id for one in page.items] == [4, 1, 2]


async def test_category_narrows(admin, professions):
    page = await professions.page(admin, ListQuery(filters={"category": "IT"}))
    assert [one.id for one in page.items] == [1]


async def test_cities_of_a_region(admin, wire, crm):
    cities = Cities(wire.backend)
    page = await cities.page(admin, ListQuery(filters={"region_id": "1"}))
    assert {one.region_id for one in page.items} == {1}
    assert page.total == 1


@pytest.mark.parametrize("kind", [Cities, Regions, Skills])
async def test_a_paged_lookup_is_read_to_its_end(admin, wire, crm, kind):
    crm.rows = 2105
    page = await kind(wire.backend).page(admin, ListQuery(search="имя 02105"))
    assert [one.id for one in page.items] == [2105]
    assert [(url.params["skip"], url.params["limit"]) for url in crm.asked][:3] == [
        ("0", "1000"),
        ("1000", "1000"),
        ("2000", "1000"),
    ]


async def test_a_huge_lookup_is_bounded_and_says_so(admin, wire, crm):
    crm.rows = 9000
    skills = Skills(wire.backend)
    page = await skills.page(admin, ListQuery(search="имя"))
    assert not page.complete
    assert page.scanned == 5000
    assert len(crm.asked) <= 6
    assert (await skills.named(admin, [8999])) == {8999: Ref(id=8999)}


async def test_kept_for_ten_minutes(admin, professions, crm, clock):
    await professions.page(admin, ListQuery())
    clock.now += 599
    await professions.page(admin, ListQuery())
    assert len(crm.asked) == 1
    clock.now += 1
    await professions.page(admin, ListQuery())
    assert len(crm.asked) == 2


async def test_many_names_in_one_call(admin, professions, crm):
    found = await asyncio.gather(*(professions.named(admin, [1, None, 2]) for _ in range(5)))
    assert found[0] == {
        1: Ref(id=1, kk="Әзірлеуші", ru="Разработчик"),
        2: Ref(id=2, kk="Мұғалім", ru="Учитель"),
    }
    assert len(crm.asked) == 1


async def test_no_ids_need_no_call(admin, professions, crm):
    assert await professions.named(admin, [None]) == {}
    assert crm.asked == []


async def test_a_row_made_meanwhile_is_looked_for_once(admin, professions, crm, clock):
    await professions.named(admin, [1])
    crm.rows = 5
    assert await professions.named(admin, [5]) == {5: Ref(id=5)}
    clock.now += 30
    assert (await professions.named(admin, [5]))[5].ru == "Имя 00005"
    assert (await professions.named(admin, [77])) == {77: Ref(id=77)}
    assert len(crm.asked) == 2


async def test_unknown_id_is_not_found(admin, professions):
    with pytest.raises(NotFound):
        await professions.get(admin, 99)


async def test_names_that_cannot_be_had_lose_nothing(admin, professions, crm, hurried, clock):
    crm.broken = True
    assert await professions.named(admin, [1, 2]) == {1: Ref(id=1), 2: Ref(id=2)}
    tried = len(crm.asked)
    # The next cards do not wait for it again.
    assert await professions.named(admin, [1]) == {1: Ref(id=1)}
    assert len(crm.asked) == tried
    crm.broken = False
    clock.now += 31
    assert (await professions.named(admin, [1]))[1].ru == "Разработчик"


async def test_the_last_copy_serves_while_the_backend_does_not(admin, professions, crm, clock, hurried):
    await professions.page(admin, ListQuery())
    crm.broken = True
    clock.now += 3600
    assert [one.id for one in (await professions.page(admin, ListQuery(search="учи"))).items] == [2]
    assert (await professions.named(admin, [2]))[2].ru == "Учитель"


async def test_names_do_not_wait_long_for_a_backend_that_hangs(admin, professions, monkeypatch):
    monkeypatch.setattr("api.lookups.PATIENCE", 0.05)
    await professions._asking.acquire()
    async with asyncio.timeout(2):
        assert await professions.named(admin, [1]) == {1: Ref(id=1)}


class Post(Record):
    profession_id: Ref | None = None
    city_id: Ref | None = None


async def test_records_get_their_names(admin, wire, professions, crm):
    posts = [Post(id=1, profession_id=Ref(id=1), city_id=Ref(id=2)), Post(id=2, city_id=Ref(id=99))]
    named = await with_names(admin, posts, profession_id=professions, city_id=Cities(wire.backend))
    assert named[0].profession_id == Ref(id=1, kk="Әзірлеуші", ru="Разработчик")
    assert named[0].city_id.ru == "Учитель"
    assert named[1] == Post(id=2, city_id=Ref(id=99))
    assert len(crm.asked) == 2


async def test_names_stand_in_the_order_of_the_language(wire, admin):
    rows = [
        {"id": 1, "name_ru": "Яблоко", "name_kz": "Алма", "is_active": True},
        {"id": 2, "name_ru": "Арбуз", "name_kz": "Қарбыз", "is_active": True},
    ]
    wire.says(httpx.Response(200, json=rows))
    cities = Cities(wire.backend)
    orders = {
        language: [row.id for row in (await cities.page(admin, ListQuery(language=language))).items]
        for language in ("kk", "ru", "")
    }
    assert orders == {"kk": [1, 2], "ru": [2, 1], "": [2, 1]}
