"""What does not fit into a button: search texts behind a short token, and ticked records."""

from __future__ import annotations

import base64
import hashlib
import hmac
from collections.abc import Iterable

from redis.asyncio import Redis

from services.keys import SearchKey, TicksKey, as_text

MAX_TICKS = 100
MAX_TEXT = 200
"""Characters of a search text that are kept."""

# Sets ARGV[2..] (or turns the single one when ARGV[1] is 'toggle') while there is room; answers all members.
_TICK = f"""
for i = 2, #ARGV do
  if ARGV[1] == 'toggle' and redis.call('SREM', KEYS[1], ARGV[i]) == 1 then
    -- taken out
  elseif redis.call('SCARD', KEYS[1]) < {MAX_TICKS} then
    redis.call('SADD', KEYS[1], ARGV[i])
  end
end
redis.call('EXPIRE', KEYS[1], {TicksKey.TTL})
return redis.call('SMEMBERS', KEYS[1])
"""


class ListState:
    """Search texts and ticks of a person. ``secret`` signs the tokens."""

    def __init__(self, redis: Redis, secret: bytes) -> None:
        self._redis = redis
        self._secret = secret

    async def token(self, user_id: int, text: str) -> str:
        """6 characters that stand for ``text``, for this person, for seven days; equal texts share them."""
        kept = text.strip()[:MAX_TEXT]
        digest = hmac.digest(self._secret, f"{user_id}\n{kept}".encode(), hashlib.sha256)
        token = base64.urlsafe_b64encode(digest).decode()[:6]
        await self._redis.set(SearchKey(user_id, token).name, kept, ex=SearchKey.TTL)
        return token

    async def text(self, user_id: int, token: str) -> str | None:
        """The text behind this person's token; None when it is unknown or forgotten."""
        found = await self._redis.get(SearchKey(user_id, token).name)
        return None if found is None else as_text(found)

    async def ticked(self, user_id: int, resource: str, listing: str = "") -> frozenset[int]:
        """Ids of the ticked records."""
        found = await self._redis.smembers(TicksKey(user_id, resource, listing).name)
        return _ids(found)

    async def toggle(self, user_id: int, resource: str, record_id: int, listing: str = "") -> frozenset[int]:
        """All ticked ids after turning one; at ``MAX_TICKS`` no further one is added."""
        return await self._tick("toggle", TicksKey(user_id, resource, listing), [record_id])

    async def tick_all(
        self, user_id: int, resource: str, record_ids: Iterable[int], listing: str = ""
    ) -> frozenset[int]:
        """All ticked ids after adding those, as far as ``MAX_TICKS`` has room."""
        return await self._tick("add", TicksKey(user_id, resource, listing), record_ids)

    async def clear_ticks(self, user_id: int, resource: str, listing: str = "") -> None:
        """Nothing is ticked any more."""
        await self._redis.delete(TicksKey(user_id, resource, listing).name)

    async def _tick(self, how: str, key: TicksKey, record_ids: Iterable[int]) -> frozenset[int]:
        return _ids(await self._redis.eval(_TICK, 1, key.name, how, *map(str, record_ids)))


def _ids(members: Iterable[object]) -> frozenset[int]:
    return frozenset(int(as_text(member)) for member in members)
