"""What every flow is held to at its end: the bot sends nothing that the backend's document does not know."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from api.listing import Listing
from handlers.users import USERS
from tests.flows.conftest import Stage
from tests.support.openapi import misfits


@pytest.fixture
def misspelt(stage: Stage, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """A source that misspells a parameter; what it sent is forgotten at the end, or the flow would be red."""
    right = Listing.narrowing

    def narrowing(listing: Listing, *args: Any, **options: Any) -> dict[str, Any]:
        # Only here: the menu reads other lists, to count what waits in them.
        users = listing.path == "/api/v2/auth/users"
        return {"statusfilter": "ACTIVE"} if users else right(listing, *args, **options)

    monkeypatch.setattr(Listing, "narrowing", narrowing)
    yield
    stage.watched.seen.clear()


async def test_a_misspelt_parameter_is_found_although_the_crm_ignores_it(stage: Stage, misspelt: None):
    hand = await stage.hand("administrator")
    assert misfits(stage.watched.seen) == []
    await hand.tap(USERS.icon)
    assert hand.t("users.title") in hand.text
    stage.crm.clear_requests()
    assert misfits(stage.watched.seen) == ["GET /api/v2/auth/users: unknown query parameter 'statusfilter'"]
