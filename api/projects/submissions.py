"""What people send in to application projects: contract section 2.7."""

from __future__ import annotations

import asyncio
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from types import MappingProxyType
from typing import Any, ClassVar
from zoneinfo import ZoneInfo

from api.errors import Broken, Explained, NotFound
from api.listing import Listing
from api.projects.base import ADMIN, CARD, ONE
from api.projects.fields import ordered
from api.projects.sheet import sheet
from api.projects.templates import READ, WithForm
from api.values import naive
from models.access import Caller
from models.project import Project, ProjectType
from models.project_form import (
    PERSONAL_TYPES,
    Answer,
    FormAnalytics,
    FormTemplate,
    Submission,
    SubmissionStatus,
)
from resources.queries import ListQuery, Page

PROJECTS = f"{ADMIN}/list"
LIST = f"{ONE}/submissions"
DETAIL = f"{LIST}/{{submission_id}}"
STATUS = f"PUT {DETAIL}/status"
DAYS = MappingProxyType({"today": 1, "week": 7, "month": 30})
"""Periods, as days up to and with today."""
PROJECTS_AT_MOST = 40
PROJECTS_AT_ONCE = 4
OF_ONE_PROJECT = 50
EXPORT_WITHIN = 20.0
"""Seconds for the file of all submissions."""


@dataclass(frozen=True, slots=True)
class Submitted(Listing):
    """The list of submissions, which knows a period by its first moment."""

    def narrowing(self, query: ListQuery, *, loose: bool = False) -> dict[str, Any]:
        """Parameters of the list."""
        # Without arguments ``super`` does not know a class that was made anew for its slots.
        params = Listing.narrowing(self, query, loose=loose)
        period = params.pop("period", None)
        if period is not None:
            params["start_date"] = naive(since(str(period), query.zone))
        return params


