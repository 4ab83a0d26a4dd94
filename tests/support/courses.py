"""A small backend of courses that behaves as contract 2.6 says, quirks included, for tests of the source."""

from __future__ import annotations

import json
import re
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any
from urllib.parse import parse_qs, unquote

import httpx

BASE = datetime(2026, 11, 21, 10, 0)
COVER = "uploads/courses/00000000-0000-4000-8000-00000000c0e2-обложка курса (1).png"
REQUIRED = ("title", "description", "course_url", "language", "duration", "skills", "currency", "price")
ALLOWED = {
    "language": ("kz", "ru", "en"),
    "currency": ("KZT", "USD", "EUR", "RUB"),
    "level": ("beginner", "intermediate", "advanced", "expert", None),
}
BROKEN = httpx.Response(500, text="Internal Server Error")


def row(number: int, **values: Any) -> dict[str, Any]:
    """Course number n, created n minutes after the base."""
    return {
        "id": number,
        "title": f"Курс {number}",
        "description": "Курс туралы",
        "course_url": "https://example.kz/python",
        "language": ("kz", "ru", "en")[number % 3],
        "duration": 600,
        "skills": "python, sql",
        "currency": "KZT",
        "price": 0.0,
        "is_free": True,
        "level": ("beginner", None)[number % 2],
        "cover_image": None,
        "video_preview": "https://youtu.be/x",
        "invite_code": None,
        "categories": [{"id": 1, "name": "IT", "description": None}],
        "chapters": [],
        "rating": 0.0,
        "views_count": number,
        "author_id": 700,
        "created_at": (BASE + timedelta(minutes=number)).isoformat(),
        "updated_at": (BASE + timedelta(minutes=number)).isoformat(),
        "moderation_status": ("pending", "approved", "rejected")[number % 3],
        "status": "pending",
    } | values


