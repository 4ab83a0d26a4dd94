"""What a backend may offer beside its own operations: seen in its ``/openapi.json`` or not there at all."""

from __future__ import annotations

from collections.abc import Collection, Iterable

COMMUNITY = "/api/v2/community"
EXTENSIONS = (COMMUNITY,)
"""Where the operations of each extension begin."""


def extension_of(operation: str) -> str:
    """The extension that ``"METHOD /path"`` is a part of; ``""`` for an operation of the backend itself."""
    path = operation.partition(" ")[2]
    return next((root for root in EXTENSIONS if path.startswith(f"{root}/")), "")


def left_out(wanted: Iterable[str], offered: Collection[str]) -> frozenset[str]:
    """Those of ``wanted`` whose extension is not there: nothing is wrong with a backend without it."""
    there = {extension_of(operation) for operation in offered}
    return frozenset(one for one in wanted if extension_of(one) and extension_of(one) not in there)
