"""All Telegram sessions: the backend's bindings and the bot's own sessions as one list, and their end."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import UTC, datetime
from types import MappingProxyType
from typing import Any, ClassVar

from api.errors import BackendError, Forbidden, NotFound, SessionEnded
from api.listing import Listing
from api.source import Served
from api.telegram_auth import ROOT, TelegramAuth
from models.access import Caller
from models.auth import TelegramSession
from models.signed_in import SignedIn, Where
from resources.queries import ListQuery, Page
from services.living import Alive, Living

AT_ONCE = 8
FIRST_WITHIN = 2.0
"""Seconds that the end of one binding may take: the sessions here wait for the first."""
BINDINGS_WITHIN = 3.0
"""Seconds that a press may spend on ending bindings; those left are ended by the sweep."""
EVERYTHING = Listing(f"{ROOT}/sessions", paged=False, orders=frozenset())


class SignedInAccounts(Served[SignedIn]):
    """Accounts that are signed in, those used last first. ``attach`` gives it the bot's own sessions."""

    operations: ClassVar[Mapping[str, tuple[str, ...]]] = MappingProxyType(
        {
            "page": TelegramAuth.operations["sessions"],
            "get": TelegramAuth.operations["sessions"],
            "revoke": TelegramAuth.operations["revoke"],
        }
    )
    model = SignedIn
    group = "telegram-auth"
    listings = (EVERYTHING,)
    orders: ClassVar[Mapping[str, Any]] = MappingProxyType(
        {
            "": lambda one: (-one.last_activity.timestamp(), one.id),
            "created": lambda one: (-one.created_at.timestamp(), one.id),
            "title": lambda one: (one.admin_name.casefold(), one.id),
        }
    )
    _living: Living | None = None

    def attach(self, living: Living) -> None:
        """Merges the bot's own sessions from now on."""
        self._living = living

    def texts(self, record: SignedIn) -> Iterable[str | None]:
        """Name, account, Telegram id."""
        return (record.admin_name, record.account, str(record.id))

    async def page(self, caller: Caller, query: ListQuery) -> Page[SignedIn]:
        """The sessions of that page."""
        page = self._sliced(await self.all(caller), query, EVERYTHING, complete=True)
        return replace(page, scanned=None)

    async def get(self, caller: Caller, record_id: int) -> SignedIn:
        """The session of that Telegram id."""
        found = next((one for one in await self.all(caller) if one.id == record_id), None)
        if found is None:
            raise NotFound("nobody is signed in from there")
        return found

    async def all(self, caller: Caller) -> list[SignedIn]:
        """Every session."""
        auth = TelegramAuth(self._backend)
        alive: dict[int, Alive] = {}
        if self._living is not None:
            bound, alive = await asyncio.gather(auth.sessions(caller), self._living.alive())
            missing = {one.telegram_user_id for one in bound} - alive.keys()
            alive |= await self._living.alive(missing)
        else:
            bound = await auth.sessions(caller)
        known = {one.telegram_user_id: one for one in bound}
        me = caller.principal.telegram_user_id
        return [
            _merged(user_id, known.get(user_id), alive.get(user_id), me)
            for user_id in sorted(known.keys() | alive.keys())
        ]

    async def revoke(self, caller: Caller, record_id: int, values: Mapping[str, Any]) -> SignedIn:
        """The session after its end: in the bot at once, at the backend now or as soon as it can be reached.

        Tokens that the backend issued live on (contract Q12): the bot, which alone holds them, throws them away.
        """
        record = await self.get(caller, record_id)
        await self.end(caller, [record_id])
        return record.model_copy(update={"where": Where.ENDED})

    async def end(self, caller: Caller, user_ids: Sequence[int]) -> None:
        """Ends those sessions. Raises ``Forbidden`` before anything is ended."""
        auth, living = TelegramAuth(self._backend), self._living
        if living is None or not user_ids:
            return
        # The first one asks the backend whether this admin may at all.
        unbound = await self._unbind(auth, caller, user_ids[0], refusable=True)
        await living.revoke(user_ids, time.time())
        if not unbound:
            # A backend that does not manage one is not asked for the others: all of them are owed to it.
            return
        await living.settled(user_ids[0])
        room = asyncio.Semaphore(AT_ONCE)

        async def one(user_id: int) -> None:
            async with room:
                if await self._unbind(auth, caller, user_id):
                    await living.settled(user_id)

        tasks = [asyncio.ensure_future(one(user_id)) for user_id in user_ids[1:]]
        if tasks:
            _, late = await asyncio.wait(tasks, timeout=BINDINGS_WITHIN)
            for task in late:
                task.cancel()
            await asyncio.gather(*tasks, return_exceptions=True)

    async def _unbind(
        self, auth: TelegramAuth, caller: Caller, user_id: int, *, refusable: bool = False
    ) -> bool:
        try:
            async with asyncio.timeout(FIRST_WITHIN):
                await auth.revoke(caller, user_id)
        except NotFound:
            return True
        except TimeoutError:
            return False
        except (Forbidden, SessionEnded):
            if refusable:
                raise
            return False
        except BackendError:
            return False
        return True


def _merged(user_id: int, bound: TelegramSession | None, alive: Alive | None, me: int) -> SignedIn:
    """What both know of one account; the backend knows the admin and the role of this moment."""
    where = Where.BOTH if bound and alive else Where.CRM if bound else Where.BOT
    since = [bound.created_at] if bound else []
    used = [bound.last_activity_at] if bound else []
    if alive is not None:
        since.append(datetime.fromtimestamp(alive.created_at, UTC))
        used.append(datetime.fromtimestamp(alive.last_activity, UTC))
    account = bound.account if bound and bound.telegram_username else (alive.account if alive else "")
    return SignedIn(
        id=user_id,
        account=account or str(user_id),
        admin_id=bound.admin_id if bound else alive.admin_id if alive else 0,
        admin_name=bound.admin_name if bound else alive.admin_name if alive else "",
        role=bound.admin_role if bound else alive.role if alive else "",
        where=where,
        # The backend keeps the row of an account over later logins: the newer one is this login.
        created_at=max(since),
        last_activity=max(used),
        mine=user_id == me,
    )
