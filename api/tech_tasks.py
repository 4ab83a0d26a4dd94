"""Tech tasks: contract section 2.13. Admins read and delete them; nobody can write them through the backend."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace
from types import MappingProxyType
from typing import Any, ClassVar

from api.errors import BackendError
from api.listing import Listing
from api.source import Served
from models.access import Caller
from models.common import Amount
from models.tech_task import Belongings, Solution, TechTask
from resources.queries import ListQuery, Page

ADMIN = "/api/v2/tech-tasks/admin"
PUBLIC = "/api/v2/tech-tasks"
SHOWN_SOLUTIONS = 50
"""Solutions that the card carries at most."""
CATEGORIES = ("web", "mobile", "design", "data", "hardware")
OTHER = "other"
"""Option of the category filter: none of ``CATEGORIES``. Categories are free text."""
BY_STATUS = Listing(
    f"{ADMIN}/list", filters={"status": "status"}, key="tasks", total="total", most=200
)  # fmt: skip


class TechTasks(Served[TechTask]):
    """Tech tasks, hidden ones too, the last created first. Filters: ``status``, ``category``, and ``missing``, which
    is looked through, as every search is."""

    operations: ClassVar[Mapping[str, tuple[str, ...]]] = MappingProxyType(
        {
            "page": (f"GET {ADMIN}/list",),
            "get": (f"GET {ADMIN}/{{task_id}}",),
            "delete": (f"DELETE {ADMIN}/{{task_id}}",),
            "solutions": (f"GET {ADMIN}/{{task_id}}",),
            "belongings": (f"GET {ADMIN}/{{task_id}}", f"GET {PUBLIC}/{{task_id}}"),
        }
    )
    model = TechTask
    group = "tech_tasks"
    listings = (replace(BY_STATUS, filters={"status": "status", "category": "category"}),)
    card = f"{ADMIN}/{{id:d}}"

    def adapt(self, row: Any) -> Any:
        """The files of the solutions with absolute addresses."""
        if not isinstance(row, dict):
            return row
        solutions = [
            {**one, "files": [self.with_urls(file, "file_path") for file in one.get("files") or ()]}
            for one in row.get("solutions") or ()
            if isinstance(one, dict)
        ]
        return {**row, "solutions": solutions}

    def texts(self, record: TechTask) -> Iterable[str | None]:
        """Titles and descriptions in both languages, and what it is about."""
        return (
            record.title_kz, record.title_ru, record.description_kz, record.description_ru,
            record.field_of_application, *(record.preferred_technologies or ()),
        )  # fmt: skip

    def matches(self, record: TechTask, name: str, value: str, query: ListQuery) -> bool:
        """True when the task has ``value`` for the filter ``name``."""
        if name == "category" and value == OTHER:
            return record.category not in CATEGORIES
        return super().matches(record, name, value, query)

    async def page(self, caller: Caller, query: ListQuery) -> Page[TechTask]:
        """The tasks of that page."""
        if query.filters.get("category") == OTHER:
            return await self._looked_through(caller, query, [BY_STATUS])
        return await super().page(caller, query)

    async def delete(self, caller: Caller, record_id: int) -> None:
        """Nothing; solutions and files go along, and there is no way back."""
        await self.write("DELETE", self.card.format(id=record_id), caller)

    async def solutions(
        self, caller: Caller, record_id: int, query: ListQuery
    ) -> tuple[Page[Solution], bool]:
        """That page of a task's solutions, and whether there may be others that the backend does not show."""
        found = (await self.get(caller, record_id)).solutions
        end = query.skip + query.size
        page = Page(found[query.skip : end], query, has_next=len(found) > end, total=len(found))
        return page, len(found) >= SHOWN_SOLUTIONS

    async def belongings(self, caller: Caller, record_id: int) -> Belongings:
        """How many solutions and files a delete takes along.

        The public card of a task that is not hidden knows all solutions and the task's own files; the admins' card
        knows neither, so without it numbers are only known to be at least so high.
        """
        task = await self.get(caller, record_id)
        solutions, files = len(task.solutions), sum(len(one.files) for one in task.solutions)
        cut = solutions >= SHOWN_SOLUTIONS
        if not task.is_active:
            return Belongings(solutions=Amount(solutions, cut), files=Amount(files, more=True))
        try:
            answer = await self.call("GET", f"{PUBLIC}/{record_id:d}", caller)
            total, own = answer.part("solutions_count").json, len(answer.part("files").rows())
        except BackendError:
            # A number in a question is not worth losing the question.
            return Belongings(solutions=Amount(solutions, cut), files=Amount(files, more=True))
        total = total if isinstance(total, int) else solutions
        return Belongings(
            solutions=Amount(max(total, solutions)), files=Amount(files + own, more=total > solutions)
        )
