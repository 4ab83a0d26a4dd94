"""The pictures of a project: contract section 2.7."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from types import MappingProxyType
from typing import Any, ClassVar

from api.errors import NotFound
from api.listing import Listing
from api.projects.base import CARD, DETAIL, ONE, ROOT, OfProject
from api.values import same
from models.access import Caller
from models.common import Upload
from models.project import ProjectPicture
from resources.queries import ListQuery, Page

EVERY = Listing(ONE, key="gallery", paged=False)
LOOKED_AT = 3
"""Newest pictures that are compared with one whose answer was lost."""


class Gallery(OfProject[ProjectPicture]):
    """The pictures of one project, as its public detail lists them. Their routes take no token.

    A picture cannot be changed: it is deleted, and another one added.
    """

    operations: ClassVar[Mapping[str, tuple[str, ...]]] = MappingProxyType(
        {
            "page": (CARD, DETAIL),
            "get": (CARD, DETAIL),
            "create": (f"POST {ONE}/upload-gallery", CARD, DETAIL),
            "find_created": (CARD, DETAIL),
            "delete": (f"DELETE {ROOT}/gallery/{{image_id}}", CARD, DETAIL),
        }
    )
    model = ProjectPicture
    listings = (EVERY,)

    def adapt(self, row: Any) -> Any:
        """The row with the address of the picture."""
        return self.with_urls(row, "image_url")

    def texts(self, record: ProjectPicture) -> Iterable[str | None]:
        """The description."""
        return (record.description,)

    async def page(self, caller: Caller, query: ListQuery) -> Page[ProjectPicture]:
        """The pictures of that page, in the order in which they were added."""
        await self.project(caller)
        return await super().page(caller, query)

    async def get(self, caller: Caller, record_id: int) -> ProjectPicture:
        """The picture, when it is one of this project."""
        await self.project(caller)
        found = next((one for one in await self._every(caller) if one.id == record_id), None)
        if found is None:
            raise NotFound("no picture of this project")
        return found

    async def create(self, caller: Caller, values: Mapping[str, Any]) -> ProjectPicture:
        """The new picture; ``values["image_url"]`` is the file."""
        await self.project(caller)
        photo: Upload = values["image_url"]
        text = values.get("description")
        answer = await self.write(
            "POST", f"{ONE}/upload-gallery", caller,
            files={"file": (photo.name, photo.content, photo.content_type)},
            data={"description": str(text)} if text else None,
        )  # fmt: skip
        sent = {"image_url": answer.text("file_path"), "description": str(text) if text else None}
        return await self.listed(answer, "id", self._every(caller), sent)

    async def find_created(self, caller: Caller, values: Mapping[str, Any]) -> ProjectPicture | None:
        """The newest picture with that description and the very same bytes, None when there is none.

        Nothing says when a picture was added: its content is the only sign.
        """
        await self.project(caller)
        photo: Upload = values["image_url"]
        alike = [
            one
            for one in sorted(await self._every(caller), key=lambda one: -one.id)[:LOOKED_AT]
            if same(one.description, values.get("description"))
        ]
        for one in alike:
            if one.image_url and await self._backend.fetch_own(one.image_url) == photo.content:
                return one
        return None

    async def delete(self, caller: Caller, record_id: int) -> None:
        """Nothing; the file itself stays on the server, which has no way to remove it."""
        await self.get(caller, record_id)
        await self.write("DELETE", f"{ROOT}/gallery/{record_id:d}", caller)

    async def _every(self, caller: Caller) -> list[ProjectPicture]:
        return (await self.rows(caller, EVERY, 0, 10**9, {})).items
