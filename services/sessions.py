"""Who is signed in: sessions in Redis, kept in step with the backend's binding.

A session ends by logout, by revocation (the backend has no binding), by idling (its key runs out) and at its
absolute end. Ended is ended: the backend's ``restore`` is asked only for people this Redis never knew, so
that nothing comes back but what a loss of Redis took away.
"""

from __future__ import annotations

import asyncio
import json
import logging
import secrets
import time
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass, field, replace
from datetime import UTC, datetime
from typing import Any, Protocol

from redis.asyncio import Redis
from redis.asyncio.client import Pipeline

from api.errors import BackendError, Cause, SessionEnded, Unavailable
from models.access import Principal, Role
from models.auth import Login
from services.keys import DAY, MINUTE, BindingsKey, IdleKey, SessionKey, UiKey, as_text
from services.preferences import Ended, UiField, UiState
from services.vault import Unsealable, Vault

log = logging.getLogger(__name__)

FRESH = 60.0
"""Seconds a check of the binding is good for."""
TOLERATED = 600.0
"""Seconds that reads go on with an older check while the backend cannot be reached."""
GUEST_PAUSE = 10 * MINUTE
"""Seconds until a guest may be asked about at the backend again."""
SWEEP_RETRY = 5 * MINUTE
_GONE = -2

# Writes the session only over itself: one that was ended or replaced meanwhile stays so. Without a lifetime it
# ends when it would have ended.
_REFRESH = """
local held = redis.call('GET', KEYS[1])
if not held or not string.find(held, ARGV[1], 1, true) then return 0 end
if ARGV[3] == '' then redis.call('SET', KEYS[1], ARGV[2], 'KEEPTTL')
else redis.call('SET', KEYS[1], ARGV[2], 'PX', ARGV[3]) end
return 1
"""

# Ends the session unless another one took its place, and says in the ui hash how it ended.
END_SESSION = """
local held = redis.call('GET', KEYS[1])
if held and ARGV[1] ~= '' and not string.find(held, ARGV[1], 1, true) then return 0 end
redis.call('DEL', KEYS[1])
redis.call('HSET', KEYS[2], unpack(ARGV, 2))
return 1
"""


class Bindings(Protocol):
    """The backend's side of a session (``api.telegram_auth.TelegramAuth``)."""

    async def restore(self, telegram_user_id: int) -> Login | None:
        """A login with a fresh token, None without an active binding."""

    async def logout(self, telegram_user_id: int) -> bool:
        """True when a binding was ended."""


@dataclass(frozen=True, slots=True)
class Session:
    """A login. Times are epoch seconds; ``role`` is the backend's spelling; ``sid`` names it in the audit;
    ``account`` is how people name the Telegram account, ``""`` after a loss of Redis."""

    telegram_user_id: int
    admin_id: int
    role: str
    access_token: str = field(repr=False)
    admin_name: str
    created_at: float
    last_activity: float
    checked_at: float
    sid: str
    account: str = ""

    @property
    def principal(self) -> Principal:
        """Who acts in this session."""
        return Principal(self.telegram_user_id, self.admin_id, Role.known(self.role), self.admin_name)

    @property
    def ends_at(self) -> float:
        """Epoch second after which it is over, however busy it is."""
        return self.created_at + SessionKey.MAX_AGE


@dataclass(frozen=True, slots=True)
class Started:
    """A new session; ``others``: Telegram ids with a living session of the same admin; ``former_admin``:
    id of another admin this Telegram account was bound to before."""

    session: Session
    others: Sequence[int] = ()
    former_admin: int | None = None


class SessionCaller:
    """A session as the backend's client needs it; ``session`` is the latest after renewals. ``used`` is False for
    what happens without its person: it keeps no session from idling out."""

    def __init__(self, sessions: Sessions, session: Session, *, used: bool = True) -> None:
        self._sessions = sessions
        self._used = used
        self.session = session

    @property
    def principal(self) -> Principal:
        """The admin whose token this is."""
        return self.session.principal

    @property
    def token(self) -> str:
        """The JWT."""
        return self.session.access_token

    async def renew(self, spent: str) -> str:
        """A token newer than ``spent``; raises ``SessionEnded`` when the binding is gone."""
        if self.session.access_token == spent:
            self.session = await self._sessions.renewed(self.session, used=self._used)
        return self.session.access_token


