"""The projects themselves: contract section 2.7."""

from __future__ import annotations

import asyncio
from collections.abc import Iterable, Mapping
from types import MappingProxyType
from typing import Any, ClassVar

from api.errors import Explained, Invalid, Wrong
from api.listing import Listing
from api.projects.base import ADMIN, CARD, DETAIL, GROUP, ONE, ROOT, unless_kept
from api.source import SEES_ALL, Served
from api.values import required, sendable
from models.access import Caller
from models.common import Upload
from models.project import (
    Belongings,
    Project,
    ProjectStats,
    ProjectStatus,
    ProjectType,
    VotingResults,
)
from resources.queries import Moderated, Photographed, Writable

MODERATION = f"{ADMIN}/moderation"
LIST = f"GET {ADMIN}/list"
STATUSES = f"GET {MODERATION}/all-statuses"
STATS = f"GET {MODERATION}/stats"
UPDATE = f"PUT {ADMIN}/{{project_id}}"
SUBMISSIONS = f"GET {ONE}/submissions"
TEXTS = ("author", "title", "title_ru", "description", "description_ru")
REQUIRED = (*TEXTS, "start_date", "end_date", "status")
MOMENTS = ("start_date", "end_date")
KEPT = "projects.error.kept"


class Projects(Served[Project], Writable[Project], Moderated[Project], Photographed[Project]):
    """The projects source.

    ``admin/list`` knows search, status and type, newest created first, and shows npo its own records only. The
    moderation lists know nothing but the moderation status, have no order (contract Q9) and show everyone's: they are
    looked through, and never for npo.
    """

    operations: ClassVar[Mapping[str, tuple[str, ...]]] = MappingProxyType(
        {
            "page": (LIST, STATUSES, STATS),
            "get": (CARD,),
            "create": (f"POST {ADMIN}/create",),
            "find_created": (LIST,),
            "update": (UPDATE, CARD),
            "delete": (f"DELETE {ADMIN}/{{project_id}}", CARD),
            "approve": (f"POST {MODERATION}/{{project_id}}/approve", CARD),
            "reject": (f"POST {MODERATION}/{{project_id}}/reject", CARD),
            "counts": (STATS,),
            "upload_photo": (f"POST {ONE}/upload-photo", CARD),
            "activate": (UPDATE, CARD),
            "complete": (UPDATE, CARD),
            "cancel": (UPDATE, CARD),
            "to_draft": (UPDATE, CARD),
            "results": (f"GET {ONE}/results", CARD),
            "figures": (f"GET {ONE}/stats", CARD),
            "belongings": (DETAIL, SUBMISSIONS, CARD),
        }
    )
    model = Project
    group = GROUP
    card = f"{ADMIN}/{{id}}"
    moderation = MODERATION
    stats = f"{MODERATION}/stats"
    listings = (
        Listing(
            f"{ADMIN}/list",
            filters={"status": "status", "project_type": "project_type"},
            search="search",
            most=1000,
        ),
        Listing(
            f"{MODERATION}/all-statuses",
            filters={"moderation_status": "moderation_status"},
            orders=frozenset(),
            roles=SEES_ALL,
        ),
    )
    orders = MappingProxyType({"": lambda record: (-record.created_at.timestamp(), -record.id)})

    def adapt(self, row: Any) -> Any:
        """The row with the addresses of its files; ``""`` is none."""
        row = self.with_urls(row, "photo_url")
        return row | {"video_url": row.get("video_url") or None} if isinstance(row, dict) else row

    def texts(self, record: Project) -> Iterable[str | None]:
        """Where the backend searches, too."""
        return record.title, record.title_ru, record.description, record.description_ru

    async def create(self, caller: Caller, values: Mapping[str, Any]) -> Project:
        """The created project: approved with the status asked for, npo's a draft that waits.

        Both dates go without an offset: one with and one without make the backend fail (contract Q7).
        """
        answer = await self.write("POST", f"{ADMIN}/create", caller, json=sendable(values, *MOMENTS))
        return self.one(answer)

    async def find_created(self, caller: Caller, values: Mapping[str, Any]) -> Project | None:
        """The newest project of the last hour that equals ``values``, None when there is none."""
        # What npo asks for as a status is not what it gets.
        names = (*TEXTS, *MOMENTS, "project_type")
        return await self.newest_like(caller, sendable(values, *MOMENTS), names)

    async def update(self, caller: Caller, record_id: int, values: Mapping[str, Any]) -> Project:
        """The project after changing just ``values``.

        An update without any text is a 500 (contract Q7), so that one of them is sent again as it stands; which is why
        every edit by npo of an approved project sends it back to moderation (contract Q22). Null is ignored: what is
        to be emptied goes as ``""``, and ``Invalid`` tells when it is still there afterwards.
        """
        required(values, *REQUIRED)
        body = sendable(values, *MOMENTS)
        emptied = [name for name in body if body[name] is None]
        body |= dict.fromkeys(emptied, "")
        if not any(body.get(name) for name in TEXTS):
            body |= self._a_text(await self.get(caller, record_id))
        project = self.one(await self.write("PUT", f"{ADMIN}/{record_id:d}", caller, json=body))
        if left := [name for name in emptied if getattr(project, name, None)]:
            raise Invalid(Wrong((name,), "cannot be emptied", "projects.error.stays") for name in left)
        return project

    async def delete(self, caller: Caller, record_id: int) -> None:
        """Nothing; everything that belongs to it goes with it. ``Explained`` for a voting whose results are stored."""
        await unless_kept(
            self.write("DELETE", f"{ADMIN}/{record_id:d}", caller), lambda: self.get(caller, record_id), KEPT
        )

    async def activate(self, caller: Caller, record_id: int, values: Mapping[str, Any]) -> Project:
        """The project, open to the public once it is approved."""
        return await self.update(caller, record_id, {"status": ProjectStatus.ACTIVE})

    async def complete(self, caller: Caller, record_id: int, values: Mapping[str, Any]) -> Project:
        """The completed project. The route named ``complete`` takes no admin (contract Q4)."""
        return await self.update(caller, record_id, {"status": ProjectStatus.COMPLETED})

    async def cancel(self, caller: Caller, record_id: int, values: Mapping[str, Any]) -> Project:
        """The cancelled project."""
        return await self.update(caller, record_id, {"status": ProjectStatus.CANCELLED})

    async def to_draft(self, caller: Caller, record_id: int, values: Mapping[str, Any]) -> Project:
        """The project, no longer open; an approval opens a draft again."""
        return await self.update(caller, record_id, {"status": ProjectStatus.DRAFT})

    async def upload_photo(self, caller: Caller, record_id: int, photo: Upload) -> str:
        """The address of the new photo. The route asks for no token: whose project it is, is looked at before."""
        await self.get(caller, record_id)
        files = {"file": (photo.name, photo.content, photo.content_type)}
        answer = await self.write("POST", f"{ROOT}/{record_id:d}/upload-photo", caller, files=files)
        return str(self.url(answer.text("file_path")))

    async def delete_photo(self, caller: Caller, record_id: int) -> None:
        """Never: a photo can only be replaced."""
        raise Explained("projects.error.photo_stays")

    async def results(self, caller: Caller, record_id: int) -> VotingResults:
        """Places, votes and shares of a voting. ``NotFound`` for any other project."""
        await self.get(caller, record_id)
        return (await self.call("GET", f"{ROOT}/{record_id:d}/results", caller)).one(VotingResults)

    async def figures(self, caller: Caller, record_id: int) -> ProjectStats:
        """Figures of the project, by its type."""
        await self.get(caller, record_id)
        return (await self.call("GET", f"{ROOT}/{record_id:d}/stats", caller)).one(ProjectStats)

    async def belongings(self, caller: Caller, record_id: int) -> Belongings:
        """What goes with the project; only for who may delete it, since government is refused submissions."""
        project = await self.get(caller, record_id)
        detail, submissions = await asyncio.gather(
            self.call("GET", f"{ROOT}/{record_id:d}", caller), self._submissions(caller, project)
        )
        body = detail.json if isinstance(detail.json, dict) else {}
        return Belongings(
            participants=len(body.get("participants") or ()),
            votes=body.get("total_votes") or 0,
            pictures=len(body.get("gallery") or ()),
            applications=body.get("applications_count") or 0,
            submissions=submissions,
            stored=project.is_voting and project.status == ProjectStatus.COMPLETED,
        )

    async def _submissions(self, caller: Caller, project: Project) -> int:
        if project.project_type != ProjectType.APPLICATION:
            return 0
        answer = await self.call(
            "GET", f"{ROOT}/{project.id:d}/submissions", caller, params={"skip": 0, "limit": 1}
        )
        total = answer.part("total").json
        return total if isinstance(total, int) else 0

    def _a_text(self, project: Project) -> dict[str, str]:
        """The first text that the project has, as it stands."""
        return next(
            ({name: text} for name in TEXTS if (text := getattr(project, name))), {"author": project.author}
        )
