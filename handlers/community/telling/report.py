"""Saying how far a telling is: on the screen of whoever ordered it and looks on, and what became of it at the end."""

from __future__ import annotations

import time
from collections.abc import Iterable

from handlers.community.shown import title
from handlers.community.telling.kinds import PAIR
from handlers.community.telling.screens import listens, standing_screen
from middlewares.context import App
from models.access import Module, Need, Permission
from models.community import Member
from services import policy
from services.preferences import UiState
from services.tellings import AGAIN, OPEN, Line, Standing, State
from views.deliver import Shown

FIRST_TOLD = 2.0
TOLD_EVERY = 3.0
READS = Need(Permission.READ, Module.COMMUNITY)


class Reporter:
    """The reports of one worker about one telling."""

    def __init__(self, app: App, standing: Standing) -> None:
        self._app = app
        self._telling = standing.telling
        self._told_at = time.monotonic() + FIRST_TOLD - TOLD_EVERY
        self._members: dict[int, Member] = {}

    def know(self, members: Iterable[Member]) -> None:
        """Whose names can be told."""
        self._members = {one.id: one for one in members}

    async def progress(self, standing: Standing) -> None:
        """How far it is, where the person looks at it, and not too often."""
        now, user_id = time.monotonic(), self._telling.user_id
        if now - self._told_at < TOLD_EVERY or not user_id:
            return
        state = await self._app.preferences.state(user_id)
        shown = _watched(state, standing)
        if shown is None:
            return
        self._told_at = now
        locale = self._app.locale(self._telling.language, self._telling.zone)
        await self._app.deliver.redraw(user_id, shown, standing_screen(self._app, standing, locale))

    async def end(self, standing: Standing) -> None:
        """What became of it, or why it waits: to whoever ordered it, and once it is over to those who asked."""
        ordered = self._telling.user_id
        others = [] if standing.state in OPEN else [one for one in self._telling.reports if one != ordered]
        if standing.state is State.STOPPED:
            others = []
        for user_id in ([ordered] if ordered else []) + others:
            await self._say(user_id, standing)

    async def _say(self, user_id: int, standing: Standing) -> None:
        """On the screen that shows it, else in a message of its own; with names for those alone who may read them."""
        app, telling = self._app, self._telling
        state = await app.preferences.state(user_id)
        session = await app.sessions.load(user_id)
        reads = session is not None and policy.allows(session.principal, READS)
        locale = app.locale(state.reads, state.timezone)
        if user_id == telling.user_id:
            locale = app.locale(telling.language, telling.zone)
        names = {one.id: title(one, locale) for one in self._members.values()} if reads else {}
        screen = standing_screen(app, standing, locale, names)
        shown = _watched(state, standing)
        if shown is not None and await app.deliver.redraw(user_id, shown, screen):
            return
        if _goes_without_saying(standing):
            return
        if reads or user_id == telling.user_id:
            await app.deliver.show(user_id, None, screen)


def _watched(state: UiState, standing: Standing) -> Shown | None:
    """The living message while it shows this telling; None when the person went on."""
    if state.input != listens(standing.telling) or state.message_id is None:
        return None
    return Shown(state.message_id, state.message_kind == "photo")


def _goes_without_saying(standing: Standing) -> bool:
    """True for two that were told: whoever paired them expects nothing else."""
    trouble = standing.members(*AGAIN, Line.NO_WAY)
    return standing.telling.kind == PAIR and standing.state is State.DONE and not trouble
