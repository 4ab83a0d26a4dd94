"""The news source against a small backend that behaves as contract 2.9 says."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import httpx
import pytest

from api.listing import Listing
from api.news import ADMIN, News
from models.common import ModerationStatus
from models.news import Origin, Shown
from resources.queries import ListQuery

NOW = datetime(2026, 11, 21, 20, 30, tzinfo=UTC)
BASE = datetime(2026, 11, 21, 10, 0)
STATES = (
    ("draft", "pending"), ("scheduled", "approved"), ("published", "approved"), ("draft", "rejected"),
    (None, "pending"),
)  # fmt: skip
CATEGORIES = ("Спорт", "Жастар", None)


def article(number: int, **values: object) -> dict[str, object]:
    """Article number n: created n minutes after the base, of state and category n."""
    status, verdict = STATES[number % len(STATES)]
    return {
        "id": number,
        "title": None,
        "title_kz": None if number % 4 == 0 else f"Қазақша {number}",
        "title_ru": f"Ёлка {number}",
        "content_text_kz": None,
        "category": CATEGORIES[number % len(CATEGORIES)],
        "date": (BASE + timedelta(minutes=number)).isoformat(),
        "created_at": (BASE + timedelta(minutes=number)).isoformat(),
        "moderation_status": verdict,
        "status": status,
        "publish_at": (BASE + timedelta(days=5, hours=-number)).isoformat()
        if status == "scheduled"
        else None,
        "is_admin_created": number % 2 == 0,
        "view_count": number * 7 % 50,
    } | values


@dataclass
class Crm:
    """The admin lists as the backend gives them."""

    rows: list[dict[str, object]]
    asked: list[tuple[str, dict[str, str]]] = field(default_factory=list)

    def __call__(self, request: httpx.Request) -> httpx.Response:
        path, query = request.url.path, dict(request.url.params)
        self.asked.append((path, query))
        if path == "/api/v2/news/categories":
            return httpx.Response(200, json=list(dict.fromkeys(row["category"] for row in self.rows)))
        if path == f"{ADMIN}/stats":
            return httpx.Response(200, json=self._stats())
        rows = self._listed(path.removeprefix(f"{ADMIN}/"), query)
        skip, limit = int(query.get("skip", 0)), int(query.get("limit", 50))
        assert 1 <= limit <= 100
        return httpx.Response(200, json=rows[skip : skip + limit])

    def _listed(self, path: str, query: dict[str, str]) -> list[dict[str, object]]:
        newest = sorted(self.rows, key=lambda row: str(row["created_at"]), reverse=True)
        match path:
            case "all-statuses":
                assert query.keys() <= {"skip", "limit", "moderation_status", "category"}
                return [
                    row
                    for row in newest
                    if query.get("moderation_status") in (None, row["moderation_status"])
                    and query.get("category") in (None, row["category"])
                ]
            case "drafts":
                return [row for row in newest if row["status"] == "draft" and row["is_admin_created"]]
            case "scheduled":
                waiting = [row for row in self.rows if row["status"] == "scheduled"]
                waiting = [row for row in waiting if query.get("target_date", "") in str(row["publish_at"])]
                return sorted(waiting, key=lambda row: str(row["publish_at"]))
        raise AssertionError(path)

    def _stats(self) -> dict[str, int]:
        counts = {
            str(name): sum(row["moderation_status"] == name for row in self.rows) for name in ModerationStatus
        }
        return {"total": len(self.rows), **counts}

    @property
    def paths(self) -> list[str]:
        """What was asked below the admin's news, counters and names left out."""
        found = [path.removeprefix(f"{ADMIN}/") for path, _ in self.asked]
        return [path for path in found if path not in ("stats", "/api/v2/news/categories")]


@pytest.fixture
def news(wire) -> News:
    return News(wire.backend, timezone=ZoneInfo("Asia/Almaty"), now=lambda: NOW)


@pytest.fixture
def crm(wire) -> Crm:
    crm = wire.answers = Crm([article(number) for number in range(1, 61)])
    return crm


def query(page: int = 1, size: int = 5, search: str = "", sort: str = "", **filters: str) -> ListQuery:
    return ListQuery(page=page, size=size, search=search, filters=filters, sort=sort)


def ids(page) -> list[int]:
    return [item.id for item in page.items]


async def test_q8_the_total_comes_from_the_counters(crm, news, admin):
    page = await news.page(admin, query(page=2))
    assert ids(page) == [55, 54, 53, 52, 51]
    assert (page.has_next, page.total, page.scanned) == (True, 60, None)
    page = await news.page(admin, query(moderation_status="rejected"))
    assert (page.total, page.scanned, page.has_next) == (12, None, True)
    assert crm.paths == ["all-statuses"] * 2


def test_a_list_of_some_values_serves_nobody_who_asks_for_others():
    drafts = Listing("drafts", only={"status": "draft"})
    assert drafts.serves(query(status="draft"))
    assert not drafts.serves(query())
    assert not drafts.serves(query(status="scheduled"))


async def test_own_drafts_come_from_their_list(crm, news, admin):
    page = await news.page(admin, query(size=50, status="draft", origin="admin"))
    assert crm.paths == ["drafts"]
    assert len(page.items) == 12
    assert {(item.status, item.origin) for item in page.items} == {("draft", Origin.ADMIN)}
    assert page.scanned is None


async def test_drafts_of_the_parser_are_drafts_too(crm, news, admin):
    page = await news.page(admin, query(size=50, status="draft"))
    assert len(page.items) == 24
    assert {item.origin for item in page.items} == set(Origin)
    assert crm.paths == ["all-statuses"]
    assert page.scanned == 60


