"""What a module's own actions and tools are given: the update, the resource, and the address that was pressed."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

from keyboards.callbacks import Go, Press
from middlewares.context import Context
from resources.resource import Resource
from services.drafts import Draft


def number_of(digits: str) -> int:
    """The page that part of an address names, from 1."""
    return max(1, int(digits)) if digits.isascii() and digits.isdigit() else 1


FROM_TOOL = "t"
"""Before the argument of a tool, in the address of a card that was opened there."""


@dataclass(frozen=True, slots=True)
class OwnContext:
    """One press on a button of the module's own; the address carries the button's code and an argument behind it."""

    ctx: Context
    resource: Resource[Any]
    go: Go

    @property
    def source(self) -> Any:
        """What serves the resource."""
        return self.ctx.app.records.source(self.resource)

    @property
    def argument(self) -> str:
        """What the address carries behind the code."""
        return self.go.arg[2:]

    @property
    def page(self) -> int:
        """The argument as a page, from 1."""
        return number_of(self.argument)

    def address(self, argument: int | str = "") -> Go:
        """The same button with another argument, at most 18 characters of ``[A-Za-z0-9_-]``."""
        return replace(self.go, arg=f"{self.go.arg[:2]}{argument}", key="")


@dataclass(frozen=True, slots=True)
class FormContext:
    """The end of a form whose declaration says what comes of it (``Resource.submit``)."""

    ctx: Context
    resource: Resource[Any]
    draft: Draft

    @property
    def source(self) -> Any:
        """What serves the resource."""
        return self.ctx.app.records.source(self.resource)

    def go(self, press: Press) -> Go:
        """An address inside this draft."""
        return Go(press, self.resource.code, view=self.draft.id)


class RecordContext(OwnContext):
    """A press on an action of one record."""

    def card(self) -> Go:
        """The way back to the card."""
        return replace(self.go, op=Press.CARD, arg="", key="")


class ListContext(OwnContext):
    """A press on a tool of a list."""

    def card(self, record_id: int) -> Go:
        """The card of one of the resource's records, whose Back leads to this screen again."""
        return Go(Press.CARD, self.resource.code, record_id, FROM_TOOL + self.go.arg, self.go.view)

    def back(self) -> Go:
        """The way back to the list."""
        return Go(Press.LIST, self.resource.code, view=self.go.view)
