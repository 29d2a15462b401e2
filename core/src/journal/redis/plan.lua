-- Says what is known of a message, and claims it where that is nothing. ARGV: epoch, worker, the message's key, its place in
-- the list, a number for its tracker, and '' or the fence of what was known: then it is claimed, too, unless that has
-- changed meanwhile.
local worker, key, seen = tonumber(ARGV[2]), ARGV[3], tonumber(ARGV[6])
if is_gone(ARGV[1]) then
  return GONE
end
local number = redis.call('HGET', NUMBERS, key)
local message = number and read(number)
local is_new = not message
if is_new then
  number = number or next_of('messages')
  message = {key = key, nonce = ARGV[5]}
  redis.call('HSET', NUMBERS, key, number)
elseif is_held(message) then
  return '{"is":"held"}'
elseif message.state == LEFT then
  interrupt(message)
  message.fence = next_of('fence')
  write(number, message)
end
number = tonumber(number)
if message.outcome and message.fence ~= seen then
  return cjson.encode({is = 'known', number = number, fence = message.fence, message = message})
end
message.state, message.worker, message.since_ms = CLAIMED, worker, now_ms()
message.fence = next_of('fence')
message.place = tonumber(ARGV[4])
write(number, message)
return cjson.encode({is = 'claimed', number = number, nonce = message.nonce, fence = message.fence, is_new = is_new})
