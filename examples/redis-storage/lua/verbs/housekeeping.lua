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
