"""What the backend has, against what is needed: believed until read, kept while it cannot be read."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
import structlog

from api.errors import Cause, Unavailable
from services import capabilities as module
from services.capabilities import Capabilities

LIST, CREATE, OTHER = "GET /events", "POST /events", "GET /news"


class Backend:
    def __init__(self) -> None:
        self.offered: frozenset[str] | Exception = frozenset({LIST, CREATE, OTHER})
        self.alive_now = True
        self.asked = 0

    async def openapi(self) -> frozenset[str]:
        if isinstance(self.offered, Exception):
            raise self.offered
        return self.offered

    async def alive(self) -> bool:
        self.asked += 1
        return self.alive_now


@pytest.fixture
def backend() -> Backend:
    return Backend()


@pytest.fixture
def capabilities(backend: Backend) -> Capabilities:
    return Capabilities(backend, {"events": frozenset({LIST, CREATE}), "news": frozenset({OTHER})})


def test_until_it_was_read_the_contract_is_believed(capabilities: Capabilities):
    assert capabilities.offers(LIST)
    assert capabilities.offers("GET /unheard-of")
    assert capabilities.missing() == frozenset()
    assert capabilities.checked_at is None


async def test_read_it_says_what_is_missing(capabilities: Capabilities, backend: Backend):
    backend.offered = frozenset({LIST, OTHER, "GET /more"})
    with structlog.testing.capture_logs() as logs:
        assert await capabilities.refresh()
    assert capabilities.offers(LIST)
    assert not capabilities.offers(CREATE)
    assert capabilities.missing() == {CREATE}
    assert (datetime.now(UTC) - capabilities.checked_at).total_seconds() < 60
    assert [(line["event"], line["operations"]) for line in logs] == [("capabilities_missing", [CREATE])]


async def test_with_everything_there_nothing_is_said(capabilities: Capabilities):
    with structlog.testing.capture_logs() as logs:
        assert await capabilities.refresh()
    assert capabilities.missing() == frozenset()
    assert logs == []


async def test_what_was_known_stays_while_it_cannot_be_read(capabilities: Capabilities, backend: Backend):
    backend.offered = frozenset({LIST, OTHER})
    await capabilities.refresh()
    checked_at = capabilities.checked_at
    backend.offered = Unavailable(Cause.CONNECT)
    with structlog.testing.capture_logs() as logs:
        assert not await capabilities.refresh()
    assert capabilities.missing() == {CREATE}
    assert capabilities.checked_at == checked_at
    assert [line["event"] for line in logs] == ["capabilities_not_read"]


async def test_what_came_back_is_offered_again(capabilities: Capabilities, backend: Backend):
    backend.offered = frozenset({LIST})
    await capabilities.refresh()
    backend.offered = frozenset({LIST, CREATE, OTHER})
    await capabilities.refresh()
    assert capabilities.offers(CREATE)


async def test_nothing_needed_is_nothing_missing(backend: Backend):
    capabilities = Capabilities(backend, {})
    await capabilities.refresh()
    assert capabilities.missing() == frozenset()


async def test_the_backend_is_asked_whether_it_lives_at_most_every_ten_seconds(
    capabilities: Capabilities, backend: Backend, monkeypatch
):
    now = 1_000.0
    monkeypatch.setattr(module.time, "monotonic", lambda: now)
    assert await capabilities.backend_alive()
    backend.alive_now = False
    assert await capabilities.backend_alive()
    assert backend.asked == 1
    now += module.ALIVE_FOR + 0.1
    assert not await capabilities.backend_alive()
    assert backend.asked == 2


MEMBERS, PAIRS = "GET /api/v2/community/members", "GET /api/v2/community/mentorship/pairs"


async def test_an_extension_has_to_be_seen(backend: Backend):
    capabilities = Capabilities(backend, {"members": frozenset({MEMBERS, PAIRS})})
    assert not capabilities.offers(MEMBERS)
    await capabilities.refresh()
    assert not capabilities.offers(MEMBERS)
    assert capabilities.missing() == frozenset()
    backend.offered = frozenset({LIST, MEMBERS})
    await capabilities.refresh()
    assert capabilities.offers(MEMBERS)
    assert capabilities.missing() == {PAIRS}


async def test_a_list_that_was_never_read_is_asked_for_again(capabilities: Capabilities, backend: Backend):
    backend.offered, kept = Unavailable(Cause.CONNECT), backend.offered
    await capabilities.refresh_unread()
    assert capabilities.checked_at is None
    backend.offered = kept
    await capabilities.refresh_unread()
    first = capabilities.checked_at
    assert first is not None
    await capabilities.refresh_unread()
    assert capabilities.checked_at == first