class Sessions:
    """Starts, checks and ends sessions. Every method lets ``RedisError`` through."""

    def __init__(
        self,
        redis: Redis,
        vault: Vault,
        bindings: Bindings,
        *,
        idle_ttl: int = DAY,
        clock: Callable[[], float] = time.time,
    ) -> None:
        self._clock = clock
        self._redis = redis
        self._vault = vault
        self._bindings = bindings
        self._idle_ttl = idle_ttl
        self._flights: dict[int, asyncio.Task[Login | None]] = {}

    def read(self, user_id: int, blob: str | None) -> Session | None:
        """The session in ``blob``; None for nothing, for another person's, for one whose key is gone."""
        if blob is None:
            return None
        try:
            values = json.loads(blob)
            token = self._vault.open(values["access_token"], SessionKey(user_id).name)
            session = unpacked({**values, "access_token": token})
        except (Unsealable, ValueError, TypeError, KeyError, AttributeError):
            return None
        return session if session.telegram_user_id == user_id else None

    async def load(self, user_id: int) -> Session | None:
        """The living session of a person, outside a click."""
        blob = await self._redis.get(SessionKey(user_id).name)
        return self.read(user_id, None if blob is None else as_text(blob))

    async def living(self) -> list[Session]:
        """Every session there is, for what is done without its person; the one that was used last first."""
        ids = [int(as_text(one)) for one in await self._redis.zrange(IdleKey.name, 0, -1)]
        if not ids:
            return []
        pipe = self._redis.pipeline(transaction=False)
        for user_id in ids:
            pipe.get(SessionKey(user_id).name)
        blobs = await pipe.execute()
        found = [
            self.read(user_id, None if blob is None else as_text(blob))
            for user_id, blob in zip(ids, blobs, strict=True)
        ]
        return sorted(filter(None, found), key=lambda one: -one.last_activity)

    def caller(self, session: Session, *, used: bool = True) -> SessionCaller:
        """The caller behind the session."""
        return SessionCaller(self, session, used=used)

    async def start(self, user_id: int, login: Login, now: float, account: str = "") -> Started:
        """The new session of a confirmed login; whatever session was there is over."""
        session = _begin(user_id, login, now, account)
        bound = await self._redis.hget(UiKey(user_id).name, UiField.ADMIN)
        former = int(bound) if bound else None
        pipe = self._redis.pipeline(transaction=False)
        self._put(pipe, session, now)
        pipe.hset(UiKey(user_id).name, mapping=dict[Any, Any](_started_fields(session)))
        pipe.expire(UiKey(user_id).name, UiKey.TTL)
        if former is not None and former != session.admin_id:
            pipe.srem(BindingsKey(former).name, str(user_id))
        self._bind(pipe, session)
        pipe.smembers(BindingsKey(session.admin_id).name)
        bindings = (await pipe.execute())[-1]
        others = await self._living({int(as_text(one)) for one in bindings} - {user_id})
        return Started(session, others, former if former != session.admin_id else None)

    async def revalidate(
        self, session: Session, now: float, *, writing: bool = False, used: bool = True
    ) -> Session:
        """The session as the backend sees it, asked when the last check is older than a minute.

        Raises ``SessionEnded`` when the binding is gone or is another admin's now. While the backend gives no
        answer, reads get the old session for ten minutes; after that, and for ``writing``, its error comes. Without
        ``used`` the session idles on.
        """
        if now - session.checked_at <= FRESH:
            return session
        try:
            return await self._checked(session, now, used=used)
        except SessionEnded:
            raise
        except BackendError:
            if writing or now - session.checked_at > TOLERATED:
                raise
            return session

    async def renewed(self, session: Session, *, used: bool = True) -> Session:
        """The session with a new token, whatever its age; raises as ``revalidate`` for writing does."""
        return await self._checked(session, self._clock(), used=used)

    async def recover(self, user_id: int, ui: UiState, now: float) -> Session | None:
        """The session that a loss of Redis took away; None for guests and for sessions that had ended.

        ``user_id`` must be the sender's own. Guests are asked about once in ten minutes. Raises the backend's
        error when it gives no answer.
        """
        if ui.had_session or ui.ended is not None or ui.guest_until > now:
            return None
        login = await self._restore(user_id)
        if login is None:
            await self._redis.hset(UiKey(user_id).name, UiField.GUEST_UNTIL, str(int(now) + GUEST_PAUSE))
            return None
        session = _begin(user_id, login, now)
        pipe = self._redis.pipeline(transaction=False)
        self._put(pipe, session, now, only_new=True)
        fields = {UiField.HAD_SESSION: "1", UiField.ADMIN: str(session.admin_id), UiField.GUEST_UNTIL: ""}
        pipe.hset(UiKey(user_id).name, mapping=dict[Any, Any](fields))
        self._bind(pipe, session)
        return session if (await pipe.execute())[0] else await self.load(user_id)

    async def logout(self, user_id: int, now: float) -> None:
        """The session is over here at once and at the backend as soon as it can be reached. Drafts stay."""
        session = await self.load(user_id)
        await self._end(user_id, session, Ended.LOGOUT, now, tell_backend=True)
        await self.tell_backend(user_id, now)

    async def settle(self, user_id: int) -> None:
        """Ends a binding whose session is over here but not yet at the backend; raises the backend's error.

        Before a login: whatever ``restore`` gives afterwards can only come from that login.
        """
        pipe = self._redis.pipeline(transaction=False)
        pipe.zscore(IdleKey.name, str(user_id))
        pipe.exists(SessionKey(user_id).name)
        owed, alive = await pipe.execute()
        if owed is not None and not alive:
            await self._bindings.logout(user_id)
            await self._redis.zrem(IdleKey.name, str(user_id))

    async def drop_binding(self, user_id: int, now: float) -> None:
        """Ends the binding of a login that starts no session; retried by the sweep when out of reach."""
        await self._redis.zadd(IdleKey.name, {str(user_id): int(now)})
        await self.tell_backend(user_id, now)

    async def sweep(self, now: float, limit: int = 100) -> int:
        """How many bindings were ended at the backend, their session being over here; at most ``limit``."""
        due = await self._redis.zrangebyscore(IdleKey.name, "-inf", now, start=0, num=limit)
        ended = 0
        for member in due:
            ended += await self._sweep_one(int(as_text(member)), now)
        return ended

    async def count(self) -> int:
        """How many sessions there are; one that has just ended may still be among them."""
        return int(await self._redis.zcard(IdleKey.name))

    async def _sweep_one(self, user_id: int, now: float) -> bool:
        left = await self._redis.pttl(SessionKey(user_id).name)
        if left != _GONE:
            await self._redis.zadd(IdleKey.name, {str(user_id): int(now + max(left, 60_000) / 1000)})
            return False
        return await self.tell_backend(user_id, now)

    async def tell_backend(self, user_id: int, now: float) -> bool:
        """True when the backend ended that person's binding; False when the sweep has to."""
        try:
            await self._bindings.logout(user_id)
        except BackendError as error:
            log.warning("logout not delivered, the sweep tries again", extra={"error": type(error).__name__})
            await self._redis.zadd(IdleKey.name, {str(user_id): int(now) + SWEEP_RETRY})
            return False
        await self._redis.zrem(IdleKey.name, str(user_id))
        return True

    async def _checked(self, session: Session, now: float, *, used: bool) -> Session:
        login = await self._restore(session.telegram_user_id)
        if login is None or login.admin_id != session.admin_id:
            how = Ended.REVOKED if login is None else Ended.REPLACED
            await self._end(session.telegram_user_id, session, how, now)
            raise SessionEnded(f"the binding is {how}")
        fresh = replace(
            session,
            role=login.role,
            admin_name=login.admin_name,
            access_token=login.access_token,
            last_activity=now if used else session.last_activity,
            checked_at=now,
        )
        await self._refresh(fresh, now, used=used)
        return fresh

    async def _refresh(self, session: Session, now: float, *, used: bool) -> None:
        ttl = self._ttl(session, now)
        pipe = self._redis.pipeline(transaction=False)
        name = SessionKey(session.telegram_user_id).name
        mark, lives = _sid_mark(session.sid), str(ttl) if used else ""
        pipe.eval(_REFRESH, 1, name, mark, self._dump(session), lives)
        if used:
            pipe.zadd(IdleKey.name, {str(session.telegram_user_id): int(now + ttl / 1000)})
        if not (await pipe.execute())[0]:
            raise SessionEnded("the session ended meanwhile")

    async def _end(
        self, user_id: int, session: Session | None, how: Ended, now: float, *, tell_backend: bool = False
    ) -> None:
        flat = [part for pair in ended_fields(how).items() for part in pair]
        mark = _sid_mark(session.sid) if session else ""
        pipe = self._redis.pipeline(transaction=False)
        pipe.eval(END_SESSION, 2, SessionKey(user_id).name, UiKey(user_id).name, mark, *flat)
        if tell_backend:
            # Due at once: should the process die before the backend knows, the sweep tells it.
            pipe.zadd(IdleKey.name, {str(user_id): int(now)})
        else:
            # The backend ended it; a binding it has by now is not this session's to end.
            pipe.zrem(IdleKey.name, str(user_id))
        if session is not None:
            pipe.srem(BindingsKey(session.admin_id).name, str(user_id))
        await pipe.execute()

    async def _restore(self, user_id: int) -> Login | None:
        flight = self._flights.get(user_id)
        if flight is None:
            flight = asyncio.create_task(self._bindings.restore(user_id), name=f"restore:{user_id}")
            self._flights[user_id] = flight
            flight.add_done_callback(lambda done: self._landed(user_id, done))
        try:
            # Shielded: one caller who gives up takes nothing from the others.
            return await asyncio.shield(flight)
        except asyncio.CancelledError:
            if flight.cancelled():
                raise Unavailable(Cause.RESET, "the renewal was cancelled") from None
            raise

    def _landed(self, user_id: int, flight: asyncio.Task[Login | None]) -> None:
        self._flights.pop(user_id, None)
        if not flight.cancelled():
            flight.exception()

    async def _living(self, user_ids: set[int]) -> tuple[int, ...]:
        if not user_ids:
            return ()
        ordered = sorted(user_ids)
        pipe = self._redis.pipeline(transaction=False)
        for user_id in ordered:
            pipe.exists(SessionKey(user_id).name)
        alive = await pipe.execute()
        return tuple(user_id for user_id, exists in zip(ordered, alive, strict=True) if exists)

    def _put(self, pipe: Pipeline, session: Session, now: float, *, only_new: bool = False) -> None:
        ttl = self._ttl(session, now)
        pipe.set(SessionKey(session.telegram_user_id).name, self._dump(session), px=ttl, nx=only_new)
        pipe.zadd(IdleKey.name, {str(session.telegram_user_id): int(now + ttl / 1000)})

    def _bind(self, pipe: Pipeline, session: Session) -> None:
        name = BindingsKey(session.admin_id).name
        pipe.sadd(name, str(session.telegram_user_id))
        pipe.expire(name, BindingsKey.TTL)

    def _ttl(self, session: Session, now: float) -> int:
        return max(1, int(min(self._idle_ttl, session.ends_at - now) * 1000))

    def _dump(self, session: Session) -> str:
        values = asdict(session)
        name = SessionKey(session.telegram_user_id).name
        values["access_token"] = self._vault.seal(session.access_token, name)
        values["created_at"] = datetime.fromtimestamp(session.created_at, UTC).isoformat()
        values["last_activity"] = datetime.fromtimestamp(session.last_activity, UTC).isoformat()
        values["ends_at"] = int(session.ends_at)
        return json.dumps(values, ensure_ascii=False)


