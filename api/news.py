"""News: contract section 2.9."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Iterable, Mapping
from dataclasses import replace
from datetime import date, datetime
from types import MappingProxyType
from typing import Any, ClassVar

from api import paging
from api.answer import Answer
from api.errors import Explained, Invalid, Refused, Wrong
from api.listing import Listing
from api.source import Served
from api.uploads import Uploads
from api.values import naive, required, sendable
from models.access import Caller
from models.common import Upload, as_utc
from models.news import Article, DaySchedule, NewsStatus, Origin
from resources.queries import ListQuery, Page
from utils.folding import fold

ADMIN = "/api/v2/admin/news"
PUBLIC = "/api/v2/news"
ALL = f"{ADMIN}/all-statuses"
SCHEDULED = Listing(
    f"{ADMIN}/scheduled", only={"status": NewsStatus.SCHEDULED}, orders=frozenset(("news_publish",))
)
LENGTHS: Mapping[str, int] = MappingProxyType(
    {
        "title": 255, "title_kz": 255, "title_ru": 255, "source_name": 255, "category": 100,
        "photo_url": 500, "source_url": 1000, "language": 10,
    }
)  # fmt: skip
"""Characters that the columns hold; a longer text is a 500 (contract Q17)."""
WRITTEN = (
    "title", "description", "content_text", "title_kz", "description_kz", "content_text_kz",
    "title_ru", "description_ru", "content_text_ru", "category", "source_name", "source_url",
)  # fmt: skip
"""What a new article is known by again: all that nobody but its author fills in."""
CATEGORIES_FOR = 600.0
"""Seconds the names of the categories are kept."""
CATEGORY_SIGN = "#"
"""A search that begins with it is the name of a category."""


class News(Served[Article]):
    """The news source. The admin list knows no search, status or language: those are looked through. There is no
    admin route for one article; the public one serves every status and counts no view."""

    operations: ClassVar[Mapping[str, tuple[str, ...]]] = MappingProxyType(
        {
            "page": (f"GET {ALL}", f"GET {ADMIN}/drafts", f"GET {ADMIN}/scheduled"),
            "get": (f"GET {PUBLIC}/{{id}}",),
            "counts": (f"GET {ADMIN}/stats",),
            "create": (f"POST {ADMIN}/",),
            "find_created": (f"GET {ALL}",),
            "update": (f"PUT {ADMIN}/{{id}}",),
            "delete": (f"DELETE {ADMIN}/{{id}}",),
            "approve": (f"POST {ADMIN}/{{id}}/approve",),
            "reject": (f"POST {ADMIN}/{{id}}/reject",),
            "upload_photo": (*Uploads.operations["upload_photo"], f"PUT {ADMIN}/{{id}}"),
            "delete_photo": (f"PUT {ADMIN}/{{id}}",),
            "publish_now": (f"POST {ADMIN}/{{id}}/publish-now",),
            "announce": (f"PUT {ADMIN}/{{id}}",),
            "schedule": (f"POST {ADMIN}/{{id}}/schedule",),
            "unschedule": (f"POST {ADMIN}/{{id}}/reject", f"PUT {ADMIN}/{{id}}"),
            "scan": (f"GET {ALL}",),
            "day": (f"GET {ADMIN}/schedule-status",),
            "scheduled": (f"GET {ADMIN}/scheduled",),
            "top": (f"GET {ADMIN}/top-by-views",),
            "categories": (f"GET {PUBLIC}/categories",),
        }
    )
    model = Article
    group = "news"
    listings = (
        Listing(ALL, {"moderation_status": "moderation_status", "category": "category"}),
        Listing(f"{ADMIN}/drafts", only={"status": NewsStatus.DRAFT, "origin": Origin.ADMIN}),
        SCHEDULED,
    )
    card = f"{PUBLIC}/{{id}}"
    moderation = ADMIN
    stats = f"{ADMIN}/stats"
    orders: ClassVar[Mapping[str, Callable[[Any], Any]]] = MappingProxyType(
        {
            "": lambda record: -_seconds(record.created_at, 0),
            "news_publish": lambda record: _seconds(record.publish_at, float("inf")),
            "news_views": lambda record: -(record.view_count or 0),
        }
    )
    _known: tuple[float, tuple[str, ...]] | None = None

    def texts(self, record: Article) -> Iterable[str | None]:
        """Titles, category and source; not the texts, in which every word is found."""
        return (record.title_kz, record.title_ru, record.title, record.category, record.source_name)

    # --- reading ---------------------------------------------------------------------------------------

    async def page(self, caller: Caller, query: ListQuery) -> Page[Article]:
        """The records of that page; a search for ``#Category`` shows that category, which the backend can."""
        category = await self._category(caller, query.search)
        if category is None:
            return await super().page(caller, query)
        narrowed = replace(query, search="", filters={**query.filters, "category": category})
        return replace(await super().page(caller, narrowed), query=query)

    async def _category(self, caller: Caller, search: str) -> str | None:
        """The category that ``#name`` means; None for any other search."""
        if not search.startswith(CATEGORY_SIGN):
            return None
        wanted = search.removeprefix(CATEGORY_SIGN).strip()
        known = await self.categories(caller)
        near = (name for name in known if fold(name) == fold(wanted))
        return wanted if wanted in known else next(near, None)

    async def categories(self, caller: Caller) -> tuple[str, ...]:
        """The names in use, the backend's order; people write them freely."""
        if self._known is None or self._clock() - self._known[0] >= CATEGORIES_FOR:
            rows = (await self.call("GET", f"{PUBLIC}/categories", caller)).rows()
            self._known = (self._clock(), tuple(row for row in rows if isinstance(row, str) and row.strip()))
        return self._known[1]

    async def day(self, caller: Caller, day: date) -> DaySchedule:
        """How many articles the hours of that UTC day have and need."""
        answer = await self.call(
            "GET", f"{ADMIN}/schedule-status", caller, params={"target_date": day.isoformat()}
        )
        return answer.one(DaySchedule)

    async def scheduled(self, caller: Caller, day: date, query: ListQuery) -> Page[Article]:
        """What waits for its hour on that UTC day, the earliest first."""
        params = {"target_date": day.isoformat()}
        rows = await self.rows(caller, SCHEDULED, query.skip, query.size, params)
        return paging.native(rows, query, None)

    async def top(self, caller: Caller, amount: int) -> list[Article]:
        """The public articles with most views."""
        answer = await self.call("GET", f"{ADMIN}/top-by-views", caller, params={"limit": amount})
        return self.many(answer).items

    # --- writing ---------------------------------------------------------------------------------------

    async def create(self, caller: Caller, values: Mapping[str, Any]) -> Article:
        """The created article. A picture is uploaded first: published news is read with it from the beginning."""
        _checked(values)
        photo = values.get("photo_url")
        if isinstance(photo, Upload):
            values = {**values, "photo_url": await self._uploaded(caller, photo)}
        body = sendable(values, "publish_at", "date")
        self._known = None
        return self.one(await self.write("POST", f"{ADMIN}/", caller, json=body))

    async def find_created(self, caller: Caller, values: Mapping[str, Any]) -> Article | None:
        """The newest article of the last hour with all these texts."""
        return await self.newest_like(caller, {**dict.fromkeys(WRITTEN), **values}, WRITTEN)

    async def update(self, caller: Caller, record_id: int, values: Mapping[str, Any]) -> Article:
        """The article after changing just ``values``; nothing is sent for no change, which is a 500 (contract Q7)."""
        if not values:
            return await self.get(caller, record_id)
        _checked(values)
        self._known = None
        body = sendable(values, "publish_at", "date")
        writing = self.write("PUT", f"{ADMIN}/{record_id:d}", caller, json=body)
        return await self._moved(writing) if "status" in values else self.one(await writing)

    async def delete(self, caller: Caller, record_id: int) -> None:
        """Nothing; there is no way back."""
        await self.write("DELETE", f"{ADMIN}/{record_id:d}", caller)

    async def upload_photo(self, caller: Caller, record_id: int, photo: Upload) -> str:
        """The stored path of the article's new picture."""
        path = await self._uploaded(caller, photo)
        await self.update(caller, record_id, {"photo_url": path})
        return path

    async def delete_photo(self, caller: Caller, record_id: int) -> None:
        """Nothing; the file itself stays on the server, which deletes none."""
        await self.update(caller, record_id, {"photo_url": None})

    async def publish_now(self, caller: Caller, record_id: int, values: Mapping[str, Any]) -> Article:
        """The article, public from now on; nobody is notified (contract Q20)."""
        return await self._moved(self.write("POST", f"{ADMIN}/{record_id:d}/publish-now", caller))

    async def announce(self, caller: Caller, record_id: int, values: Mapping[str, Any]) -> Article:
        """The article, public from now on; those who subscribed are notified (contract Q20)."""
        return await self.update(caller, record_id, {"status": NewsStatus.PUBLISHED})

    async def schedule(self, caller: Caller, record_id: int, values: Mapping[str, Any]) -> Article:
        """The article, to be published at ``publish_at``. The route takes naive UTC only, and wants the id once more
        in the body (contract 2.9, Q7, Q11)."""
        moment = as_utc(datetime.fromisoformat(str(values["publish_at"])))
        if moment <= self._now():
            raise Explained("field.error.past")
        body = {"news_id": record_id, "publish_at": naive(moment)}
        return await self._moved(self.write("POST", f"{ADMIN}/{record_id:d}/schedule", caller, json=body))

    async def unschedule(self, caller: Caller, record_id: int, values: Mapping[str, Any]) -> Article:
        """The article, a rejected draft. Scheduling approved it, and readers see approved drafts: so it is rejected
        before it becomes one."""
        await self.reject(caller, record_id)
        return await self.update(caller, record_id, {"status": NewsStatus.DRAFT})

    async def _moved(self, writing: Awaitable[Answer]) -> Article:
        """The article on its way to the readers. ``Explained`` when it is published already: that has no way back."""
        try:
            return self.one(await writing)
        except Refused as error:
            if error.status != 400:
                raise
            raise Explained("news.error.published", call=error.call, status=error.status) from error

    async def _uploaded(self, caller: Caller, photo: Upload) -> str:
        path = await Uploads(self._backend).upload_photo(caller, photo)
        _checked({"photo_url": path})
        return path


def _checked(values: Mapping[str, Any]) -> None:
    """Nothing; ``Invalid`` for what the backend would answer 500 to (contract Q7, Q17)."""
    required(values, "date")
    long = [
        Wrong((name,), f"at most {limit} characters")
        for name, limit in LENGTHS.items()
        if isinstance(values.get(name), str) and len(values[name]) > limit
    ]
    if long:
        raise Invalid(long)


def _seconds(moment: datetime | None, without: float) -> float:
    return without if moment is None else moment.timestamp()
