-- Takes in what a status says of a message. ARGV: its number, its number in trackers ('' where something else led here), its
-- id, when that was, the member for that time, and what else it says.
local number, nonce, member = ARGV[1], ARGV[2], ARGV[5]
local message = read(number)
if not message or (nonce ~= '' and message.nonce ~= nonce) then
  return '{"is":"other"}'
end
-- Somebody else was told meanwhile that it is another one's.
if nonce == '' and message.wamid and message.wamid ~= ARGV[3] then
  return '{"is":"other"}'
end
local at_ms = tonumber(ARGV[4])
-- A status proves that Meta took the message, whatever was thought of it.
local settles = message.outcome ~= ACCEPTED
if settles then
  conclude(message, {outcome = ACCEPTED, at_ms = at_ms, wamid = ARGV[3]})
  let_go(message)
  identify(message, number)
end
local is_fresh = message[member] == nil
if is_fresh then
  message[member] = at_ms
end
local more = cjson.decode(ARGV[6])
if member == 'failed_ms' and is_fresh then
  message.failed_code, message.failed_told = more.code, more.problem
end
if more.category then
  message.category, message.pricing_type, message.billable = more.category, more.pricing_type, more.billable
end
if settles or is_fresh or more.category then
  write(number, message)
end
return cjson.encode({is = 'noted', settles = settles, is_fresh = is_fresh})
