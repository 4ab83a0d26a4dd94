"""Admins that are signed in through Telegram, as a filter picks them: contract section 2.1."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import Any, ClassVar

from api.client import Backend
from api.errors import NotFound
from api.paging import sliced
from api.telegram_auth import TelegramAuth
from models.access import Caller
from models.signed_in import SignedInAdmin
from resources.queries import ListQuery, Page, Source
from utils.folding import fold


class SignedInAdmins(Source[SignedInAdmin]):
    """Each admin once, by name."""

    operations: ClassVar[Mapping[str, tuple[str, ...]]] = MappingProxyType(
        dict.fromkeys(("page", "get"), TelegramAuth.operations["sessions"])
    )

    def __init__(self, backend: Backend, **_: Any) -> None:
        self._auth = TelegramAuth(backend)

    async def page(self, caller: Caller, query: ListQuery) -> Page[SignedInAdmin]:
        """Those whose name holds the search."""
        text = fold(query.search)
        found = [one for one in await self._all(caller) if text in fold(one.name)]
        return sliced(found, query, scanned=len(found), complete=True)

    async def get(self, caller: Caller, record_id: int) -> SignedInAdmin:
        """The admin. Raises ``NotFound`` once none of its accounts is bound."""
        found = next((one for one in await self._all(caller) if one.id == record_id), None)
        if found is None:
            raise NotFound("no such admin is signed in")
        return found

    async def _all(self, caller: Caller) -> list[SignedInAdmin]:
        names = {one.admin_id: one.admin_name for one in await self._auth.sessions(caller)}
        admins = (SignedInAdmin(id=admin_id, name=name) for admin_id, name in names.items())
        return sorted(admins, key=lambda one: (one.name.casefold(), one.id))
