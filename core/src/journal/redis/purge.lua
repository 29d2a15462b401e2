-- Forgets messages, unless a worker has them at this moment. ARGV: their numbers. Returns how many had an outcome, or had
-- left.
local count = 0
for _, number in ipairs(ARGV) do
  local message = read(number)
  if message and not is_held(message) then
    if message.outcome or message.state == LEFT then
      count = count + 1
    end
    untrace(message, number)
    if message.wamid then
      redis.call('ZREM', INDEX, by_wamid(message, number))
    end
    redis.call('HDEL', NUMBERS, message.key)
    redis.call('HDEL', MESSAGES, number)
  end
end
return tostring(count)
