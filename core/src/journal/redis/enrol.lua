-- The number of a campaign; it gets the next one where it has none. KEYS: the names of all campaigns with their numbers, and
-- the last number. ARGV: the campaign's name.
local known = redis.call('ZSCORE', KEYS[1], ARGV[1])
if known then
  return known
end
local number = redis.call('INCR', KEYS[2])
redis.call('ZADD', KEYS[1], number, ARGV[1])
return tostring(number)
