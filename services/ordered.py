"""What long work that a person ordered has in common in Redis: a hash with its id, its state and its worker's lease."""

from __future__ import annotations

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
