-- Begins a run. ARGV: the campaign's name, the epoch that it shall have if it is new ('' if it must be known), the number
-- that sends, the API, how many messages there are ('' if nobody knows), how long a lease is.
local name, epoch, phone_number_id, origin, total = ARGV[1], ARGV[2], ARGV[3], ARGV[4], tonumber(ARGV[5])
local known = redis.call('HMGET', HEAD, 'epoch', 'phone_number_id', 'origin', 'total')

-- More messages than this are not looked at one by one while everybody waits.
local MOST = 10000

-- Whether anybody may have got a message, or may get one from the other number now. A campaign that was begun with a wrong
-- number or address, which refused everything, goes on with the right one.
local function goes_out()
  if redis.call('ZCOUNT', LEASES, '(' .. string.format('%.0f', now_ms()), '+inf') > 0 or redis.call('HLEN', MESSAGES) > MOST then
    return true
  end
  for _, text in ipairs(redis.call('HVALS', MESSAGES)) do
    local message = cjson.decode(text)
    if message.state == LEFT or message.outcome == ACCEPTED or message.outcome == UNKNOWN then
      return true
    end
  end
  return false
end

if known[1] then
  if known[2] ~= phone_number_id or known[3] ~= origin then
    if goes_out() then
      return cjson.encode({is = 'other', phone_number_id = known[2], origin = known[3]})
    end
    redis.call('HSET', HEAD, 'phone_number_id', phone_number_id, 'origin', origin)
  end
  epoch = known[1]
elseif epoch == '' then
  return GONE
else
  redis.call('HSET', HEAD, 'name', name, 'epoch', epoch, 'phone_number_id', phone_number_id, 'origin', origin,
    'begun_ms', string.format('%.0f', now_ms()))
end
-- Of a queue each run knows one message only.
if total and total > (tonumber(known[4] or 0) or 0) then
  redis.call('HSET', HEAD, 'total', ARGV[5])
end
next_of('runs')
local worker = next_of('workers')
redis.call('ZREMRANGEBYSCORE', LEASES, '-inf', now_ms())
renew(worker, tonumber(ARGV[6]))
return cjson.encode({is = 'begun', epoch = epoch, worker = worker})
