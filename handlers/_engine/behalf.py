"""What is done without anybody's click: with the session of somebody who may, whose role is asked anew."""

from __future__ import annotations

import time
from collections.abc import Awaitable, Callable, Iterable
from typing import TypeVar

import structlog

from api.errors import Forbidden, SessionEnded
from middlewares.context import App
from models.access import Caller, Need
from services import policy
from services.policy import Denied
from services.sessions import Session

R = TypeVar("R")


async def with_one_of(
    app: App, sessions: Iterable[Session], need: Need, run: Callable[[Caller, Session], Awaitable[R]]
) -> R | None:
    """What ``run`` answers with the first session that is still good and still may; None when none is.

    None of them is kept from idling out. Raises what ``run`` raises, but for what passes a session over.
    """
    for session in sessions:
        try:
            fresh = await app.sessions.revalidate(session, time.time(), writing=True, used=False)
            policy.require(fresh.principal, need)
            return await run(app.sessions.caller(fresh, used=False), fresh)
        except (SessionEnded, Forbidden, Denied) as error:
            structlog.get_logger("behalf").info("session_passed_over", reason=type(error).__name__)
    return None
