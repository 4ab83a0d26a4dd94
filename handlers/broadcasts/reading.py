"""The button under the backend's own messages: it sends them with this bot's token, so the presses come here."""

from __future__ import annotations

import re

from middlewares.context import Context
from views.screen import Outcome

_READ = re.compile(r"broadcast:read:([0-9]{1,9})", re.ASCII)


def read_press(data: str | None) -> int | None:
    """The broadcast that a press says was read; None for any other button."""
    found = _READ.fullmatch(data or "")
    return int(found[1]) if found else None


async def note_read(ctx: Context, broadcast_id: int) -> Outcome:
    """One toast; the message stays as it is. No route of the backend takes it, so the bot remembers who it was."""
    if not ctx.principal.is_guest:
        await ctx.app.broadcasts.note_read(broadcast_id, ctx.person.id)
    return Outcome(toast=ctx.t("broadcasts.noted"))
