-- Writes down that a message may have left from now on, if its claim still holds and it was not accepted before.
-- ARGV: epoch, worker, how long a lease is, the message's number, its fence, which attempt it is, and what is sent.
local worker, number, fence = tonumber(ARGV[2]), ARGV[4], tonumber(ARGV[5])
if is_gone(ARGV[1]) then
  return GONE
end
local message = read(number)
-- A webhook may have told meanwhile that an earlier copy was accepted, or whoever took the message had it accepted.
if message and message.outcome == ACCEPTED then
  return cjson.encode({is = 'settled', message = message})
end
if not message or message.worker ~= worker or message.fence ~= fence then
  return LOST
end
describe(message, number, cjson.decode(ARGV[7]))
message.state, message.attempt, message.since_ms = LEFT, tonumber(ARGV[6]), now_ms()
write(number, message)
if is_traced(message) and not message.wamid then
  redis.call('ZADD', INDEX, 0, by_tracker(message, number))
end
renew(worker, tonumber(ARGV[3]))
return DONE
