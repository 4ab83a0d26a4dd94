"""Making an export in the background: rows into a sheet, progress on the screen, the file into the chat.

Done by whichever worker takes the job; a second worker that gets it too does nothing. What a killed worker began is
begun anew, and a file that may have been sent already is not sent again.
"""

from __future__ import annotations

import asyncio
import secrets
import time
from datetime import datetime
from typing import Any

import structlog
from taskiq.exceptions import SendTaskError

from api.context import request_id
from api.errors import BackendError, Explained, Forbidden, SessionEnded
from handlers._engine.reading import Notes, Reader, rows_of
from locales.locale import Locale
from middlewares.context import App
from resources.resource import Resource
from services.audit import AuditEntry
from services.children import ChildFailed
from services.export import columns
from services.export.orders import LEASE, Order, Standing, State
from services.export.sheet import Sheet
from services.export.writer import Layout
from services.policy import Denied
from utils.html import Html, lines
from views.deliver import FILE_LIMIT, Shown
from views.export import end_screen, listens, progress_screen
from views.screen import File, Screen

JOB = "export"
ROWS = 50_000
"""Records in one file."""
CARDS = 2_000
"""Cards that are read one by one for columns the list does not have."""
READ_SECONDS = 180.0
SEND_SECONDS = 50
SECONDS = 290.0
"""The whole job: reading, packing (30 s), sending, and a second try of that."""
AT_ONCE = 2
"""Exports that one process makes side by side: the others wait for their turn."""
PULSE = 1.0
"""Seconds between two looks at whether it is to go on."""
FIRST_TOLD = 2.0
TOLD_EVERY = 3.0
SHOWN_WITHIN = 8.0
"""Seconds the progress screen may take to reach the chat; the file waits for it, to come below."""
AT_A_TIME = 20
"""Rows made between two breaths of the event loop."""

_log = structlog.get_logger("exports")


class Nothing(Exception):
    """There is no record to write."""


class TooLarge(Exception):
    """The file has more bytes than Telegram takes."""


async def run(app: App, user_id: int, order_id: str) -> None:
    """The job. Raises ``RedisError``: the order is taken up again later."""
    here = app.exports.here
    if len(here) >= AT_ONCE:
        return
    holder = secrets.token_hex(8)
    here.add(holder)
    try:
        standing = await app.exports.claim(user_id, order_id, holder)
        if standing is not None:
            request_id.set(f"export-{order_id}")
            await _Making(app, standing, holder).run()
    finally:
        here.discard(holder)


async def resume(app: App) -> None:
    """Has every order done that nobody works on: its worker died, was busy, or Redis was away."""
    for user_id, order_id in await app.exports.due():
        await ask(app, user_id, order_id)


async def ask(app: App, user_id: int, order_id: str) -> None:
    """Has the order done by whoever is free. Without Redis nobody is asked now: ``resume`` does it again."""
    try:
        await app.jobs.send(JOB, user_id=user_id, order_id=order_id)
    except SendTaskError as error:
        _log.warning("export_not_sent", order=order_id, reason=type(error.__cause__ or error).__name__)


def resource_of(app: App, order: Order) -> Resource[Any] | None:
    """The order's resource, bound to its parent."""
    found = app.registry.by_code.get(order.resource)
    return found.at(order.under) if found is not None and order.under else found


def progress(resource: Resource[Any], standing: Standing, locale: Locale, now: float) -> Screen:
    """How far it is, with an estimate once there is something to go by."""
    order, rows = standing.order, standing.rows
    left = None
    if rows and order.expected and now > standing.begun_at:
        left = (now - standing.begun_at) * max(0, min(order.expected, ROWS) - rows) / rows
    return progress_screen(resource, order, standing.state, rows, left, locale)


