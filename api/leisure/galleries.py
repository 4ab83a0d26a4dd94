"""Galleries of places and tickets: contract section 2.8.

Their routes ask for no token and know no owner: the place or ticket is read with the caller's token first, so that
another admin's is not found, and a picture that is deleted must be one of its gallery.
"""

from __future__ import annotations

import copy
import time
from collections.abc import Callable, Iterable, Mapping
from types import MappingProxyType
from typing import Any, ClassVar, Self
from zoneinfo import ZoneInfo

from api import paging
from api.client import Backend
from api.errors import BackendError, Invalid, NotFound, Wrong
from api.leisure.content import ADMIN, ROOT
from api.leisure.places import Places
from api.leisure.tickets import Tickets
from api.source import Served
from models.access import Caller
from models.common import Upload
from models.leisure import Picture
from resources.queries import Child, ListQuery, Page
from utils.folding import fold

READ_FOR = 20.0
"""Seconds that a gallery is kept for: reading that of a place counts as a visit of the place each time."""
COMPARED = 3
"""How many of the newest pictures are fetched to find the one whose answer was lost."""
EXTENSIONS = MappingProxyType(
    {"image/jpeg": "jpg", "image/png": "png", "image/gif": "gif", "image/webp": "webp"}
)


class Gallery(Served[Picture], Child[Picture]):
    """The pictures of one record, oldest first. ``under`` binds it; the backend cannot change a picture."""

    model = Picture
    group: ClassVar[str] = "leisure"
    listings = ()
    plural: ClassVar[str]
    owners: ClassVar[type[Places] | type[Tickets]]

    def __init__(
        self, backend: Backend, *, timezone: ZoneInfo, clock: Callable[[], float] = time.monotonic
    ) -> None:
        super().__init__(backend, timezone=timezone, clock=clock)
        self._owner = self.owners(backend, timezone=timezone, clock=clock)
        self._parent = 0
        self._read: dict[int, tuple[float, list[Picture]]] = {}

    def under(self, parent_id: int) -> Self:
        """The source of that record's pictures."""
        bound = copy.copy(self)
        bound._parent = parent_id
        return bound

    def adapt(self, row: Any) -> Any:
        """The row with an absolute picture address."""
        return self.with_urls(row, "image_url")

    def texts(self, record: Picture) -> Iterable[str | None]:
        """The description."""
        return (record.description,)

    async def page(self, caller: Caller, query: ListQuery) -> Page[Picture]:
        """The pictures of that page; the gallery comes whole."""
        pictures, text = await self._pictures(caller), fold(query.search)
        found = [one for one in pictures if not text or text in fold(one.description or "")]
        page = paging.sliced(found, query, scanned=len(pictures), complete=True)
        return page if text else Page(page.items, query, page.has_next, page.total)

    async def get(self, caller: Caller, record_id: int) -> Picture:
        """The picture, when it is one of this gallery."""
        for picture in await self._pictures(caller):
            if picture.id == record_id:
                return picture
        raise NotFound("no such picture in this gallery")

    async def create(self, caller: Caller, values: Mapping[str, Any]) -> Picture:
        """The added picture; ``image_url`` of the values is an ``Upload``."""
        photo = self._photo(values)
        await self._own(caller)
        # The backend looks at neither type nor size, and stores under the extension of the name.
        files = {"image": (f"photo.{EXTENSIONS[photo.content_type]}", photo.content, photo.content_type)}
        description = str(values.get("description") or "")
        data = {"description": description} if description else None
        path = f"{ROOT}/{self.plural}/{self._parent:d}/gallery"
        answer = await self._change("POST", path, caller, data=data, files=files)
        return self.one(answer).model_copy(update={"description": description or None})

    async def delete(self, caller: Caller, record_id: int) -> None:
        """Nothing; ``NotFound`` for a picture of another gallery, which the backend would delete as well."""
        await self.get(caller, record_id)
        await self._change("DELETE", f"{ROOT}/{self.plural}/gallery/{record_id:d}", caller)

    async def find_created(self, caller: Caller, values: Mapping[str, Any]) -> Picture | None:
        """The newest picture with this description and these very bytes, None when there is none.

        The backend keeps neither names nor times of pictures, so the newest few are fetched and compared.
        """
        photo, description = self._photo(values), str(values.get("description") or "")
        self._read.pop(self._parent, None)
        alike = [one for one in await self._pictures(caller) if (one.description or "") == description]
        for picture in sorted(alike, key=lambda one: -one.id)[:COMPARED]:
            try:
                if await self._backend.fetch_own(picture.image_url) == photo.content:
                    return picture
            except BackendError:
                continue
        return None

    async def _pictures(self, caller: Caller) -> list[Picture]:
        await self._own(caller)
        until, pictures = self._read.get(self._parent, (0.0, []))
        if self._clock() >= until:
            answer = await self.call("GET", f"{ROOT}/{self.plural}/{self._parent:d}", caller)
            pictures = self.many(answer.part("gallery")).items
            now = self._clock()
            for parent in [one for one, (end, _) in self._read.items() if end <= now]:
                del self._read[parent]
            self._read[self._parent] = (now + READ_FOR, pictures)
        return pictures

    async def _own(self, caller: Caller) -> None:
        """Nothing; ``NotFound`` unless the place or ticket is there and this admin's to see."""
        await self._owner.get(caller, self._parent)

    async def _change(self, method: str, path: str, caller: Caller, **parts: Any) -> Any:
        try:
            return await self.write(method, path, caller, **parts)
        finally:
            self._read.pop(self._parent, None)

    def _photo(self, values: Mapping[str, Any]) -> Upload:
        photo = values.get("image_url")
        if not isinstance(photo, Upload) or photo.content_type not in EXTENSIONS:
            raise Invalid((Wrong(("image_url",), "not a jpeg, png, gif or webp"),))
        return photo


def _operations(plural: str, name: str) -> Mapping[str, tuple[str, ...]]:
    owner, detail = f"GET {ADMIN}/{plural}/list", f"GET {ROOT}/{plural}/{{{name}_id}}"
    return MappingProxyType(
        {
            "page": (owner, detail),
            "get": (owner, detail),
            "create": (owner, f"POST {ROOT}/{plural}/{{{name}_id}}/gallery"),
            "delete": (owner, detail, f"DELETE {ROOT}/{plural}/gallery/{{gallery_id}}"),
            "find_created": (owner, detail),
        }
    )


class PlacePictures(Gallery):
    """Galleries of places."""

    plural = "places"
    owners = Places
    operations = _operations("places", "place")


class TicketPictures(Gallery):
    """Galleries of tickets."""

    plural = "tickets"
    owners = Tickets
    operations = _operations("tickets", "ticket")
