-- Reads or changes some values that belong together, alone. KEYS: the values' names, all with one hash tag. ARGV: nothing,
-- to read; or for each key the value that the caller has seen ('' for none), then for each the new value ('' to leave it),
-- then for each how many milliseconds it is kept. Changed only if nothing is otherwise than the caller has seen.
-- Answers whether it was changed, the server's time in microseconds, and (unless it was changed) the values.
local time = redis.call('TIME')
local now = time[1] * 1000000 + time[2]
local count = #KEYS
local values = redis.call('MGET', unpack(KEYS))
for i = 1, count do
    values[i] = values[i] or ''
end
if #ARGV == 3 * count then
    local same = true
    for i = 1, count do
        same = same and values[i] == ARGV[i]
    end
    if same then
        for i = 1, count do
            if ARGV[count + i] ~= '' then
                redis.call('SET', KEYS[i], ARGV[count + i], 'PX', ARGV[2 * count + i])
            end
        end
        return {1, now}
    end
end
return {0, now, unpack(values)}
