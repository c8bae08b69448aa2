verbs.listRevocations = function()
  local items = {}
  for i, token_id in ipairs(run('ZRANGEBYSCORE', 'revocations', '(' .. text(ask.now), '+inf')) do
    items[i] = { 'tokenId', cjson.encode(token_id) }
  end
  return { 'found', 'version', run('GET', 'revocation-version') or '0', 'items', items }
end

verbs.listEvents = function()
  if ask.license then return page_of_rows(path('events-of-license', ask.account, ask.license)) end
  return page_of_rows(path('events', ask.account))
end

-- keyslot's `isUnseen`.
local function is_unseen(activation)
  return activation.lastSeenAt <= ask.lastSeenBy and activation.tokensEndAt <= ask.tokensEndedBy
end

verbs.findUnseen = function()
  local rows = run('ZRANGEBYSCORE', path('all', 'activation'), '(' .. ask.after, '+inf', 'WITHSCORES', 'LIMIT', 0, ask.limit)
  local items = {}
  for i = 1, #rows, 2 do
    local activation = read(rows[i], 'licenseId', 'lastSeenAt', 'tokensEndAt')
    if is_unseen(activation) then
      local license = path('license', activation.licenseId)
      items[#items + 1] = {
        'accountId', run('HGET', license, 'accountId'),
        'licenseId', cjson.encode(activation.licenseId),
        'productId', cjson.encode(get(license, 'productIds')[1]),
        'hostId', run('HGET', rows[i], 'hostId'),
        'lastSeenAt', text(activation.lastSeenAt),
      }
    end
  end
  local has_more = #rows / 2 == ask.limit and ask.limit > 0
  return { 'found', 'items', items, 'next', has_more and cjson.encode(text(rows[#rows])) or 'null' }
end

mutating('releaseUnseen', function()
  local license, row = path('license', ask.license), path('activation', ask.license, ask.host)
  if get(license, 'accountId') ~= ask.account or not exists(row) then return { 'kept' } end
  if not is_unseen(read(row, 'lastSeenAt', 'tokensEndAt')) then return { 'kept' } end
  local released = whole(row)
  remove_activation({ id = ask.license, tokenGeneration = get(license, 'tokenGeneration') }, ask.host)
  return { 'released', 'license', whole_license(ask.license), 'activation', released }, ask.license
end)

local function ended_by(ends, instant)
  return run('ZRANGEBYSCORE', ends, '-inf', text(instant), 'LIMIT', 0, ask.limit)
end

verbs.purgeExpired = function()
  -- All are told before any goes: what a deleted license takes along is not counted twice.
  local licenses = ended_by('cleanable', ask.now)
  local records = ended_by('idempotency-ends', ask.now)
  local sessions = ended_by('session-ends', ask.now)
  local revocations = ended_by('revocations', ask.now)
  local deliveries = ended_by('delivered', ask.deliveredUntil)

  for _, row in ipairs(sessions) do
    local session = read(row, 'licenseId', 'id')
    remove_session(session.licenseId, session.id)
  end
  for _, token_id in ipairs(revocations) do
    run('ZREM', 'revocations', token_id)
    run('ZREM', path('all', 'revocation'), token_id)
  end
  for _, record in ipairs(records) do
    run('DEL', record)
    run('ZREM', 'idempotency-ends', record)
  end
  for _, delivery in ipairs(deliveries) do
    remove_delivery(delivery)
  end
  for _, id in ipairs(licenses) do
    remove_license(id)
  end
  return {
    'purged',
    'licenses', text(#licenses),
    'idempotencyRecords', text(#records),
    'sessions', text(#sessions),
    'revocations', text(#revocations),
    'deliveries', text(#deliveries),
  }
end
