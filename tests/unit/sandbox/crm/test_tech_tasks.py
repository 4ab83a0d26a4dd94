"""Tech tasks: what the recordings do not show."""

from collections import Counter
from typing import Any

import httpx

from sandbox.crm import CrmServer
from sandbox.crm.groups import tech_task_tables as tables
from sandbox.crm.store import Base, utc_now
from tests.unit.sandbox.crm.test_quirks import signed


def add(crm: CrmServer, *rows: Base) -> None:
    with crm.room.db.session() as session:
        session.add_all(rows)


def task(**columns: Any) -> tables.TechTask:
    texts = {"title_kz": "т", "title_ru": "з", "description_kz": "т", "description_ru": "о"}
    return tables.TechTask(**texts | {"category": "web", "user_id": 1} | columns)


async def test_tasks_hidden_from_the_public_are_shown_to_admins(
    crm: CrmServer, client: httpx.AsyncClient
) -> None:
    add(crm, task(), task(is_active=False))
    headers = signed(crm, "government")
    assert (await client.get("/api/v2/tech-tasks/")).json()["total"] == 1
    assert (await client.get("/api/v2/tech-tasks/2")).status_code == 404
    assert (await client.get("/api/v2/tech-tasks/admin/list", headers=headers)).json()["total"] == 2
    assert (await client.get("/api/v2/tech-tasks/admin/2", headers=headers)).status_code == 200


async def test_task_totals_are_true_and_technologies_ignored(
    crm: CrmServer, client: httpx.AsyncClient
) -> None:
    add(crm, *(task(status="completed" if number % 2 else "collecting_offers") for number in range(5)))
    page = (await client.get("/api/v2/tech-tasks/", params={"limit": 2, "preferred_technology": "x"})).json()
    assert ([row["id"] for row in page["tasks"]], page["total"]) == ([5, 4], 5)
    done = (await client.get("/api/v2/tech-tasks/", params={"status": "completed", "limit": 1})).json()
    assert (len(done["tasks"]), done["total"]) == (1, 2)
    words = (await client.get("/api/v2/tech-tasks/", params={"keyword": "З", "lang": "kz"})).json()
    assert words["total"] == 0


async def test_deleted_task_takes_everything_along_and_shows_fifty_solutions(
    crm: CrmServer, client: httpx.AsyncClient
) -> None:
    add(crm, task(), tables.TechTaskFile(task_id=1, file_path="x", original_name="x"))
    offer = {"tech_task_id": 1, "description_kz": "x", "description_ru": "x", "user_id": 1}
    add(crm, *(tables.TechTaskSolution(**offer) for _ in range(52)))
    add(crm, tables.SolutionFile(solution_id=1, file_path="x", original_name="x"))
    headers = signed(crm, "administrator")
    detail = (await client.get("/api/v2/tech-tasks/admin/1", headers=headers)).json()
    assert len(detail["solutions"]) == 50
    assert "files" not in detail
    assert (await client.delete("/api/v2/tech-tasks/admin/1", headers=headers)).status_code == 204
    for table in (
        tables.TechTaskFile,
        tables.TechTaskSolution,
        tables.SolutionFile,
    ):
        assert crm.rows(table) == []


async def test_seed_holds_every_kind(seeded: CrmServer) -> None:
    tasks = seeded.rows(tables.TechTask)
    solutions = Counter(row["tech_task_id"] for row in seeded.rows(tables.TechTaskSolution))
    assert len(tasks) == 130
    assert max(solutions.values()) > 50
    assert {task["status"] for task in tasks} == {"collecting_offers", "completed"}
    assert {task["is_active"] for task in tasks} == {True, False}
    assert any("<script>" in task["title_ru"] for task in tasks)
    assert any(task["deadline"] and task["deadline"] < utc_now().date() for task in tasks)
    assert all(
        any(task[name] is None for task in tasks) for name in ("budget_from", "deadline", "contact_email")
    )
    async with httpx.AsyncClient(base_url=seeded.url) as client:
        listed = await client.get("/api/v2/tech-tasks/", params={"limit": 100})
    assert len(listed.json()["tasks"]) == 100
