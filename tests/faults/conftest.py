from __future__ import annotations

import pytest

from tests.faults.figures import Figures
from tests.support.fixtures import calm_redis, hooked, nursery, own_redis, pair, polled, redis, seeded, shaky

__all__ = [
    "calm_redis",
    "figures",
    "hooked",
    "nursery",
    "own_redis",
    "pair",
    "polled",
    "redis",
    "seeded",
    "shaky",
]


@pytest.fixture
def figures(request: pytest.FixtureRequest) -> Figures:
    """Where a test notes what it measured."""
    return Figures(f"{request.path.name}::{request.node.originalname}")
