"""Who may do what: nothing is offered that the running backend cannot do."""

from __future__ import annotations

from typing import Any

import pytest

from handlers.modules import RESOURCES
from models.access import Principal, Role
from resources.resource import Action, Resource, Tool
from services.reading import Reading

BOSS = Principal(101, 1, Role.SUPER_ADMIN)
OWN = [
    pytest.param(resource, own, method, id=f"{resource.key}-{own.name}-{method}")
    for resource in RESOURCES
    for own in (*resource.actions, *resource.tools)
    for method in own.calls
]


def reading(missing: frozenset[str] = frozenset()) -> Reading:
    """What reads from a backend that lacks these operations."""
    sources: dict[str, Any] = {resource.code: resource.source for resource in RESOURCES}

    async def nothing(_: Any) -> dict[str, Any]:
        return {}

    return Reading(sources, lambda name: name not in missing, {}, nothing)


@pytest.mark.parametrize(("resource", "own", "method"), OWN)
def test_a_button_goes_with_the_operations_that_it_calls(
    resource: Resource[Any], own: Action[Any] | Tool, method: str
) -> None:
    assert reading().may_run(BOSS, resource, own)
    gone = frozenset(resource.source.operations[method])
    assert gone
    assert not reading(gone).may_run(BOSS, resource, own)


@pytest.mark.parametrize(("resource", "own", "method"), OWN)
def test_nobody_runs_what_they_may_not(resource: Resource[Any], own: Action[Any] | Tool, method: str) -> None:
    assert not reading().may_run(Principal(101), resource, own)