class Submissions(WithForm[Submission]):
    """The submissions of one project, newest first, with a true total. Filters: ``status``, ``period``.

    Government may read projects, but is refused here (contract 5.2: it owns none).
    """

    operations: ClassVar[Mapping[str, tuple[str, ...]]] = MappingProxyType(
        {
            "page": (CARD, f"GET {LIST}"),
            "pending": (f"GET {PROJECTS}", f"GET {LIST}"),
            "get": (f"GET {DETAIL}", *READ),
            "accept": (STATUS, f"GET {DETAIL}", CARD),
            "decline": (STATUS, f"GET {DETAIL}", CARD),
            "analytics": (f"GET {ONE}/analytics", CARD),
            "export": (f"POST {LIST}/export", CARD),
        }
    )
    model = Submission
    listings = (
        Submitted(
            LIST,
            filters={"status": "status", "period": "period"},
            search="search",
            key="submissions",
            total="total",
            most=100,
        ),
    )

    def texts(self, record: Submission) -> Iterable[str | None]:
        """Where the backend searches, too."""
        return record.applicant_name, record.phone_number, record.email

    async def page(self, caller: Caller, query: ListQuery) -> Page[Submission]:
        """The submissions of that page."""
        # Of somebody else's project the list is a 500, not a 404 (contract Q7).
        await self.project(caller)
        return await super().page(caller, query if query.zone else replace(query, zone=self._timezone))

    async def pending(self, caller: Caller, most: int) -> tuple[list[tuple[int, Submission]], bool]:
        """What waits in all application projects of this admin, each with its project, and whether there is more: of
        the 40 newest projects, at most 50 of each. No list of the backend has them together."""
        params = {"project_type": ProjectType.APPLICATION, "skip": 0, "limit": PROJECTS_AT_MOST + 1}
        answer = await super().call("GET", PROJECTS, caller, params=params)
        projects = [row.id for row in answer.many(Project, lambda row: row).items]
        room = asyncio.Semaphore(PROJECTS_AT_ONCE)

        async def of(project_id: int) -> tuple[list[tuple[int, Submission]], bool]:
            window = {"status": SubmissionStatus.PENDING, "skip": 0, "limit": OF_ONE_PROJECT + 1}
            async with room:
                # From this admin's own list, so it is theirs: it need not be read once more.
                found = await self.under(project_id).call("GET", LIST, caller, params=window)
            rows = self.many(found.part("submissions"))
            return [(project_id, row) for row in rows.items[:OF_ONE_PROJECT]], rows.received > OF_ONE_PROJECT

        reads = await asyncio.gather(*(of(one) for one in projects[:PROJECTS_AT_MOST]))
        found = [pair for pairs, _ in reads for pair in pairs]
        more = any(one for _, one in reads) or len(projects) > PROJECTS_AT_MOST or len(found) > most
        return found[:most], more

    async def get(self, caller: Caller, record_id: int) -> Submission:
        """The submission with its answers under the words of the form."""
        await self.project(caller)
        submission, template = await asyncio.gather(self._read(caller, record_id), self.template(caller))
        answers = self._answers(submission, template)
        return submission.model_copy(
            update={
                "contacts": tuple(one for one in answers if one.kind in PERSONAL_TYPES),
                "answers": tuple(one for one in answers if one.kind not in PERSONAL_TYPES),
            }
        )

    async def accept(self, caller: Caller, record_id: int, values: Mapping[str, Any]) -> None:
        """Nothing; who sent it in is told, with the comment, where the site knows them."""
        await self._decide(caller, record_id, SubmissionStatus.APPROVED, values)

    async def decline(self, caller: Caller, record_id: int, values: Mapping[str, Any]) -> None:
        """Nothing; who sent it in is told, with the comment, where the site knows them."""
        await self._decide(caller, record_id, SubmissionStatus.REJECTED, values)

    async def analytics(self, caller: Caller) -> FormAnalytics:
        """Figures over all submissions."""
        await self.project(caller)
        return (await self.call("GET", f"{ONE}/analytics", caller)).one(FormAnalytics)

    async def export(self, caller: Caller, status: str = "") -> bytes:
        """The submissions as CSV with a byte order mark, so that table programs read the letters right.

        ``Explained`` when there are none: the backend answers 500 then (contract Q7).
        """
        await self.project(caller)
        try:
            answer = await self.call(
                "POST", f"{LIST}/export", caller, params={"format": "csv", "status": status or None},
                raw=True, write=False, deadline=EXPORT_WITHIN,
            )  # fmt: skip
        except Broken as broken:
            raise Explained("project_submissions.error.nothing", call=broken.call, status=500) from broken
        return sheet(answer.content)

    async def _read(self, caller: Caller, record_id: int) -> Submission:
        return self.one(await self.call("GET", DETAIL.replace("{submission_id}", f"{record_id:d}"), caller))

    async def _decide(
        self, caller: Caller, record_id: int, status: SubmissionStatus, values: Mapping[str, Any]
    ) -> None:
        await self.project(caller)
        present = await self._read(caller, record_id)
        comment = values.get("admin_comment") or ""
        body: dict[str, Any] = {"status": status}
        if comment or present.admin_comment:
            # A comment on the decision before this one must not be sent along with it.
            body["admin_comment"] = comment
        path = f"{DETAIL.replace('{submission_id}', f'{record_id:d}')}/status"
        await self.write("PUT", path, caller, json=body)

    def _answers(self, submission: Submission, template: FormTemplate | None) -> tuple[Answer, ...]:
        """The answers in the order of the form; what was asked once and is no more stands at the end."""
        left = dict(submission.responses)
        found = [
            Answer(
                label_kk=row.get("label_kz") or "", label_ru=row.get("label_ru") or "",
                kind=row.get("type") or "", text=self._text(left.pop(row["id"], None)),
            )
            for row in ordered(template)
        ]  # fmt: skip
        found += [
            Answer(label_kk=name, label_ru=name, text=self._text(value)) for name, value in left.items()
        ]
        return tuple(one for one in found if one.text)

    def _text(self, value: Any) -> str:
        """An answer in words; files as addresses that lead to this backend."""
        if isinstance(value, list):
            return ", ".join(filter(None, map(self._text, value)))
        if isinstance(value, Mapping):
            return ", ".join(f"{name}: {text}" for name, one in value.items() if (text := self._text(one)))
        if value is None:
            return ""
        if isinstance(value, bool):
            return "✓" if value else "✗"
        text = str(value)
        return self._backend.absolute(text) if text.startswith(("http", "/uploads/")) else text


def since(period: str, zone: ZoneInfo | None) -> datetime:
    """The first moment of ``today``, or of the last 7 or 30 days of ``zone``, in UTC. Else ``NotFound``."""
    if period not in DAYS:
        raise NotFound("no such period")
    today = datetime.now(zone or UTC).replace(hour=0, minute=0, second=0, microsecond=0)
    return (today - timedelta(days=DAYS[period] - 1)).astimezone(UTC)
