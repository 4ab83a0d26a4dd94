"""Screens of a list's own: statistics, schedules, leaderboards."""

from __future__ import annotations

from typing import Any

from handlers._engine.listing import open_list
from handlers._engine.own import ListContext
from keyboards.callbacks import Go
from middlewares.context import Context
from resources.resource import Resource
from views.screen import Outcome


async def run_tool(ctx: Context, resource: Resource[Any], go: Go) -> Outcome:
    """What the tool answers; an unknown one shows the list again."""
    tool = resource.tool(go.arg[:2])
    if tool is None:
        return await open_list(ctx, resource, go)
    outcome = await tool.run(ListContext(ctx, resource, go))
    return outcome if isinstance(outcome, Outcome) else Outcome()
