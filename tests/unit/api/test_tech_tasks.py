"""The tech tasks source on recorded answers and a small backend (contract 2.13)."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date
from typing import Any
from zoneinfo import ZoneInfo

import httpx
import pytest

from api import Forbidden, NotFound, UnknownOutcome
from api.tech_tasks import TechTasks
from resources.queries import ListQuery
from tests.contract.recorded import recordings


def recorded(name: str) -> Any:
    return next(one["response"] for one in recordings("tech-tasks") if one["name"] == name)


DETAIL = recorded("admin detail with solutions")["json"]
ROW = {name: value for name, value in DETAIL.items() if name != "solutions"}
SOLUTION = DETAIL["solutions"][0]


def task(number: int) -> dict[str, Any]:
    return ROW | {
        "id": number,
        "title_kz": f"Тапсырма {number}" if number % 4 else "",
        "description_kz": "с" if number % 4 else None,
        "title_ru": f"Задача {number}",
        "category": ("web", "design", "Басқа")[number % 3],
        "status": "completed" if number % 5 == 0 else "collecting_offers",
    }


@dataclass
class Crm:
    """The admin list with its true total."""

    rows: list[dict[str, Any]]
    asked: list[dict[str, str]] = field(default_factory=list)

    def __call__(self, request: httpx.Request) -> httpx.Response:
        assert request.url.path == "/api/v2/tech-tasks/admin/list"
        asked = dict(request.url.params)
        self.asked.append(asked)
        skip, limit = int(asked["skip"]), int(asked["limit"])
        assert limit <= 200
        rows = [
            row
            for row in self.rows
            if asked.get("status") in (None, row["status"])
            and asked.get("category") in (None, row["category"])
        ]
        return httpx.Response(200, json={"tasks": rows[skip : skip + limit], "total": len(rows)})


@pytest.fixture
def tasks(wire) -> TechTasks:
    return TechTasks(wire.backend, timezone=ZoneInfo("Asia/Almaty"))


@pytest.fixture
def crm(wire) -> Crm:
    crm = wire.answers = Crm([task(number) for number in range(1, 31)])
    return crm


def query(page: int = 1, size: int = 7, search: str = "", **filters: str) -> ListQuery:
    return ListQuery(page=page, size=size, search=search, filters=filters)


def ids(page) -> list[int]:
    return [item.id for item in page.items]


async def test_the_recorded_list_is_read(wire, tasks, admin):
    wire.says(httpx.Response(200, json=recorded("admin list (inactive too, true total)")["json"]))
    page = await tasks.page(admin, query())
    assert ids(page) == [2, 1]
    assert [one.is_active for one in page.items] == [False, True]
    assert page.items[1].deadline == date(2027, 3, 1)
    assert page.total == 2


async def test_the_total_is_the_backends(crm, tasks, admin):
    page = await tasks.page(admin, query(page=2))
    assert (ids(page)[0], page.total, page.has_next, page.scanned) == (8, 30, True, None)
    assert crm.asked == [{"skip": "7", "limit": "7"}]


async def test_status_and_category_are_the_backends(crm, tasks, admin):
    page = await tasks.page(admin, query(status="completed", category="web"))
    assert (ids(page), page.total, page.has_next) == ([15, 30], 2, False)
    assert crm.asked[0] == {"status": "completed", "category": "web", "skip": "0", "limit": "7"}


async def test_categories_nobody_foresaw_are_looked_through(crm, tasks, admin):
    page = await tasks.page(admin, query(status="completed", category="other"))
    assert ids(page) == [5, 20]
    assert page.scanned == 6
    assert "category" not in crm.asked[0]


async def test_a_search_is_looked_through_in_both_languages(crm, tasks, admin):
    assert ids(await tasks.page(admin, query(search="задача 17"))) == [17]
    page = await tasks.page(admin, query(search="тапсырма 1", category="design"))
    assert ids(page) == [1, 10, 13, 19]
    assert page.scanned == 10


async def test_tasks_without_a_language_are_looked_through(crm, tasks, admin):
    page = await tasks.page(admin, query(missing="kk"))
    assert ids(page) == [4, 8, 12, 16, 20, 24, 28]
    assert page.scanned == 30


async def test_the_card_has_solutions_with_absolute_files(wire, tasks, admin):
    wire.says(httpx.Response(200, json=DETAIL))
    found = await tasks.get(admin, 1)
    assert found.solutions[0].files[0].file_path == "http://crm.test/uploads/tech_tasks/solutions/1/a.pdf"
    assert found.solutions[0].files[0].original_name == "ұсыныс.pdf"


async def test_solutions_are_paged_and_the_cut_is_told(wire, tasks, admin):
    wire.says(httpx.Response(200, json=DETAIL | {"solutions": [SOLUTION | {"id": n} for n in range(1, 51)]}))
    page, cut = await tasks.solutions(admin, 1, ListQuery(3, 5))
    assert ([one.id for one in page.items], page.has_next, cut) == ([11, 12, 13, 14, 15], True, True)
    wire.says(httpx.Response(200, json=DETAIL))
    page, cut = await tasks.solutions(admin, 1, ListQuery(1, 5))
    assert (len(page.items), page.has_next, cut) == (1, False, False)


async def test_delete_is_one_call(wire, tasks, admin):
    wire.says(httpx.Response(204))
    await tasks.delete(admin, 3)
    assert [(one.method, one.url.path) for one in wire.asked] == [("DELETE", "/api/v2/tech-tasks/admin/3")]


@pytest.mark.parametrize(
    ("name", "error"),
    [
        ("delete: unknown", NotFound),
        ("DELETE /api/v2/tech-tasks/admin/{task_id}: role government forbidden", Forbidden),
    ],
)
async def test_a_refused_delete(wire, tasks, admin, name, error):
    refused = recorded(name)
    wire.says(httpx.Response(refused["status"], json=refused["json"]))
    with pytest.raises(error):
        await tasks.delete(admin, 3)


async def test_a_lost_delete_is_unknown(wire, tasks, admin):
    wire.says(httpx.Response(500, text="Internal Server Error"))
    with pytest.raises(UnknownOutcome):
        await tasks.delete(admin, 3)


def detail(solutions: int, *, is_active: bool = True) -> dict[str, Any]:
    return DETAIL | {"is_active": is_active, "solutions": [SOLUTION | {"id": n} for n in range(solutions)]}


@pytest.mark.parametrize(
    ("admins", "public", "solutions", "files"),
    [
        (detail(1), {"solutions_count": 1, "files": [{}]}, "1", "2"),
        (detail(50), {"solutions_count": 55, "files": []}, "55", "50+"),
        (detail(2, is_active=False), None, "2", "2+"),
        (detail(50, is_active=False), None, "50+", "50+"),
        (detail(2), None, "2", "2+"),
    ],
)
async def test_what_a_delete_takes_along_is_counted_as_far_as_anybody_can(
    wire, tasks, admin, hurried, admins, public, solutions, files
):
    def serve(request: httpx.Request) -> httpx.Response:
        if "/admin/" in request.url.path:
            return httpx.Response(200, json=admins)
        return httpx.Response(404, json={}) if public is None else httpx.Response(200, json=public)

    wire.answers = serve
    found = await tasks.belongings(admin, 1)
    assert (str(found.solutions), str(found.files)) == (solutions, files)


async def test_a_hidden_task_is_not_asked_for_in_public(wire, tasks, admin):
    wire.says(httpx.Response(200, json=detail(1, is_active=False)))
    await tasks.belongings(admin, 1)
    assert len(wire.asked) == 1


def test_nothing_but_delete_can_be_written():
    assert not hasattr(TechTasks, "create")
    assert not hasattr(TechTasks, "update")