async def test_old_rows_of_the_parser_do_not_say_so(crm, news, admin):
    crm.rows = [article(1, is_admin_created=None), article(2)]
    assert ids(await news.page(admin, query(origin="parser"))) == [1]
    assert ids(await news.page(admin, query(origin="admin"))) == [2]


async def test_what_waits_is_ordered_by_its_hour(crm, news, admin):
    page = await news.page(admin, query(size=4, status="scheduled", sort="news_publish"))
    assert ids(page) == [56, 51, 46, 41]
    assert crm.paths == ["scheduled"]
    assert page.has_next
    page = await news.page(admin, query(size=4, status="scheduled"))
    assert ids(page) == [56, 51, 46, 41]
    assert page.total == 12


async def test_scheduled_without_a_kazakh_text_is_looked_through(crm, news, admin):
    page = await news.page(admin, query(size=50, status="scheduled", missing="kk", sort="news_publish"))
    assert ids(page) == [56, 36, 16]
    assert crm.paths == ["scheduled"]


async def test_any_status_by_any_moderation(crm, news, admin):
    page = await news.page(admin, query(size=50, status="draft", moderation_status="rejected"))
    assert {(item.status, item.moderation_status) for item in page.items} == {("draft", "rejected")}
    assert crm.asked[0][1]["moderation_status"] == "rejected"
    page = await news.page(admin, query(size=50, status="published", moderation_status="rejected"))
    assert page.items == []
    assert page.complete


async def test_most_viewed_first(crm, news, admin):
    views = [item.view_count for item in (await news.page(admin, query(size=60, sort="news_views"))).items]
    assert views == sorted(views, reverse=True)


async def test_missing_language_is_found(crm, news, admin):
    page = await news.page(admin, query(size=50, missing="kk"))
    assert [number % 4 for number in ids(page)] == [0] * 15
    assert (page.total, page.scanned) == (15, 60)
    assert ids(await news.page(admin, query(missing="ru"))) == []


async def test_q10_there_is_no_search_so_titles_are_looked_through(crm, news, admin):
    assert ids(await news.page(admin, query(search="елка 3", size=50))) == [*range(39, 29, -1), 3]
    assert ids(await news.page(admin, query(search="казакша 33"))) == [33]
    assert ids(await news.page(admin, query(search="33%"))) == []


async def test_a_search_stops_at_a_thousand_and_says_so(crm, news, admin):
    crm.rows = [article(number) for number in range(1, 1202)]
    page = await news.page(admin, query(search="ёлка 1"))
    assert (page.scanned, page.complete, page.total) == (1000, False, None)
    assert len(crm.paths) == 10


async def test_a_hash_shows_a_category_that_the_backend_finds(crm, news, admin):
    for search in ("#Спорт", "# спорт"):
        crm.asked.clear()
        page = await news.page(admin, query(search=search, size=50))
        assert len(page.items) == 20
        assert {item.category for item in page.items} == {"Спорт"}
        assert page.query.search == search
        assert [asked["category"] for path, asked in crm.asked if path.endswith("all-statuses")] == ["Спорт"]


async def test_a_category_narrows_with_the_filters(crm, news, admin):
    page = await news.page(admin, query(search="#Жастар", size=50, status="scheduled"))
    assert {(item.category, item.status) for item in page.items} == {("Жастар", "scheduled")}


async def test_an_unknown_category_is_an_ordinary_search(crm, news, admin):
    assert ids(await news.page(admin, query(search="#жоқ"))) == []
    crm.rows.append(article(99, title_ru="Тег #жоқ"))
    assert ids(await news.page(admin, query(search="#жоқ"))) == [99]


async def test_a_typed_category_is_found_as_text(crm, news, admin):
    page = await news.page(admin, query(search="спорт", size=50))
    assert {item.category for item in page.items} == {"Спорт"}


async def test_categories_are_kept_for_ten_minutes(wire, crm, admin):
    now = 0.0
    news = News(wire.backend, timezone=ZoneInfo("Asia/Almaty"), clock=lambda: now)
    assert await news.categories(admin) == ("Жастар", "Спорт")
    await news.categories(admin)
    assert len(crm.asked) == 1
    now = 601.0
    await news.categories(admin)
    assert len(crm.asked) == 2


async def test_scan_counts_over_every_record(crm, news, admin):
    scan = await news.scan(admin)
    assert (len(scan.items), scan.complete) == (60, True)
    assert sum(item.lacks("kk") for item in scan.items) == 15
    assert set(crm.paths) == {"all-statuses"}


async def test_scheduled_of_a_day(crm, news, admin):
    page = await news.scheduled(admin, date(2026, 11, 24), query(size=2))
    assert ids(page) == [56, 51]
    assert page.has_next
    assert crm.asked[0][1]["target_date"] == "2026-11-24"


@pytest.mark.parametrize(
    ("status", "verdict", "shown"),
    [
        ("published", "approved", Shown.PUBLIC),
        ("published", "rejected", Shown.REJECTED_PUBLIC),
        ("draft", "approved", Shown.DRAFT_PUBLIC),
        ("draft", "pending", Shown.DRAFT),
        ("draft", "rejected", Shown.DRAFT),
        ("scheduled", "approved", Shown.WAITS),
        ("scheduled", "rejected", Shown.REJECTED_WAITS),
        (None, "approved", Shown.HIDDEN),
    ],
)
async def test_what_readers_see(wire, news, admin, status, verdict, shown):
    wire.says(httpx.Response(200, json=article(1, status=status, moderation_status=verdict)))
    assert (await news.get(admin, 1)).shown is shown


async def test_blank_titles_are_none(wire, news, admin):
    wire.says(httpx.Response(200, json=article(1, title_kz="  ", title_ru="", title="Ескі")))
    assert (await news.get(admin, 1)).titles.best("ru") == "Ескі"
