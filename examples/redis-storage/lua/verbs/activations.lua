-- The rows of a claim, as they are after it.
local function answer(kind, license, row)
  return {
    kind,
    'license', whole_license(license.id),
    'product', whole(path('product', ask.target.productId)),
    'customer', whole_or_null(customer_row(license)),
    'activation', row,
  }, license.id
end

-- Until when a license token handed out now can be of use: keyslot's margin, and what the product allows offline.
local function last_token_use()
  local product = read(path('product', ask.target.productId), 'offlineLifetimeSeconds', 'graceSeconds')
  return ask.step.now + ask.tokenMarginMs + (product.offlineLifetimeSeconds + product.graceSeconds) * 1000
end

-- Writes that a host was seen; a later time that is stored stays.
local function raise(row, last_seen_at, tokens_end_at)
  local activation = read(row, 'lastSeenAt', 'tokensEndAt')
  run('HSET', row,
    'lastSeenAt', text(math.max(activation.lastSeenAt, last_seen_at)),
    'tokensEndAt', text(math.max(activation.tokensEndAt, tokens_end_at)))
end

mutating('claimActivation', function()
  local now, host = ask.step.now, ask.new.host
  local license = find_target()
  if not license then return { 'gone' } end
  local refusal = refuse(license, 'node-locked', host)
  if refusal then return { refusal } end

  local row = path('activation', license.id, host)
  if exists(row) then
    local current = read(row, 'expiresAt', 'lastSeenAt')
    if current.expiresAt and current.expiresAt <= now then return { 'expired' } end
    if now - current.lastSeenAt >= ask.lastSeenIntervalMs then raise(row, now, last_token_use()) end
    return answer('existing', license, whole(row))
  end
  if license.maxActivations and run('ZCARD', hosts_of(license.id)) >= license.maxActivations then
    return { 'limit-reached' }
  end

  local expires_at = 'null'
  local duration = run('HGET', path('license', license.id), 'activationDuration')
  if duration ~= 'null' then
    -- Calendars are not for Lua: TypeScript works out when this duration ends, and asks again.
    if ask.duration ~= duration then return { 'needs-expiry', 'duration', cjson.encode(duration) } end
    expires_at = text(math.min(ask.expiresAt, license.expiresAt or ask.expiresAt))
  end
  ask.new.license = license.id
  insert_activation(ask.new)
  run('HSET', row,
    'licenseId', cjson.encode(license.id),
    'tokensEndAt', text(last_token_use()),
    'expiresAt', expires_at)
  return answer('created', license, whole(row))
end)

mutating('releaseActivation', function()
  local license = find_target()
  if not license then return { 'gone' } end
  if license.blocked then return { 'blocked' } end
  local row = path('activation', license.id, ask.host)
  if not exists(row) then return { 'not-active' } end
  local released = whole(row)
  remove_activation(license, ask.host)
  return { 'released', 'license', whole_license(license.id), 'activation', released }, license.id
end)

mutating('releaseAllActivations', function()
  local license = find_target()
  if not license then return { 'gone' } end
  if license.blocked then return { 'blocked' } end
  local count = remove_activations(license)
  return { 'released', 'license', whole_license(license.id), 'count', text(count) }, license.id
end)

verbs.findActivation = function()
  local product_id = ask.target.productId
  ask.target.productId = nil
  local license = find_target()
  local product = read(path('product', product_id), 'accountId', 'active')
  if not license or product.accountId ~= ask.account or not product.active then return { 'gone' } end
  if not contains(license.productIds, product_id) then return { 'wrong-product' } end
  ask.target.productId = product_id
  return (answer('found', license, whole_or_null(path('activation', license.id, ask.host))))
end

verbs.touchActivation = function()
  local row = path('activation', ask.license, ask.host)
  if is_owned(path('license', ask.license)) and exists(row) then raise(row, ask.lastSeenAt, ask.tokensEndAt) end
  return { 'touched' }
end

verbs.listActivations = function()
  if not is_owned(path('license', ask.license)) then return empty_page() end
  return page_of(hosts_of(ask.license), 'ZRANGE', function(host) return whole(path('activation', ask.license, host)) end)
end
