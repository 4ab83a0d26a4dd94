"""A member's word about a coffee, given once: what became of it, as something that can be said."""

from __future__ import annotations

from collections.abc import Callable
from enum import StrEnum
from typing import Protocol

from api.community import CoffeeFeedback
from api.errors import BackendError, Conflict, Forbidden, NotFound, UnknownOutcome

ROLLED_BACK = "rolled back"
"""How the backend says that there was no such round after all; its two conflicts have no other mark."""


class Given(StrEnum):
    """What became of it. ``CLOSED``: the bot has no secret, or the wrong one. ``UNSURE``: it may be kept."""

    DONE = "done"
    ALREADY = "already"
    CALLED_OFF = "called_off"
    NOT_YOURS = "not_yours"
    CLOSED = "closed"
    UNAVAILABLE = "unavailable"
    UNSURE = "unsure"


class Giving(Protocol):
    """The backend's side (``api.community.CoffeeFeedback``)."""

    async def give(
        self, user_id: int, group_id: int, *, met: bool, rating: int | None = None, note: str | None = None
    ) -> None:
        """Nothing; the word is kept."""


class Feedback:
    """``offers`` knows the backend's operations; ``set_up`` is False without a secret of the bot."""

    def __init__(self, backend: Giving, offers: Callable[[str], bool], *, set_up: bool) -> None:
        self._backend = backend
        self._offers = offers
        self._set_up = set_up

    @property
    def is_open(self) -> bool:
        """True when members can be asked: then the button is drawn."""
        return self._set_up and all(self._offers(one) for one in CoffeeFeedback.operations["give"])

    async def give(
        self, user_id: int, group_id: int, *, met: bool, rating: int | None, note: str | None
    ) -> Given:
        """What became of that person's word. ``user_id`` is the sender of the update."""
        if not self._set_up:
            return Given.CLOSED
        try:
            await self._backend.give(user_id, group_id, met=met, rating=rating, note=note)
        except NotFound:
            return Given.NOT_YOURS
        except Conflict as error:
            return Given.CALLED_OFF if ROLLED_BACK in error.detail.lower() else Given.ALREADY
        except Forbidden:
            return Given.CLOSED
        except UnknownOutcome:
            return Given.UNSURE
        except BackendError:
            return Given.UNAVAILABLE
        return Given.DONE
