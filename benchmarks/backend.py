"""The backend's stand-in: contract-shaped answers made once, at 0 ms.

``python -m benchmarks.backend PORT RECORDS [photo]``
"""

from __future__ import annotations

import asyncio
import base64
import json
import struct
import sys
import zlib
from collections import Counter
from functools import lru_cache
from typing import Any
from urllib.parse import parse_qs, urlsplit

from benchmarks.wire import Request, listen

EVENTS = "/api/v2/events/admin"
TITLES = (
    "Хакатон «Цифровой Казахстан»",
    "Startup Garage: Demo Day",
    "Ашық есік күні",
    "Мастер-класс по Python",
)
DESCRIPTION = (
    "Двухдневная программа для начинающих предпринимателей и разработчиков: лекции, наставники, работа в командах "
    "и защита проектов перед жюри. Участие бесплатное, места ограничены. "
)

counts: Counter[str] = Counter()


def record(number: int, *, detail: bool, photo: bool) -> dict[str, Any]:
    """An event as the contract's EventList or EventDetail has it."""
    row = {
        "id": number,
        "title": f"{TITLES[number % 4]} №{number}",
        "event_date": f"2027-{1 + number % 12:02}-{1 + number % 27:02}T{5 + number % 9:02}:30:00",
        "location": "Astana Hub, Mangilik El 55/8",
        "format": ("Online", "Offline")[number % 2],
        "description": DESCRIPTION * (1 + number % 3),
        "event_photo": f"/uploads/events/{number % 8}.png" if photo else None,
        "created_at": "2026-05-04T08:15:30.123456",
    }
    if not detail:
        return row
    return row | {
        "programs": [{"id": n, "time": 600 + 30 * n, "description": f"Часть {n}: лекция"} for n in range(3)],
        "speakers": [
            {
                "id": 1,
                "first_name": "Айгерим",
                "last_name": "Сапарова",
                "middle_name": None,
                "bio": "наставник",
            }
        ],
        "updated_at": "2026-06-01T10:00:00.000001",
        "moderation_status": ("approved", "pending")[number % 2],
        "moderated_at": None,
        "moderated_by": None,
        "moderation_comment": None,
        "is_admin_created": True,
    }


@lru_cache(maxsize=4096)
def page(skip: int, limit: int, records: int, *, detail: bool, photo: bool) -> bytes:
    """Rows ``skip`` to ``skip + limit`` as JSON."""
    numbers = range(skip + 1, min(skip + limit, records) + 1)
    rows = [record(number, detail=detail, photo=photo) for number in numbers]
    return json.dumps(rows, ensure_ascii=False).encode()


@lru_cache(maxsize=4096)
def card(number: int, *, photo: bool) -> bytes:
    """One record as JSON."""
    return json.dumps(record(number, detail=True, photo=photo), ensure_ascii=False).encode()


@lru_cache(maxsize=1)
def picture() -> bytes:
    """A PNG of 640 x 360 pixels."""

    def chunk(kind: bytes, data: bytes) -> bytes:
        return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))

    raw = b"".join(b"\0" + bytes((row % 256, 80, 160)) * 640 for row in range(360))
    head = struct.pack(">IIBBBBB", 640, 360, 8, 2, 0, 0, 0)
    return (
        b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", head) + chunk(b"IDAT", zlib.compress(raw)) + chunk(b"IEND", b"")
    )


def login(user_id: str) -> dict[str, Any]:
    """A confirmed login, every person their own admin, with a token of a JWT's length."""
    token = "eyJhbGciOiJIUzI1NiJ9." + base64.urlsafe_b64encode(b"x" * 120).decode() + ".sig"
    return {
        "access_token": token, "token_type": "bearer", "admin_id": int(user_id), "admin_name": "Айгерим",
        "role": "administrator", "telegram_user_id": user_id, "session_created": True,
    }  # fmt: skip


class Backend:
    """Answers and counts; ``records`` is how many events there are, ``photo`` whether they have one."""

    def __init__(self, records: int, *, photo: bool) -> None:
        self._records, self._photo = records, photo

    def handle(self, request: Request) -> None:
        """Answers at once."""
        parts = urlsplit(request.target)
        path = parts.path
        if path == "/_counts":
            request.respond_json(counts)
            return
        if path == "/openapi.json":
            request.respond_json({"paths": {}}, 404)
        elif path in (f"{EVENTS}/list", f"{EVENTS}/moderation/all-statuses"):
            asked = parse_qs(parts.query)
            skip, limit = int(asked["skip"][0]), int(asked["limit"][0])
            detail = path.endswith("all-statuses")
            request.respond(page(skip, limit, self._records, detail=detail, photo=self._photo))
        elif path == f"{EVENTS}/moderation/stats":
            half = self._records // 2
            request.respond_json(
                {"total": self._records, "pending": half, "approved": self._records - half, "rejected": 0}
            )
        elif path.startswith(f"{EVENTS}/") and path.rpartition("/")[2].isdigit():
            request.respond(card(int(path.rpartition("/")[2]), photo=self._photo))
            path = f"{EVENTS}/{{event_id}}"
        elif path.startswith("/uploads/"):
            request.respond(picture())
            path = "/uploads/{file}"
        elif path.startswith("/api/v1/telegram-auth/"):
            request.respond_json(login(str(json.loads(request.body)["telegram_user_id"])))
        else:
            request.respond_json({"detail": "Not Found"}, 404)
        counts[f"{request.method} {path}"] += 1


async def serve(port: int, records: int, *, photo: bool) -> None:
    """Until killed."""
    server, _ = await listen(Backend(records, photo=photo).handle, port)
    await server.serve_forever()


if __name__ == "__main__":
    asyncio.run(serve(int(sys.argv[1]), int(sys.argv[2]), photo="photo" in sys.argv))