@dataclass
class Crm:
    """Rows in the order in which they were written last; ``before`` is called before each answer."""

    rows: list[dict[str, Any]]
    categories: list[dict[str, Any]] = field(
        default_factory=lambda: [
            {"id": 1, "name": "IT", "description": None},
            {"id": 2, "name": "Қаржы", "description": ""},
        ]
    )
    files: dict[str, bytes] = field(default_factory=dict)
    asked: list[str] = field(default_factory=list)
    forms: list[dict[str, Any]] = field(default_factory=list)
    uploads: list[tuple[str, bytes, str]] = field(default_factory=list)
    tokens: list[str | None] = field(default_factory=list)
    failing: set[str] = field(default_factory=set)
    after_write: httpx.Response | None = None
    """What a PUT is answered with after it was done, instead of the course."""
    loses: str = ""
    """A field that a PUT forgets."""

    def __call__(self, request: httpx.Request) -> httpx.Response:
        path = unquote(request.url.path)
        self.asked.append(f"{request.method} {path}")
        self.tokens.append(request.headers.get("Authorization"))
        if path in self.failing:
            return httpx.Response(500, text="Internal Server Error")
        if path.startswith("/uploads/"):
            content = self.files.get(path.removeprefix("/"))
            return httpx.Response(404, json={}) if content is None else httpx.Response(200, content=content)
        if path.startswith("/api/v1/moderation/"):
            return self._unified(path, request.url.params)
        if path == "/api/v2/courses/categories":
            return self._categories(request)
        rest = path.removeprefix("/api/v2/courses/")
        if rest == "admin/moderation/stats":
            return httpx.Response(200, json=self._stats())
        if rest == "admin/moderation/all-statuses":
            return self._list(request.url.params)
        if rest == "admin/create":
            return self._write(request, {})
        found = self.find(int(next(part for part in rest.split("/") if part.isdecimal())))
        if found is None:
            return httpx.Response(404, json={"detail": "Курс не найден"})
        if request.method == "DELETE":
            assert not rest.startswith("admin/")
            self.rows.remove(found)
            return httpx.Response(204)
        assert rest.startswith("admin/"), "the public card counts a view"
        if request.method == "PUT":
            return self._write(request, found)
        if request.method == "POST":
            found["moderation_status"] = {"approve": "approved", "reject": "rejected"}[
                rest.rpartition("/")[2]
            ]
            return self._shown(found, code=False)
        return self._shown(found, code=True)

    def find(self, number: int) -> dict[str, Any] | None:
        """The row of that id."""
        return next((one for one in self.rows if one["id"] == number), None)

    def touch(self, number: int) -> None:
        """Somebody looks at that course on the web page: it moves to the end."""
        found = self.find(number)
        assert found is not None
        self.rows.remove(found)
        self.rows.append(found)

    def _stats(self) -> dict[str, int]:
        states = ("pending", "approved", "rejected")
        return {"total": len(self.rows)} | {
            state: sum(one["moderation_status"] == state for one in self.rows) for state in states
        }

    def _list(self, query: httpx.QueryParams) -> httpx.Response:
        assert set(query) <= {"moderation_status", "skip", "limit"}
        assert 1 <= int(query["limit"]) <= 100
        skip = int(query["skip"])
        rows = [
            one for one in self.rows if query.get("moderation_status") in (None, one["moderation_status"])
        ]
        rows = rows[skip : skip + int(query["limit"])]
        if any(one["is_free"] is None for one in rows):
            return BROKEN
        return httpx.Response(
            200, json=[{k: v for k, v in one.items() if k != "invite_code"} for one in rows]
        )

    def _unified(self, path: str, query: httpx.QueryParams) -> httpx.Response:
        waiting = path.endswith("queue")
        rows = [
            {"entity_type": "course", "description": one["description"][:200]}
            | {name: one[name] for name in ("id", "title", "moderation_status", "created_at")}
            for one in self.rows
            if (one["moderation_status"] == "pending") is waiting
        ]
        rows.append({"id": rows[0]["id"] if rows else 1, "entity_type": "event", "title": "no course"})
        skip = int(query["skip"])
        return httpx.Response(200, json=rows[skip : skip + int(query["limit"])])

    def _categories(self, request: httpx.Request) -> httpx.Response:
        if request.method == "POST":
            made = {"id": len(self.categories) + 1, **json.loads(request.content)}
            self.categories.append(made)
            return httpx.Response(201, json=made)
        return httpx.Response(200, json=self.categories)

    def _write(self, request: httpx.Request, found: dict[str, Any]) -> httpx.Response:
        fields, file = parsed(request)
        self.forms.append(fields)
        if file is not None:
            self.uploads.append(file)
        values = {name: fields.get(name) for name in (*REQUIRED, "level", "video_preview", "is_free")}
        if any(values[name] is None for name in REQUIRED):
            return BROKEN if found else httpx.Response(422, json={"detail": []})
        if any(values[name] not in options for name, options in ALLOWED.items()):
            return BROKEN
        price, duration = float(values["price"]), int(values["duration"])
        if duration <= 0 or price < 0 or any("\x00" in str(value) for value in fields.values()):
            return BROKEN
        is_free = {"true": True, "false": False}.get(values["is_free"])
        is_free = False if is_free is None and not found else is_free
        code = (fields.get("invite_code") or "").strip().upper() or found.get("invite_code")
        if price > 0 and not is_free and not code:
            return httpx.Response(400, json={"detail": "Для платного курса необходимо указать инвайт-код"})
        cover = (
            None
            if file is None
            else f"uploads/courses/{len(self.uploads):08}-0000-4000-8000-{0:012}-{file[0]}"
        )
        if cover is not None and cover.rpartition(".")[2] not in ("jpg", "jpeg", "png", "gif"):
            return httpx.Response(400, json={"detail": "Разрешены только файлы изображений"})
        if not found:
            found = row(max([one["id"] for one in self.rows], default=0) + 1, categories=[])
            self.rows.append(found)
        elif self.loses:
            values.pop(self.loses, None)
            cover = found["cover_image"] if self.loses == "cover_image" else cover
        if "categories" in fields:
            wanted = {int(one) for one in fields["categories"]}
            found["categories"] = [one for one in self.categories if one["id"] in wanted]
        found |= values | {"price": price, "duration": duration, "is_free": is_free, "invite_code": code}
        found |= {"cover_image": cover, "author_id": 1}
        self.touch(found["id"])
        return self.after_write or self._shown(
            found, code=False, status=200 if request.method == "PUT" else 201
        )

    def _shown(self, found: dict[str, Any], *, code: bool, status: int = 200) -> httpx.Response:
        if found["is_free"] is None:
            return BROKEN
        return httpx.Response(status, json={k: v for k, v in found.items() if code or k != "invite_code"})


def parsed(request: httpx.Request) -> tuple[dict[str, Any], tuple[str, bytes, str] | None]:
    """The fields of a form, ``categories`` as a list, and its file as name, content and type."""
    kind = request.headers["Content-Type"]
    if kind.startswith("application/x-www-form-urlencoded"):
        plain = parse_qs(request.content.decode())
        return {name: value if name == "categories" else value[-1] for name, value in plain.items()}, None
    fields: dict[str, Any] = {}
    file = None
    for part in request.content.split(b"--" + kind.partition("boundary=")[2].encode())[1:-1]:
        head, _, content = part.removeprefix(b"\r\n").removesuffix(b"\r\n").partition(b"\r\n\r\n")
        name, filename, declared = (
            found.group(1) if (found := re.search(pattern, head.decode())) else ""
            for pattern in (r' name="([^"]*)"', r'filename="([^"]*)"', r"Content-Type: (\S+)")
        )
        if filename:
            file = (filename, content, declared)
        elif name == "categories":
            fields.setdefault(name, []).append(content.decode())
        else:
            fields[name] = content.decode()
    return fields, file
