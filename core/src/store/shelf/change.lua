-- KEYS[1]: the number's name. ARGV: the new value, for how many seconds it is kept, and 1 to raise it only.
-- Returns what it was before; 0 is none.
local before = tonumber(redis.call('GET', KEYS[1]) or '0')
local value, kept_s = tonumber(ARGV[1]), tonumber(ARGV[2])
if ARGV[3] == '1' then
  value = math.max(value, before)
  kept_s = math.max(kept_s, redis.call('TTL', KEYS[1]))
end
if value == 0 then
  redis.call('DEL', KEYS[1])
else
  redis.call('SET', KEYS[1], string.format('%.0f', value), 'EX', kept_s)
end
return before
