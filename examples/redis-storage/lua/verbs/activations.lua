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

-- A host's activation of a license, as far as decisions need it; nil where the host holds none.
local function activation_on(license_id, host)
  local row = path('activation', license_id, host)
  local activation = read(row, 'jti', 'expiresAt', 'lastSeenAt', 'proofKey', 'surrenderedAt')
  if not activation.jti then return nil end
  activation.host, activation.row = host, row
  return activation
end

-- keyslot's `isProven`.
local function is_proven(activation)
  local bound = activation.proofKey
  return not bound or ask.proof.trusted or ask.proof.key == bound
end

-- keyslot's `findHeld`: the activation a claim is about, that of the host that claims or of one of its previous ids.
local function find_held(license_id)
  local own = activation_on(license_id, ask.new.host)
  if own then return own end
  for _, host in ipairs(ask.previous or {}) do
    local held = activation_on(license_id, host)
    if held and not held.surrenderedAt and is_proven(held) then return held end
  end
  return nil
end

-- keyslot's `lacksProof`.
local function lacks_proof(held)
  if ask.proof.trusted or ask.proof.key then return false end
  if get(path('product', ask.target.productId), 'requireProof') then return true end
  return held and not held.surrenderedAt and not is_proven(held)
end

-- keyslot's `takeoverOf`.
local function takeover_of(held)
  if held.host ~= ask.new.host then return 'moved' end
  if held.surrenderedAt then return 'resumed' end
  if ask.proof.key and ask.proof.key ~= held.proofKey then return 'rebound' end
  return nil
end

-- What of a claim goes into the activation it takes over.
local TAKEN = {
  hostId = true, jti = true, deviceTag = true, address = true, appVersion = true, licensee = true, proofKey = true,
}

-- keyslot's `takeOver`. What the claim leaves open stays, but for the key of a slot that rested.
local function take_over(takeover, license, held)
  local row, previous_host = path('activation', license.id, ask.new.host), run('HGET', held.row, 'hostId')
  revoke_activation(license, held.host)
  if takeover == 'moved' then move_activation(license.id, held.host, ask.new.host) end
  if held.surrenderedAt then run('HSET', row, 'surrenderedAt', 'null', 'proofKey', 'null') end
  local given = ask.new.row
  for i = 1, #given, 2 do
    if TAKEN[given[i]] and given[i + 1] ~= 'null' then run('HSET', row, given[i], given[i + 1]) end
  end
  local seen_at = math.max(held.lastSeenAt, ask.step.now)
  run('HSET', row, 'lastSeenAt', text(seen_at), 'tokensEndAt', text(last_token_use()))
  local taken, id = answer(takeover, license, whole(row))
  if takeover == 'moved' then
    taken[#taken + 1] = 'previousHostId'
    taken[#taken + 1] = previous_host
  end
  return taken, id
end

mutating('claimActivation', function()
  local now, host = ask.step.now, ask.new.host
  local license = find_target()
  if not license then return { 'gone' } end
  local refusal = refuse(license, 'node-locked', host)
  if refusal then return { refusal } end

  local held = find_held(license.id)
  if lacks_proof(held) then return { 'proof-required' } end
  if held then
    if held.expiresAt and held.expiresAt <= now then return { 'expired' } end
    local takeover = takeover_of(held)
    if takeover then return take_over(takeover, license, held) end
    if now - held.lastSeenAt >= ask.lastSeenIntervalMs then raise(held.row, now, last_token_use()) end
    return answer('existing', license, whole(held.row))
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
  local row = path('activation', license.id, host)
  ask.new.license = license.id
  insert_activation(ask.new)
  run('HSET', row,
    'licenseId', cjson.encode(license.id),
    'tokensEndAt', text(last_token_use()),
    'expiresAt', expires_at)
  return answer('created', license, whole(row))
end)

-- keyslot's `refuseRelease`.
local function refuse_release(activation)
  if not activation then return 'not-active' end
  if activation.surrenderedAt and not ask.proof.trusted then return 'not-active' end
  if not is_proven(activation) then return 'proof-required' end
  return nil
end

mutating('releaseActivation', function()
  local license = find_target()
  if not license then return { 'gone' } end
  if license.blocked then return { 'blocked' } end
  local activation = activation_on(license.id, ask.host)
  local refusal = refuse_release(activation)
  if refusal then return { refusal } end
  if ask.surrenders then
    -- keyslot's `surrenderActivation`. The host stays among the license's hosts, and so in the counter.
    revoke_activation(license, ask.host)
    run('HSET', activation.row, 'surrenderedAt', text(ask.step.now))
    return { 'surrendered', 'license', whole_license(license.id), 'activation', whole(activation.row) }, license.id
  end
  local released = whole(activation.row)
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