def _begin(user_id: int, login: Login, now: float, account: str = "") -> Session:
    return Session(
        telegram_user_id=user_id,
        admin_id=login.admin_id,
        role=login.role,
        access_token=login.access_token,
        admin_name=login.admin_name,
        created_at=now,
        last_activity=now,
        checked_at=now,
        sid=secrets.token_hex(8),
        account=account,
    )


def _started_fields(session: Session) -> dict[str, str]:
    """A new epoch too: no button drawn for whoever was here before writes anything."""
    return {
        UiField.HAD_SESSION: "1",
        UiField.ENDED: "",
        UiField.EPOCH: secrets.token_urlsafe(9),
        UiField.LOOK: "",
        UiField.ADMIN: str(session.admin_id),
        UiField.GUEST_UNTIL: "",
        UiField.DRAFT: "",
        UiField.INPUT: "",
    }


def ended_fields(how: Ended) -> dict[str, str]:
    """What the ui hash says afterwards; a new epoch, so that no button drawn before writes anything."""
    return {
        UiField.HAD_SESSION: "1",
        UiField.ENDED: how,
        UiField.LOOK: "",
        UiField.EPOCH: secrets.token_urlsafe(9),
        UiField.DRAFT: "",
        UiField.INPUT: "",
    }


def unpacked(values: dict[str, Any]) -> Session:
    """The session in its JSON. Raises ``ValueError``, ``TypeError`` or ``KeyError`` for anything else."""
    return Session(
        telegram_user_id=int(values["telegram_user_id"]),
        admin_id=int(values["admin_id"]),
        role=str(values["role"]),
        access_token=values["access_token"],
        admin_name=str(values["admin_name"]),
        created_at=datetime.fromisoformat(values["created_at"]).timestamp(),
        last_activity=datetime.fromisoformat(values["last_activity"]).timestamp(),
        checked_at=float(values["checked_at"]),
        sid=str(values["sid"]),
        account=str(values.get("account", "")),
    )


def _sid_mark(sid: str) -> str:
    """How the session's id stands in its JSON; hex, so no name or role can look like it."""
    return f'"sid": "{sid}"'
