"""Whom one can vote for: contract section 2.7. Nothing here changes a vote."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from types import MappingProxyType
from typing import Any, ClassVar

from api.errors import Explained, NotFound
from api.listing import Listing
from api.payload import without_nul
from api.projects.base import CARD, DETAIL, ONE, ROOT, OfProject, unless_kept
from api.source import FRESH
from api.values import required, same, sendable
from models.access import Caller
from models.common import Upload
from models.project import ProjectType, VotingParticipant
from resources.queries import ListQuery, Page, Photographed, Writable

EVERY = Listing(ONE, key="participants", paged=False)
EDITED = (
    "name", "description", "video_url", "instagram_url", "facebook_url", "linkedin_url", "twitter_url",
)  # fmt: skip
CREATED = (*EDITED, "description_ru")
LINKS = ("video_url", "instagram_url", "facebook_url", "linkedin_url", "twitter_url")


class Participants(
    OfProject[VotingParticipant], Writable[VotingParticipant], Photographed[VotingParticipant]
):
    """The participants of one voting, as its public detail lists them. Their routes take no token."""

    operations: ClassVar[Mapping[str, tuple[str, ...]]] = MappingProxyType(
        {
            "page": (CARD, DETAIL),
            "get": (CARD, DETAIL),
            "create": (f"POST {ONE}/participants", CARD, DETAIL),
            "find_created": (CARD, DETAIL),
            "update": (f"PUT {ROOT}/participants/{{participant_id}}", CARD, DETAIL),
            "delete": (f"DELETE {ROOT}/participants/{{participant_id}}", CARD, DETAIL),
            "upload_photo": (f"POST {ONE}/participants/{{participant_id}}/upload-photo", CARD, DETAIL),
        }
    )
    model = VotingParticipant
    kind = ProjectType.VOTING
    listings = (EVERY,)

    def adapt(self, row: Any) -> Any:
        """The row with the address of its photo; ``""`` is none."""
        row = self.with_urls(row, "photo_url")
        return row | {name: row.get(name) or None for name in LINKS} if isinstance(row, dict) else row

    def texts(self, record: VotingParticipant) -> Iterable[str | None]:
        """Name and both descriptions."""
        return record.name, record.description, record.description_ru

    async def page(self, caller: Caller, query: ListQuery) -> Page[VotingParticipant]:
        """The participants of that page, in the order in which they were added."""
        await self.project(caller)
        return await super().page(caller, query)

    async def get(self, caller: Caller, record_id: int) -> VotingParticipant:
        """The participant, when it is one of this project."""
        await self.project(caller)
        found = next((one for one in await self._every(caller) if one.id == record_id), None)
        if found is None:
            raise NotFound("no participant of this project")
        return found

    async def create(self, caller: Caller, values: Mapping[str, Any]) -> VotingParticipant:
        """The new participant."""
        await self.project(caller)
        body = {name: value for name, value in sendable(values).items() if name in CREATED}
        answer = await self.write("POST", f"{ONE}/participants", caller, json=body)
        return await self.listed(answer, "participant_id", self._every(caller), body)

    async def find_created(self, caller: Caller, values: Mapping[str, Any]) -> VotingParticipant | None:
        """The newest participant of the last hour that equals ``values``, None when there is none."""
        await self.project(caller)
        wanted = without_nul({name: value for name, value in values.items() if name in CREATED})
        since = self._now() - FRESH
        found = [
            one
            for one in await self._every(caller)
            if one.created_at is not None
            and one.created_at >= since
            and all(same(getattr(one, name), value) for name, value in wanted.items())
        ]
        return max(found, key=lambda one: one.id, default=None)

    async def update(self, caller: Caller, record_id: int, values: Mapping[str, Any]) -> VotingParticipant:
        """The participant after changing just ``values``; the Russian description is taken at creation only."""
        await self.get(caller, record_id)
        required(values, "name")
        body = {name: value for name, value in sendable(values).items() if name in EDITED}
        await self.write("PUT", f"{ROOT}/participants/{record_id:d}", caller, json=body)
        return await self.get(caller, record_id)

    async def delete(self, caller: Caller, record_id: int) -> None:
        """Nothing. ``Explained`` once the results of the voting were stored."""
        await self.get(caller, record_id)
        await unless_kept(
            self.write("DELETE", f"{ROOT}/participants/{record_id:d}", caller),
            lambda: self.get(caller, record_id),
            "project_participants.error.kept",
        )

    async def upload_photo(self, caller: Caller, record_id: int, photo: Upload) -> str:
        """The address of the new photo."""
        await self.get(caller, record_id)
        answer = await self.write(
            "POST", f"{ONE}/participants/{record_id:d}/upload-photo", caller,
            files={"file": (photo.name, photo.content, photo.content_type)},
        )  # fmt: skip
        return str(self.url(answer.text("file_path")))

    async def delete_photo(self, caller: Caller, record_id: int) -> None:
        """Never: a photo can only be replaced."""
        raise Explained("projects.error.photo_stays")

    async def _every(self, caller: Caller) -> list[VotingParticipant]:
        return (await self.rows(caller, EVERY, 0, 10**9, {})).items
