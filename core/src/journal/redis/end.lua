-- Writes down how a message ended. ARGV: epoch, worker, the message's number, its fence, the attempt that came to nothing and
-- will be followed by another one (0: it is over), its key, its number in trackers, what was sent, and how it ended.
-- An accepted message never becomes another one, and whoever has lost the claim can only tell that it was accepted.
local worker, number, fence, attempt = tonumber(ARGV[2]), ARGV[3], tonumber(ARGV[4]), tonumber(ARGV[5])
local key, details, ending = ARGV[6], cjson.decode(ARGV[8]), cjson.decode(ARGV[9])
if is_gone(ARGV[1]) then
  return GONE
end
local known = redis.call('HGET', NUMBERS, key)
local message = known and read(known)
local is_mine = true
if message then
  number = known
  is_mine = message.worker == worker and message.fence == fence
else
  -- A server that came back with less than it had. What is known now is kept all the same.
  if redis.call('HEXISTS', MESSAGES, number) == 1 then
    number = next_of('messages')
  elseif tonumber(number) > (tonumber(redis.call('HGET', HEAD, 'messages') or 0)) then
    redis.call('HSET', HEAD, 'messages', number)
  end
  message = {key = key, nonce = ARGV[7], fence = next_of('fence')}
  redis.call('HSET', NUMBERS, key, number)
end
if attempt > 0 and (not is_mine or message.attempt ~= attempt) then
  return LOST
end
local is_accepted = ending.outcome == ACCEPTED
if not is_mine and not is_accepted then
  return LOST
end
if is_mine then
  describe(message, number, details)
end
if message.outcome ~= ACCEPTED or is_accepted then
  conclude(message, ending)
end
if attempt > 0 then
  message.state = CLAIMED
else
  let_go(message)
end
identify(message, number)
write(number, message)
return DONE
