local function revocation_version()
  return run('GET', 'revocation-version') or '0'
end

verbs.countRecords = function()
  local counts = { 'counted' }
  for _, kind in ipairs(ask.kinds) do
    counts[#counts + 1] = kind
    counts[#counts + 1] = text(run('ZCARD', path('all', kind)))
  end
  return counts
end

local show = {
  license = function(row) return whole_license(get(row, 'id')) end,
  revocation = function(token_id)
    return { 'tokenId', cjson.encode(token_id), 'tokensEndAt', text(run('ZSCORE', 'revocations', token_id)) }
  end,
  delivery = function(row)
    local record = whole(row)
    record[#record + 1] = 'eventId'
    record[#record + 1] = run('HGET', run('HGET', row, '_event'), 'id')
    return record
  end,
}

-- One more than was asked for is read, which tells whether there are any after them.
verbs.exportRecords = function()
  if ask.kind == 'revocation-version' then
    return { 'found', 'items', { { 'version', revocation_version() } }, 'next', 'null' }
  end
  local list = path('all', ask.kind)
  local rows = run('ZRANGEBYSCORE', list, '(' .. ask.after, '+inf', 'WITHSCORES', 'LIMIT', 0, ask.limit + 1)
  local items = {}
  for i = 1, math.min(ask.limit, #rows / 2) do
    items[i] = (show[ask.kind] or whole)(rows[2 * i - 1])
  end
  local has_more = #rows / 2 > ask.limit and ask.limit > 0
  return { 'found', 'items', items, 'next', has_more and cjson.encode(text(rows[2 * ask.limit])) or 'null' }
end

-- ── Taking records ────────────────────────────────────────────────────────────────────────────────────────────────

-- `orphan` is asked first, then `existing`, then `conflict`.
local function add(of, kind, is_orphan, is_taken, store)
  if is_orphan then return 'orphan' end
  if exists(path(kind, of.id)) then return 'existing' end
  if is_taken then return 'conflict' end
  store(of)
  return 'stored'
end

local function lacks_account(of)
  return not exists(path('account', of.account))
end

local function is_of_account(row, of)
  return get(row, 'accountId') == of.account
end

local take = {}

take['signing-key'] = function(of)
  return add(of, 'signing-key', false, false, function()
    insert('signing-key', path('signing-key', of.id), of.row)
  end)
end

take['account'] = function(of)
  return add(of, 'account', false, false, insert_account)
end

take['access-token'] = function(of)
  return add(of, 'access-token', lacks_account(of), run('HEXISTS', 'token-hashes', of.hash) == 1, insert_token)
end

take['product'] = function(of)
  local is_taken = run('HEXISTS', 'package-ids', text(of.packageId)) == 1
  return add(of, 'product', lacks_account(of), is_taken, function()
    insert_product(of, of.packageId)
    local last = tonumber(run('GET', 'last-package-id') or 0)
    run('SET', 'last-package-id', text(math.max(last, of.packageId)))
  end)
end

take['product-version'] = function(of)
  return add(of, 'product-version', not exists(path('product', of.product)), false, insert_version)
end

take['customer'] = function(of)
  local is_taken = of.email and run('HEXISTS', path('emails', of.account), of.email) == 1
  return add(of, 'customer', lacks_account(of), is_taken, insert_customer)
end

take['license'] = function(of)
  local is_orphan = lacks_account(of) or (of.customer and not is_of_account(path('customer', of.customer), of))
  for _, product_id in ipairs(of.productIds) do
    is_orphan = is_orphan or not is_of_account(path('product', product_id), of)
  end
  local is_taken = run('HEXISTS', 'license-keys', of.canonicalKey) == 1
  return add(of, 'license', is_orphan, is_taken, function() insert_license(of, of.customer) end)
end

take['activation'] = function(of)
  if not exists(path('license', of.license)) then return 'orphan' end
  local held = get(path('activation', of.license, of.host), 'id')
  if held then return held == of.id and 'existing' or 'conflict' end
  insert_activation(of)
  return 'stored'
end

take['session'] = function(of)
  if not exists(path('license', of.license)) then return 'orphan' end
  if exists(path('session', of.license, of.id)) then return 'existing' end
  if run('HEXISTS', path('seats', of.license), of.seat) == 1 then return 'conflict' end
  insert_session(of, of.expiresAt)
  return 'stored'
end

-- An entry made here like any other: whoever holds the list as it was must see that it has changed.
take['revocation'] = function(of)
  if run('ZSCORE', 'revocations', of.id) then return 'existing' end
  revoke_token(of.id, of.tokensEndAt)
  return 'stored'
end

take['revocation-version'] = function(of)
  if of.version <= tonumber(revocation_version()) then return 'existing' end
  run('SET', 'revocation-version', text(of.version))
  return 'stored'
end

take['webhook-endpoint'] = function(of)
  return add(of, 'webhook-endpoint', lacks_account(of), false, insert_endpoint)
end

take['event'] = function(of)
  return add(of, 'event', lacks_account(of), false, insert_event)
end

take['delivery'] = function(of)
  local event, endpoint = path('event', of.event), path('webhook-endpoint', of.endpoint)
  local is_orphan = not is_of_account(event, of) or not is_of_account(endpoint, of)
  return add(of, 'delivery', is_orphan, false, function() insert_delivery(of, event) end)
end

verbs.importRecords = function()
  local outcomes = {}
  for i, record in ipairs(ask.records) do
    outcomes[i] = { 'outcome', cjson.encode(take[record.kind](record)) }
  end
  return { 'imported', 'items', outcomes }
end
