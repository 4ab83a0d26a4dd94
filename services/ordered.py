"""What long work that a person ordered has in common in Redis: a hash with its id, its state and its worker's lease."""

from __future__ import annotations

from collections.abc import Callable, Collection

from redis.asyncio import Redis

from services.keys import as_text

# ARGV: id. Stops what has not gone too far to be stopped; answers the state it is in then.
STOP = """
if redis.call('HGET', KEYS[1], 'id') ~= ARGV[1] then return 'gone' end
local state = redis.call('HGET', KEYS[1], 'state')
if state == 'waiting' or state == 'running' then
  redis.call('HSET', KEYS[1], 'state', 'stopped')
  return 'stopped'
end
return state
"""

# ARGV: now, overdue, the open states. Answers the id of work that nobody is at, once in so many seconds; '' for
# nothing to do now, 'over' for nothing to do any more.
DUE = """
local state, open = redis.call('HGET', KEYS[1], 'state'), false
for i = 3, #ARGV do if state == ARGV[i] then open = true end end
if not open then return 'over' end
local now, last = tonumber(ARGV[1]), tonumber(redis.call('HGET', KEYS[1], 'asked') or '0')
if now - last < tonumber(ARGV[2]) then return '' end
if state ~= 'waiting' and tonumber(redis.call('HGET', KEYS[1], 'until') or '0') > now then return '' end
redis.call('HSET', KEYS[1], 'asked', ARGV[1])
return redis.call('HGET', KEYS[1], 'id')
"""


async def overdue(
    redis: Redis,
    open_set: str,
    name_of: Callable[[str], str],
    now: float,
    seconds: float,
    states: Collection[str],
) -> list[tuple[str, str]]:
    """Member of ``open_set`` and id of each work that nobody is at; told once in so many ``seconds``.

    ``name_of`` gives the hash of a member. Members whose work is over are taken out. Raises ``RedisError``.
    """
    found = []
    for member in map(as_text, await redis.smembers(open_set)):
        answer = as_text(await redis.eval(DUE, 1, name_of(member), str(now), str(seconds), *sorted(states)))
        if answer == "over":
            await redis.srem(open_set, member)
        elif answer:
            found.append((member, answer))
    return found
