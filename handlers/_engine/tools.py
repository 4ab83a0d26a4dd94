"""Screens of a list's own: statistics, schedules, leaderboards."""

from __future__ import annotations

from typing import Any

from handlers._engine.listing import open_list
from keyboards.callbacks import Go, Press
from middlewares.context import Context
from resources.resource import Resource
from views.screen import Outcome


class ListContext:
    """What a tool gets: the update, the resource, and the address that was pressed."""

    __slots__ = ("ctx", "go", "resource")

    def __init__(self, ctx: Context, resource: Resource[Any], go: Go) -> None:
        self.ctx = ctx
        self.resource = resource
        self.go = go

    @property
    def source(self) -> Any:
        """What serves the resource."""
        return self.ctx.app.records.source(self.resource)

    @property
    def argument(self) -> str:
        """What the address carries behind the tool's code."""
        return self.go.arg[2:]

    @property
    def page(self) -> int:
        """That as a page, from 1."""
        digits = self.argument
        return max(1, int(digits)) if digits.isascii() and digits.isdigit() else 1

    def address(self, argument: int | str = "") -> Go:
        """The same tool at another argument (at most 18 characters of ``[A-Za-z0-9_-]``)."""
        return Go(Press.TOOL, self.resource.code, arg=f"{self.go.arg[:2]}{argument}", view=self.go.view)

    def back(self) -> Go:
        """The way back to the list."""
        return Go(Press.LIST, self.resource.code, view=self.go.view)


async def run_tool(ctx: Context, resource: Resource[Any], go: Go) -> Outcome:
    """What the tool answers; an unknown one shows the list again."""
    tool = resource.tool(go.arg[:2])
    if tool is None:
        return await open_list(ctx, resource, go)
    outcome = await tool.run(ListContext(ctx, resource, go))
    return outcome if isinstance(outcome, Outcome) else Outcome()
