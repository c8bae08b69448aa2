-- What all mutating verbs share: the idempotency record before, the events and the record after. A script runs alone,
-- so that all of it is one step.

-- `act` returns its answer, and the id of the license the answer is about, if it is about one.
local function step(act)
  local now, idempotency = ask.step.now, ask.step.idempotency
  local record = idempotency and path('idempotency', idempotency.id)
  if record then
    local known = run('HMGET', record, 'payloadHash', 'expiresAt', 'answer', 'at', 'note')
    if known[1] and tonumber(known[2]) > now then
      if known[1] ~= idempotency.payloadHash then return { 'idempotency-mismatch' } end
      local answer = cmsgpack.unpack(known[3])
      answer[#answer + 1] = 'replayed'
      answer[#answer + 1] = { 'at', known[4], 'note', known[5] }
      return answer
    end
  end

  local answer, license_id = act()
  -- The script could not decide yet. Nothing has happened.
  if answer[1] == 'needs-expiry' then return answer end

  for _, event in ipairs(ask.step.events[answer[1]] or {}) do
    event.license = event.license or license_id
    event.row[#event.row + 1] = 'licenseId'
    event.row[#event.row + 1] = event.license and cjson.encode(event.license) or 'null'
    publish(event)
  end
  if record then
    run('HSET', record,
      'payloadHash', idempotency.payloadHash,
      'expiresAt', text(idempotency.expiresAt),
      'answer', cmsgpack.pack(answer),
      'at', text(now),
      'note', idempotency.note)
    run('ZADD', 'idempotency-ends', idempotency.expiresAt, record)
  end
  return answer
end

local function mutating(name, act)
  verbs[name] = function() return step(act) end
end
