-- Begins a run. ARGV: the campaign's name, the epoch that it shall have if it is new ('' if it must be known), the number
-- that sends, the API, how many messages there are ('' if nobody knows), how long a lease is.
local name, epoch, phone_number_id, origin, total = ARGV[1], ARGV[2], ARGV[3], ARGV[4], tonumber(ARGV[5])
local known = redis.call('HMGET', HEAD, 'epoch', 'phone_number_id', 'origin', 'total')
if known[1] then
  if known[2] ~= phone_number_id or known[3] ~= origin then
    return cjson.encode({is = 'other', phone_number_id = known[2], origin = known[3]})
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
