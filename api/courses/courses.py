"""Courses: one list without order or search, a form that is not partial, a delete that asks for nothing."""

from __future__ import annotations

import asyncio
from collections.abc import Iterable, Mapping
from dataclasses import replace
from mimetypes import guess_type
from types import MappingProxyType
from typing import Any, ClassVar
from urllib.parse import unquote

from api import paging
from api.answer import Rows
from api.client import Files
from api.courses import form
from api.courses.damaged import ADMIN, PUBLIC, Count, Damaged
from api.errors import BackendError, Cause, Explained, UnknownOutcome
from api.listing import Listing
from api.source import FRESH, SCANNED_AT_MOST
from models.access import Caller
from models.common import Upload
from models.course import Course
from resources.queries import ListQuery, Page
from utils.folding import fold

LIST = Listing(
    f"{ADMIN}/moderation/all-statuses",
    filters={"moderation_status": "moderation_status"},
    orders=frozenset(),
)
UNSHOWN = "courses.unshown"
"""Key of what is said of courses that are missing from a page because the backend cannot show them."""


class Courses(Damaged):
    """The courses source. Filters ``moderation_status``, ``language``, ``level``, ``is_free``; sorts ``created``,
    ``title``.

    The backend's one list has no order: every write, also a mere view on the web page, moves a course elsewhere in
    it, so that paging by its own means shows some courses twice and others never. Up to 1,000 courses are therefore
    read whole and put in order here. More than that are too many to read for one page: they come as the backend
    gives them, at the price of one page.
    """

    operations: ClassVar[Mapping[str, tuple[str, ...]]] = MappingProxyType({
        "page": (f"GET {LIST.path}",),
        "get": (f"GET {ADMIN}/{{course_id}}",),
        "traces": ("GET /api/v1/moderation/queue", "GET /api/v1/moderation/recent"),
        "counts": (f"GET {ADMIN}/moderation/stats",),
        "create": (f"POST {ADMIN}/create",),
        "find_created": (f"GET {LIST.path}",),
        "update": (f"GET {ADMIN}/{{course_id}}", f"PUT {ADMIN}/{{course_id}}"),
        "repair": (f"PUT {ADMIN}/{{course_id}}",),
        "delete": (f"GET {ADMIN}/{{course_id}}", f"DELETE {PUBLIC}/{{course_id}}"),
        "approve": (f"POST {ADMIN}/moderation/{{course_id}}/approve",),
        "reject": (f"POST {ADMIN}/moderation/{{course_id}}/reject",),
    })  # fmt: skip
    listings = (LIST,)
    moderation = f"{ADMIN}/moderation"
    reads_back = True
    orders = MappingProxyType({
        "": lambda course: (not course.damaged, *_newest(course)),
        "created": lambda course: _newest(course),
        "title": lambda course: (fold(course.title), course.id),
    })  # fmt: skip

    def texts(self, record: Course) -> Iterable[str | None]:
        """Title, description, skills and the names of the categories."""
        return (record.title, record.description, record.skills, *(one.kk for one in record.categories))

    # --- reading ---------------------------------------------------------------------------------------

    async def page(self, caller: Caller, query: ListQuery) -> Page[Course]:
        """The courses of that page, in the same order on every page as far as they can be read whole."""
        if not query.search and not query.sort and query.filters.keys() <= LIST.filters.keys():
            total = await self._total(caller, query)
            if total is not None and total > SCANNED_AT_MOST:
                return await self._as_it_comes(caller, query, total)
        return await super().page(caller, query)

    async def _as_it_comes(self, caller: Caller, query: ListQuery, total: int) -> Page[Course]:
        params, met = LIST.narrowing(query), Count()
        rows, beyond = await asyncio.gather(
            self.readable(caller, LIST, query.skip, query.size, params, met),
            self.readable(caller, LIST, query.skip + query.size, 1, params, Count()),
        )
        found = Rows(rows.items, rows.received + beyond.received)
        return replace(paging.native(found, query, total), note=UNSHOWN if met.rows else "")

    async def _looked_through(self, caller: Caller, query: ListQuery, usable: list[Listing]) -> Page[Course]:
        scan, unshown = await self._whole(caller, LIST.narrowing(query))
        page = self._sliced(scan.items, query, LIST, complete=scan.complete)
        return replace(page, note=UNSHOWN if unshown else "")

    async def _scan(self, caller: Caller, listing: Listing, params: Mapping[str, Any]) -> paging.Scan[Course]:
        return (await self._whole(caller, params))[0]

    async def _whole(self, caller: Caller, params: Mapping[str, Any]) -> tuple[paging.Scan[Course], bool]:
        """All courses of that status, of more than 1,000 the last ones: that is where the list has what was written
        last. Those that the backend cannot show are there as stand-ins; True says that one of them left no trace."""
        total = await self._total(caller, ListQuery(filters=params))
        first, met = max(0, (total or 0) - SCANNED_AT_MOST), Count()

        async def pages(number: int) -> paging.Scan[Course]:
            return await paging.scan(
                lambda skip, limit: self.readable(caller, LIST, first + skip, limit, params, met),
                size=LIST.most, pages=number,
            )  # fmt: skip

        most = SCANNED_AT_MOST // LIST.most
        enough = most if total is None else min(most, total // LIST.most + 1)
        scan = await pages(enough)
        if not scan.complete and enough < most:
            # The total lags behind: more were created meanwhile.
            met = Count()
            scan = await pages(most)
        known = {one.id for one in scan.items}
        status = params.get("moderation_status")
        found = await self.stand_ins(caller, known, status, met.rows) if met.rows else []
        complete = scan.complete and not first
        return paging.Scan([*scan.items, *found], complete), len(found) < met.rows

    async def find_created(self, caller: Caller, values: Mapping[str, Any]) -> Course | None:
        """This admin's newest course of the last hour that equals ``values``; None when there is none."""
        scan = await self.scan(caller)
        wanted = form.complete(values)
        # Lists do not tell the invite code.
        names = [name for name in form.NAMES if name != "invite_code"]
        since = self._now() - FRESH
        found = [
            one for one in scan.items
            if one.author_id == caller.principal.admin_id and one.created_at is not None
            and one.created_at >= since and not form.differing(one, wanted, names)
        ]  # fmt: skip
        return max(found, key=lambda one: one.id, default=None)

    # --- writing ---------------------------------------------------------------------------------------

    async def create(self, caller: Caller, values: Mapping[str, Any]) -> Course:
        """The created course, approved at once. ``cover_image`` may be an ``Upload``."""
        wanted = form.complete(values)
        form.check(wanted)
        cover = values.get("cover_image")
        answer = await self.write(
            "POST", f"{ADMIN}/create", caller, data=form.form(wanted), files=_files(cover)
        )
        made = self.one(answer)
        try:
            return await self.read(caller, made.id)
        except BackendError:
            # It is made: only the invite code is not in this answer.
            return made

    async def update(self, caller: Caller, record_id: int, values: Mapping[str, Any]) -> Course:
        """The course after changing ``values``: everything else is read first and sent again, the cover too,
        since whatever a form leaves out is wiped (contract Q2)."""
        before = await self._sound(caller, record_id)
        form.keepable(before, values)
        wanted = {**form.known(before), **{name: values[name] for name in form.NAMES if name in values}}
        form.check(wanted, values)
        return await self._put(caller, record_id, wanted, await self._kept_cover(before))

    async def repair(self, caller: Caller, record_id: int, values: Mapping[str, Any]) -> Course:
        """The damaged course, readable again: all of it is sent anew. Code and categories stay, a cover cannot."""
        wanted = form.complete(values)
        # The code that the row has already is kept, and cannot be read: only the backend knows whether one is needed.
        form.check({"invite_code": "?", **wanted})
        names = [name for name in form.NAMES if name in wanted or name in ("level", "video_preview")]
        return await self._put(caller, record_id, wanted, None, names)

    async def upload_photo(self, caller: Caller, record_id: int, photo: Upload) -> str:
        """The address of the new cover."""
        before = await self._sound(caller, record_id)
        form.check(form.known(before), ())
        after = await self._put(caller, record_id, form.known(before), photo)
        if after.cover_image == before.cover_image:
            raise UnknownOutcome(Cause.ANSWER, "the cover is the old one")
        return after.cover_image or ""

    async def delete_photo(self, caller: Caller, record_id: int) -> None:
        """Nothing; also when there was no cover."""
        before = await self._sound(caller, record_id)
        if before.cover_image:
            form.check(form.known(before), ())
            await self._put(caller, record_id, form.known(before), None)

    async def delete(self, caller: Caller, record_id: int) -> None:
        """Nothing. The only route asks for no token, so the admin route says first whether there is such a course
        for this caller."""
        await self.get(caller, record_id)
        await self.write("DELETE", f"{PUBLIC}/{record_id:d}", caller)

    async def _sound(self, caller: Caller, record_id: int) -> Course:
        course = await self.get(caller, record_id)
        if course.damaged:
            raise Explained("courses.error.damaged")
        return course

    async def _kept_cover(self, course: Course) -> Upload | None:
        """The cover as it is stored, to be sent again. ``Explained`` when it cannot be had: saving would wipe it."""
        if not course.cover_image:
            return None
        name = form.own_name(unquote(course.cover_image))
        kind = guess_type(name)[0] or "application/octet-stream"
        try:
            cover = Upload(await self._backend.fetch_own(course.cover_image), name, kind)
            form.cover_file(cover)
        except BackendError as error:
            raise Explained("courses.error.cover_lost") from error
        return cover

    async def _put(
        self, caller: Caller, record_id: int, wanted: Mapping[str, Any], cover: Upload | None,
        names: Iterable[str] = form.NAMES,
    ) -> Course:  # fmt: skip
        """The course after it was sent whole, read back: what did not arrive is told, also after a lost answer."""
        lost: UnknownOutcome | None = None
        try:
            await self.write(
                "PUT", f"{ADMIN}/{record_id:d}", caller, data=form.form(wanted), files=_files(cover)
            )
        except UnknownOutcome as error:
            lost = error
        try:
            after = await self.read(caller, record_id)
        except BackendError as error:
            raise lost or UnknownOutcome(Cause.ANSWER, str(error)) from error
        missing = form.differing(after, wanted, names)
        if bool(after.cover_image) is not (cover is not None):
            missing.append("cover_image")
        if missing:
            if lost is not None:
                raise lost
            raise Explained("courses.error.not_kept")
        return after


def _files(cover: Any) -> Files | None:
    return {"cover_image": form.cover_file(cover)} if isinstance(cover, Upload) else None


def _newest(course: Course) -> tuple[float, int]:
    return (-course.created_at.timestamp() if course.created_at is not None else 0.0, -course.id)
