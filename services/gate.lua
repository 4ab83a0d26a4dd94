-- Everything one click needs from Redis, in one step.
--
-- KEYS  1 session, 2 ui hash, 3 drafts hash, 4 rate; then, as the flags say, the update's mark,
--       the operation key, and the marks of finished updates that the journal still held.
-- ARGV  1 now (ms), 2 holder, which is also the epoch of a person without one, 3 has mark, 4 has operation;
--       then ui fields and values to set.
-- Before this text stand the settings, as locals: idle_ttl, mark_ttl, operation_ttl, ui_ttl, guest_ui_ttl (s),
--       lease, guest_interval, admin_interval (ms), guest_burst, admin_burst.
-- Reply: one JSON text {seen, redelivered, wait (ms), session, ui as a flat list, draft, operation state,
--       operation result}: one text is read many times faster than a nested reply.
local now = tonumber(ARGV[1])
local holder = ARGV[2]
local lease_end = now + lease

local function whole(number)
  return string.format('%d', math.ceil(number))
end

local next_key = 5
local mark_key, operation_key
if ARGV[3] == '1' then
  mark_key = KEYS[next_key]
  next_key = next_key + 1
end
if ARGV[4] == '1' then
  operation_key = KEYS[next_key]
  next_key = next_key + 1
end

-- What the journal held comes first: the rest reads what it wrote.
for i = next_key, #KEYS do
  redis.call('SET', KEYS[i], 'done', 'EX', mark_ttl)
end
if #ARGV > 4 then
  redis.call('HSET', KEYS[2], unpack(ARGV, 5))
end

local function load_session()
  local blob = redis.call('GET', KEYS[1])
  if not blob then
    return false
  end
  local readable, session = pcall(cjson.decode, blob)
  local left = idle_ttl * 1000
  if readable and type(session) == 'table' and type(session.ends_at) == 'number' then
    left = math.min(left, session.ends_at * 1000 - now)
  end
  if left <= 0 then
    redis.call('DEL', KEYS[1])
    return false
  end
  redis.call('PEXPIRE', KEYS[1], whole(left))
  return blob
end

local function load_ui(signed_in)
  local flat = redis.call('HGETALL', KEYS[2])
  local ui = {}
  for i = 1, #flat, 2 do
    ui[flat[i]] = flat[i + 1]
  end
  if not ui.epoch then
    redis.call('HSET', KEYS[2], 'epoch', holder)
    flat[#flat + 1] = 'epoch'
    flat[#flat + 1] = holder
  end
  local known = signed_in or (ui.had_session and ui.had_session ~= '')
  redis.call('EXPIRE', KEYS[2], known and ui_ttl or guest_ui_ttl)
  return flat, ui
end

-- A call that the client repeats because the first reply got lost finds its own holder: still ours.
local function ours(held)
  return string.sub(held, -#holder) == holder
end

local function seen()
  local mark = mark_key and redis.call('GET', mark_key)
  if not mark then
    return 'new', 0
  end
  if mark == 'done' then
    return 'done', 0
  end
  if ours(mark) then
    return 'new', 0
  end
  local ends = tonumber(string.match(mark, '^(%d+):'))
  if ends and ends > now then
    return 'running', 0
  end
  return 'new', 1
end

-- Generic cell rate: the stored instant says when the bucket will be empty again.
local function must_wait(signed_in)
  local interval = signed_in and admin_interval or guest_interval
  local burst = signed_in and admin_burst or guest_burst
  local arrival = tonumber(redis.call('GET', KEYS[4]) or now)
  local following = math.max(arrival, now) + interval
  local wait = following - burst * interval - now
  if wait > 0 then
    return math.ceil(wait)
  end
  redis.call('SET', KEYS[4], whole(following), 'PX', whole(following - now))
  return 0
end

local function begin()
  local state = redis.call('GET', operation_key)
  local kind = state and string.sub(state, 1, 1)
  if kind == 'd' then
    return 'done', string.sub(state, 3)
  end
  if kind == 'u' then
    return 'lapsed', string.sub(state, 3)
  end
  if state and ours(state) then
    return 'fresh', false
  end
  local ends = state and tonumber(string.match(state, '^p:(%d+):'))
  if ends and ends > now then
    return 'pending', false
  end
  redis.call('SET', operation_key, 'p:' .. whole(lease_end) .. ':' .. holder, 'EX', operation_ttl)
  return state and 'lapsed' or 'fresh', false
end

local session = load_session()
local flat, ui = load_ui(session)
local state, redelivered = seen()
if state ~= 'new' then
  return cjson.encode({state, 0, 0, session, flat, false, false, false})
end
-- A redelivery was counted when it first came; refusing it now would lose it.
if redelivered == 0 then
  local wait = must_wait(session)
  if wait > 0 then
    return cjson.encode({state, 0, wait, session, flat, false, false, false})
  end
end
if mark_key then
  redis.call('SET', mark_key, whole(lease_end) .. ':' .. holder, 'EX', mark_ttl)
end
local draft = false
if ui.draft and ui.draft ~= '' then
  draft = redis.call('HGET', KEYS[3], ui.draft)
end
local operation, result = false, false
if operation_key and session then
  operation, result = begin()
end
return cjson.encode({state, redelivered, 0, session, flat, draft, operation, result})
