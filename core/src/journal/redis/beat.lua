-- Renews a worker's lease, or gives it up. ARGV: epoch, worker, how long a lease is; 0 to give it up.
local lease_ms = tonumber(ARGV[3])
if lease_ms == 0 then
  redis.call('ZREM', LEASES, ARGV[2])
  return DONE
end
if is_gone(ARGV[1]) then
  return GONE
end
renew(ARGV[2], lease_ms)
return DONE
