-- What all scripts of a campaign share. KEYS: of one campaign, in this order; all have one hash tag, so that a cluster keeps
-- them together. A message is JSON (its members: message.rs). `state` says that a worker has it: `claimed`, or `left` once
-- it may have left.
local HEAD, MESSAGES, NUMBERS, INDEX, LEASES = KEYS[1], KEYS[2], KEYS[3], KEYS[4], KEYS[5]
local CLAIMED, LEFT = 'claimed', 'left'
-- As kept.rs has them.
local NOT_SENT, UNKNOWN, ACCEPTED = 0, 2, 3
local GONE, LOST, DONE = '{"is":"gone"}', '{"is":"lost"}', '{"is":"done"}'

local function now_ms()
  local time = redis.call('TIME')
  return time[1] * 1000 + math.floor(time[2] / 1000)
end

-- Whether the server has lost the campaign since it was begun.
local function is_gone(epoch)
  return redis.call('HGET', HEAD, 'epoch') ~= epoch
end

local function read(number)
  local text = redis.call('HGET', MESSAGES, number)
  return text and cjson.decode(text)
end

local function write(number, message)
  redis.call('HSET', MESSAGES, number, cjson.encode(message))
end

local function next_of(counter)
  return redis.call('HINCRBY', HEAD, counter, 1)
end

-- Whether the worker that has a message still has it.
local function is_held(message)
  if not message.state then
    return false
  end
  local ends = redis.call('ZSCORE', LEASES, message.worker)
  return ends and tonumber(ends) > now_ms()
end

local function renew(worker, lease_ms)
  redis.call('ZADD', LEASES, now_ms() + lease_ms, worker)
end

local function let_go(message)
  message.state, message.worker, message.attempt = nil, nil, nil
end

-- A message that had left when its worker ended.
local function interrupt(message)
  message.outcome, message.at_ms, message.reason = UNKNOWN, message.since_ms, 'interrupted'
  message.code, message.told = nil, nil
  let_go(message)
end

-- What leads to messages that have a tracker of the sender's own, or none: the tracker until the id is known, then the id.
local function by_tracker(message, number)
  return 't' .. message.tracker .. '\0' .. number
end

local function by_wamid(message, number)
  return 'w' .. message.wamid .. '\0' .. number
end

local function is_traced(message)
  return message.tracker and message.tracker ~= ''
end

local function untrace(message, number)
  if is_traced(message) then
    redis.call('ZREM', INDEX, by_tracker(message, number))
  end
end

local function identify(message, number)
  if message.tracker and message.wamid then
    untrace(message, number)
    redis.call('ZADD', INDEX, 0, by_wamid(message, number))
  end
end

-- What is sent this time, and to whom.
local function describe(message, number, details)
  if message.tracker ~= details.tracker then
    untrace(message, number)
  end
  message.place, message.to, message.tracker = details.place, details.to, details.tracker
  message.body = details.body or message.body
end

local function conclude(message, ending)
  for _, member in ipairs({'outcome', 'at_ms', 'code', 'reason', 'told'}) do
    message[member] = ending[member]
  end
  message.wamid = message.wamid or ending.wamid
end
