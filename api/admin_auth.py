"""The signed-in admin and the registrations that wait: contract section 2.2."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import ClassVar

from api.client import Backend
from models.access import Caller
from models.auth import AdminProfile

PROFILE = "/api/v2/admin/profile"
PENDING_COUNT = "/api/v2/admin/pending/count"
GROUP = "admin-auth"


class AdminAuth:
    """What the backend knows about the caller."""

    operations: ClassVar[Mapping[str, tuple[str, ...]]] = MappingProxyType(
        {"profile": (f"GET {PROFILE}",), "pending_count": (f"GET {PENDING_COUNT}",)}
    )

    def __init__(self, backend: Backend) -> None:
        self._backend = backend

    async def profile(self, caller: Caller) -> AdminProfile:
        """The caller with the role of this moment: the one in the token may be stale (contract Q12)."""
        return (await self._backend.call("GET", PROFILE, group=GROUP, caller=caller)).one(AdminProfile)

    async def pending_count(self, caller: Caller) -> int:
        """Registrations waiting for approval; 0 for every role but super_admin, without a refusal."""
        count = (await self._backend.call("GET", PENDING_COUNT, group=GROUP, caller=caller)).part("count")
        if not isinstance(count.json, int):
            raise count.bad("no number")
        return count.json