class _Making:
    """One order in the hands of one worker."""

    def __init__(self, app: App, standing: Standing, holder: str) -> None:
        self._app = app
        self._order = standing.order
        self._state = standing.state
        self._holder = holder
        self._begun_at = standing.begun_at
        self._locale = app.locale(self._order.language, self._order.zone)
        self._rows = 0
        self._told_at = time.monotonic() + FIRST_TOLD - TOLD_EVERY

    async def run(self) -> None:
        resource = resource_of(self._app, self._order)
        if resource is None:
            await self._app.exports.settle(self._order, self._holder, State.RUNNING, State.FAILED)
            return
        self._resource: Resource[Any] = resource
        self._reader = Reader(self._app, self._order, resource, ROWS, CARDS, time.monotonic() + READ_SECONDS)
        if self._state is not State.RUNNING:
            key = "export.unknown" if self._state is State.UNKNOWN else "export.broken"
            await self._say(self._locale.html(key), again=True)
            return
        work = asyncio.create_task(self._content())
        try:
            if await self._watch(work):
                await self._end(work)
        except asyncio.CancelledError:
            await self._hand_over()
            raise
        finally:
            work.cancel()
            await asyncio.gather(work, return_exceptions=True)

    async def _hand_over(self) -> None:
        """The process ends: another one begins anew, at once."""
        if await self._app.exports.settle(self._order, self._holder, State.RUNNING, State.WAITING):
            await ask(self._app, self._order.user_id, self._order.id)

    async def _watch(self, work: asyncio.Task[bytes]) -> bool:
        """True when the work ended by itself; False when it was stopped, or is another worker's now."""
        while True:
            await asyncio.wait({work}, timeout=PULSE)
            if not await self._app.exports.keep(self._order, self._holder, self._rows):
                return False
            if work.done():
                return True
            await self._tell(State.RUNNING)

    async def _end(self, work: asyncio.Task[bytes]) -> None:
        try:
            content = work.result()
        except (BackendError, Denied, Nothing, TooLarge, ChildFailed) as error:
            await self._fail(error)
            return
        await self._send(content)

    # --- the file ------------------------------------------------------------------------------------------

    async def _content(self) -> bytes:
        order, locale = self._order, self._locale
        made = columns.build(
            self._resource, order.columns, locale, self._app.records.absolute,
            full=order.full, known=self._reader.known,
        )  # fmt: skip
        # Where a comma stands in numbers, spreadsheets expect a semicolon between cells.
        comma = order.language != "en"
        layout = Layout(
            format=order.format, path="", title=locale.t(f"{self._resource.key}.title"),
            headings=tuple(column.heading for column in made), kinds=tuple(column.kind for column in made),
            delimiter=";" if comma else ",", decimal="," if comma else ".",
        )  # fmt: skip
        await self._reader.principal()
        async with Sheet(layout) as sheet:
            waiting: list[Any] = []
            async for batch in self._reader.batches():
                waiting += batch
                while len(waiting) >= AT_A_TIME:
                    await self._add(sheet, made, waiting[:AT_A_TIME])
                    del waiting[:AT_A_TIME]
            await self._add(sheet, made, waiting)
            if not self._rows:
                raise Nothing
            content = await sheet.finish(FILE_LIMIT)
        if content is None:
            raise TooLarge
        return content

    async def _add(self, sheet: Sheet, made: tuple[columns.Column, ...], batch: list[Any]) -> None:
        await sheet.add(rows_of(made, batch))
        self._rows += len(batch)
        # A pipe that takes everything at once gives nobody else a turn.
        await asyncio.sleep(0)

    # --- the person ----------------------------------------------------------------------------------------

    async def _send(self, content: bytes) -> None:
        exports, order, holder = self._app.exports, self._order, self._holder
        await self._until_shown()
        await self._audit()
        if not await exports.sending(order, holder, 2 * SEND_SECONDS + LEASE):
            return
        await self._tell(State.SENDING, at_once=len(content) > 1_000_000)
        file = File(self._file_name(), content, self._caption())
        arrived = await self._app.deliver.send_file(order.user_id, file, SEND_SECONDS)
        await exports.settle(order, holder, State.SENDING, State.SENT if arrived else State.FAILED)
        if arrived:
            await self._say(self._result(self._reader.notes), only_there=True)
        else:
            await self._say(self._locale.html("file.not_sent"), again=True)

    async def _audit(self) -> None:
        """Written before the file leaves: what cannot be noted is not handed out."""
        session, order = self._reader.session, self._order
        if session is None:
            raise SessionEnded("nobody to answer for it")
        principal = session.principal
        after = {
            "format": order.format, "rows": self._rows, "columns": list(order.columns), "full": order.full,
            "filters": dict(order.filters), "search": order.search, "ticked": len(order.ids),
        }  # fmt: skip
        await self._app.audit.add(
            AuditEntry(
                at=time.time(), admin_id=principal.admin_id, telegram_user_id=order.user_id,
                name=principal.name, role=str(principal.role), op="export", resource=self._resource.key,
                record_id=order.under or None, after=after, sid=session.sid,
            )
        )  # fmt: skip

    async def _fail(self, error: Exception) -> None:
        key = error.detail if isinstance(error, Explained) else _REASONS.get(type(error))
        if key is None:
            key = "export.unavailable" if isinstance(error, BackendError) else "export.broken"
        log = _log.info if isinstance(error, Nothing | Denied | SessionEnded | TooLarge) else _log.warning
        log("export_failed", order=self._order.id, reason=type(error).__name__)
        if await self._app.exports.settle(self._order, self._holder, State.RUNNING, State.FAILED):
            await self._until_shown()
            await self._say(self._locale.html(key), again=not isinstance(error, Nothing | SessionEnded))

    async def _tell(self, state: State, *, at_once: bool = False) -> None:
        """Progress on the screen, where the person looks at it, and not too often."""
        now = time.monotonic()
        if not at_once and (now - self._told_at < TOLD_EVERY or state is State.SENDING):
            return
        shown = await self._watched()
        if shown is None:
            return
        self._told_at = now
        standing = Standing(self._order, state, self._rows, self._begun_at)
        screen = progress(self._resource, standing, self._locale, time.time())
        await self._app.deliver.redraw(self._order.user_id, shown, screen)

    async def _say(self, text: Html, *, again: bool = False, only_there: bool = False) -> None:
        """The end, on the progress screen; in a message of its own when the person looks at something else,
        unless the file says it all (``only_there``)."""
        order = self._order
        screen = end_screen(self._resource, order, text, self._locale, again=again)
        shown = await self._watched()
        if shown is not None and await self._app.deliver.redraw(order.user_id, shown, screen):
            return
        if not only_there:
            await self._app.deliver.show(order.user_id, None, screen)

    async def _watched(self) -> Shown | None:
        """The living message while it shows this export's progress; None when the person went on."""
        state = await self._app.preferences.state(self._order.user_id)
        if state.input != listens(self._order) or state.message_id is None:
            return None
        return Shown(state.message_id, state.message_kind == "photo")

    async def _until_shown(self) -> None:
        """Returns when the progress screen stands in the chat, or will not any more."""
        end = self._order.created_at + SHOWN_WITHIN
        while await self._watched() is None and time.time() < end:  # noqa: ASYNC110 - another process shows it
            await asyncio.sleep(0.1)

    def _file_name(self) -> str:
        today = datetime.now(self._locale.zone).date()
        whose = f"-{self._order.under}" if self._order.under else ""
        return f"{self._resource.key.replace('_', '-')}{whose}-{today:%Y-%m-%d}.{self._order.format}"

    def _caption(self) -> Html:
        count = self._locale.number(self._rows)
        said = self._locale.html("export.caption", name=self._order.title, n=self._rows, count=count)
        # The file goes its own ways: what it lacks stands under it, too.
        return lines(said, *self._lacks(self._reader.notes))

    def _result(self, notes: Notes) -> Html:
        count = self._locale.number(self._rows)
        done = self._locale.html("export.done", n=self._rows, count=count, name=self._file_name())
        return lines(done, *self._lacks(notes))

    def _lacks(self, notes: Notes) -> list[Html]:
        """What the file does not have, and why."""
        locale = self._locale
        limit, cards = locale.number(ROWS), locale.number(CARDS)
        said = [
            locale.html(notes.lacks) if notes.lacks else None,
            locale.html("export.note.cut", limit=limit) if notes.cut else None,
            locale.html("export.note.scanned", n=notes.scanned, count=locale.number(notes.scanned))
            if notes.scanned
            else None,
            locale.html("export.note.late") if notes.late else None,
            locale.html("export.note.plain", n=notes.plain, count=locale.number(notes.plain), limit=cards)
            if notes.plain
            else None,
            locale.html("export.note.gone", n=notes.gone) if notes.gone else None,
        ]
        return [one for one in said if one is not None]


_REASONS: dict[type[Exception], str] = {
    Nothing: "export.nothing",
    TooLarge: "export.too_large",
    Denied: "error.forbidden",
    Forbidden: "error.forbidden",
    SessionEnded: "export.signed_out",
}
