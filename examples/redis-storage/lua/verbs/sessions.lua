-- Never later than the license itself.
local function lease_end(license)
  local ends_at = ask.step.now + (license.sessionLeaseSeconds or ask.defaultLeaseSeconds) * 1000
  return math.min(ends_at, license.expiresAt or ends_at)
end

local function is_live(license, id, now)
  local ends_at = run('ZSCORE', path('sessions', license.id), id)
  return ends_at and tonumber(ends_at) > now
end

-- How many sessions are live: no sweep is needed for a lapsed one not to count.
local function live_sessions(license)
  return run('ZCOUNT', path('sessions', license.id), '(' .. text(ask.step.now), '+inf')
end

local function renew(license, row, id, properties)
  local ends_at = lease_end(license)
  run('HSET', row, 'renewedAt', text(ask.step.now), 'expiresAt', text(ends_at), unpack(properties))
  run('ZADD', path('sessions', license.id), ends_at, id)
  run('ZADD', 'session-ends', ends_at, row)
end

local function answer(kind, license, row)
  return {
    kind,
    'license', whole_license(license.id),
    'product', whole(path('product', ask.target.productId)),
    'customer', whole_or_null(customer_row(license)),
    'session', whole(row),
    'liveSessions', text(live_sessions(license)),
  }, license.id
end

mutating('claimSession', function()
  local new = ask.new
  local license = find_target()
  if not license then return { 'gone' } end
  local refusal = refuse(license, 'floating', new.host)
  if refusal then return { refusal } end

  local held = run('HGET', path('seats', license.id), new.seat)
  if held and is_live(license, held, ask.step.now) then
    local row = path('session', license.id, held)
    renew(license, row, held, new.chosen)
    return answer('existing', license, row)
  end
  if license.maxConcurrentSessions and live_sessions(license) >= license.maxConcurrentSessions then
    return { 'limit-reached' }
  end
  local row = path('session', license.id, new.id)
  if held ~= new.id then refuse_taken(row) end
  -- One that has lapsed makes room: a seat has one row.
  if held then remove_session(license.id, held) end
  new.license = license.id
  insert_session(new, lease_end(license))
  run('HSET', row,
    'id', cjson.encode(new.id), 'licenseId', cjson.encode(license.id), 'startedAt', text(ask.step.now))
  renew(license, row, new.id, new.chosen)
  return answer('created', license, row)
end)

-- The license and the row of the session asked for; or nil, and why not.
local function find_live(now)
  local license = find_target()
  if not license then return nil, 'gone' end
  if not is_live(license, ask.id, now) then return nil, 'not-found' end
  return license, path('session', license.id, ask.id)
end

verbs.findSession = function()
  local license, row = find_live(ask.now)
  if not license then return { row } end
  return { 'found', 'license', whole_license(license.id), 'session', whole(row) }
end

mutating('renewSession', function()
  local license, row = find_live(ask.step.now)
  if not license then return { row } end
  if run('HGET', row, 'nonce') ~= ask.nonce then return { 'bad-nonce' } end
  if license.blocked then return { 'blocked' } end
  renew(license, row, ask.id, { 'nonce', ask.nextNonce })
  return { 'renewed', 'license', whole_license(license.id), 'session', whole(row) }, license.id
end)

mutating('releaseSession', function()
  local license, row = find_live(ask.step.now)
  if not license then return { row } end
  if run('HGET', row, 'nonce') ~= ask.nonce then return { 'bad-nonce' } end
  local released = whole(row)
  remove_session(license.id, ask.id)
  return { 'released', 'license', whole_license(license.id), 'session', released }, license.id
end)

verbs.listSessions = function()
  if not is_owned(path('license', ask.license)) then return empty_page() end
  local live = run('ZRANGEBYSCORE', path('sessions', ask.license), '(' .. text(ask.now), '+inf')
  local rows = {}
  for i, id in ipairs(live) do
    local row = path('session', ask.license, id)
    rows[i] = { row = row, startedAt = get(row, 'startedAt'), place = run('HGET', row, '_place') }
  end
  table.sort(rows, function(a, b)
    if a.startedAt ~= b.startedAt then return a.startedAt < b.startedAt end
    return a.place < b.place
  end)
  return page_of_members(rows, function(session) return whole(session.row) end)
end
