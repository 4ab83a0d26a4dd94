"""A small backend that behaves as contract 2.8 says, with recorded rows."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import httpx

from api.leisure import Places, Promos, Tickets
from models.common import ModerationStatus
from tests.contract.recorded import recordings

NOW = datetime(2026, 11, 21, 10, 30, tzinfo=UTC)
BASE = datetime(2026, 11, 1, 10, 0)
KINDS = {"places": Places, "tickets": Tickets, "promo": Promos}
VALUES: dict[str, dict[str, Any]] = {
    "places": {
        "title": "Саябақ 100%", "title_ru": "Парк", "description": "с", "description_ru": "о",
        "address": "Қарағанды", "status": "active", "category_id": {"id": 1, "kk": "Саябақтар", "ru": "Парки"},
        "event_date": "2027-03-14T15:00:00+05:00",
    },
    "tickets": {
        "title": "Концерт", "title_ru": "Концерт", "description": "с", "description_ru": "о",
        "address": "Мирас", "status": "active", "event_date": "2027-01-10T19:00:00+05:00", "price": "5000 тг",
    },
    "promo": {
        "title": "Жеңілдік", "title_ru": "Скидка", "description": "с", "description_ru": "о",
        "related_type": "place", "related_id": {"id": 7, "kk": "Саябақ 7", "ru": "Парк 7"}, "status": "active",
        "start_date": "2027-01-10T00:00:00+05:00", "end_date": "2027-02-10T00:00:00+05:00",
    },
}  # fmt: skip


def recorded(name: str) -> Any:
    """The recorded answer of that name."""
    return next(one for one in recordings("leisure") if one["name"] == name)["response"]["json"]


def rows_of(plural: str, count: int) -> list[dict[str, Any]]:
    """Recorded rows, numbered: row n was created n minutes after the base."""
    raw = recorded(f"{plural}: administrator creates -> approved")
    return [
        raw
        | {
            "id": number,
            "title": f"Ёлка {number}",
            "title_ru": f"Ёлка {number} рус",
            "created_at": (BASE + timedelta(minutes=number)).isoformat(),
            "moderation_status": ("pending", "approved", "rejected")[number % 3],
            "admin_id": 5 if number % 5 == 0 else 2,
            "status": "inactive" if number % 2 else "active",
        }
        for number in range(1, count + 1)
    ]


@dataclass
class Crm:
    """The admin lists, newest first, and writes that answer the row. ``own`` leaves msb its own rows."""

    rows: dict[str, list[dict[str, Any]]]
    own: bool = False
    asked: list[httpx.Request] = field(default_factory=list)
    sent: list[Any] = field(default_factory=list)
    related: Any = None
    lost: bool = False

    def __call__(self, request: httpx.Request) -> httpx.Response:
        path = request.url.path.removeprefix("/api/v2/")
        if path == "leisure/categories":
            return httpx.Response(200, json=recorded("categories"))
        self.asked.append(request)
        if path == "auth/upload-photo":
            return httpx.Response(200, json={"file_path": "/uploads/documents/1_photo.jpg"})
        if path.startswith("leisure/promo/"):
            return httpx.Response(200, json={"id": 1, "related_object": self.related})
        plural, _, rest = path.removeprefix("leisure/admin/").partition("/")
        if request.method == "GET":
            return httpx.Response(200, json=self._read(plural, rest, request.url.params))
        body = json.loads(request.content) if request.content else None
        self.sent.append(body)
        if request.method == "DELETE":
            return httpx.Response(204)
        return self._write(plural, rest, body)

    def _read(self, plural: str, rest: str, query: httpx.QueryParams) -> Any:
        if rest == "moderation/stats":
            states = [row["moderation_status"] for row in self.rows[plural]]
            return {"total": len(states)} | {str(one): states.count(one) for one in ModerationStatus}
        skip, limit = int(query["skip"]), int(query["limit"])
        assert skip >= 0
        rows = self.rows[plural]
        if rest == "moderation/all-statuses":
            assert limit <= 100
            rows = [row for row in rows if query.get("moderation_status") in (None, row["moderation_status"])]
            return rows[skip : skip + limit]
        assert rest == "list"
        rows = sorted(rows, key=lambda row: str(row["created_at"]), reverse=True)
        rows = [row for row in rows if not self.own or row["admin_id"] == 5]
        for name in ("status", "category_id", "related_type"):
            rows = [row for row in rows if query.get(name) in (None, str(row.get(name)))]
        if search := query.get("search"):
            rows = [row for row in rows if _like(search, row["title"]) or _like(search, row["title_ru"])]
        return rows[skip : skip + limit]

    def _write(self, plural: str, rest: str, body: Any) -> httpx.Response:
        if rest == "create":
            row = recorded(f"{plural}: administrator creates -> approved") | body
            row |= {"id": 1000, "created_at": NOW.replace(tzinfo=None).isoformat()}
            self.rows[plural].append(row)
        else:
            number = int(rest.removeprefix("moderation/").partition("/")[0])
            row = next(one for one in self.rows[plural] if one["id"] == number)
            verb = rest.rpartition("/")[2]
            row |= body or {"moderation_status": {"approve": "approved", "reject": "rejected"}[verb]}
        return (
            httpx.Response(500, text="Internal Server Error") if self.lost else httpx.Response(200, json=row)
        )


def _like(search: str, text: str) -> bool:
    text, parts = text.lower(), search.lower().replace("_", "%").split("%")
    return all(part in text for part in parts)


def source_of(wire: Any, plural: str) -> Any:
    """The source of that kind; its clock stands still."""
    return KINDS[plural](wire.backend, timezone=ZoneInfo("Asia/Almaty"), now=lambda: NOW, clock=lambda: 0.0)
