-- What is stored, kind by kind: each row with the indexes and lists it is in. `of` is what `records.ts` makes of an
-- object: its `row`, and beside it what its indexes need.

local function insert_account(of)
  insert('account', path('account', of.id), of.row)
end

local function insert_token(of)
  local row = path('access-token', of.id)
  insert('access-token', row, of.row)
  enlist(path('access-tokens', of.account), of.createdAt, row)
  run('HSET', 'token-hashes', of.hash, row)
end

local function insert_product(of, package_id)
  local row = path('product', of.id)
  insert('product', row, of.row)
  run('HSET', row, 'packageId', text(package_id))
  run('ZADD', path('products', of.account), package_id, row)
  run('HSET', 'package-ids', text(package_id), row)
end

local function insert_version(of)
  local row = path('product-version', of.id)
  insert('product-version', row, of.row)
  enlist(path('product-versions', of.product), of.createdAt, row)
end

local function insert_customer(of)
  local row = path('customer', of.id)
  insert('customer', row, of.row)
  enlist(path('customers', of.account), of.createdAt, row)
  if of.email then
    run('HSET', row, '_email', of.email)
    run('HSET', path('emails', of.account), of.email, of.id)
  end
end

local function remove_customer(account, id)
  local row = path('customer', id)
  local email = run('HGET', row, '_email')
  if email then run('HDEL', path('emails', account), email) end
  delist(path('customers', account), row)
  remove('customer', row)
end

-- ── Licenses ──────────────────────────────────────────────────────────────────────────────────────────────────────

-- When it may be purged: at its expiry, or at the time kept for those that never expire.
local function note_cleanable(id)
  local row = path('license', id)
  local otherwise = run('HGET', row, '_cleanableFrom')
  if otherwise then run('ZADD', 'cleanable', get(row, 'expiresAt') or otherwise, id) end
end

local function insert_license(of, customer_id)
  local row = path('license', of.id)
  insert('license', row, of.row)
  run('HSET', row, 'customerId', customer_id and cjson.encode(customer_id) or 'null')
  run('HSET', 'license-keys', of.canonicalKey, of.id)
  enlist(path('licenses', of.account), of.createdAt, row)
  for _, product_id in ipairs(of.productIds) do
    enlist(path('licenses-of-product', of.account, product_id), of.createdAt, row)
  end
  if customer_id then enlist(path('licenses-of-customer', of.account, customer_id), of.createdAt, row) end
  if of.cleanableFrom then run('HSET', row, '_cleanableFrom', of.cleanableFrom) end
  note_cleanable(of.id)
end

-- A license's hosts, newest first, those whose slot rests among them. How many there are is kept by Redis and read in
-- one look: the counter and what it counts are one thing.
local function hosts_of(license_id)
  return path('hosts', license_id)
end

local function whole_license(id)
  local row = whole(path('license', id))
  row[#row + 1] = 'activationCount'
  row[#row + 1] = text(run('ZCARD', hosts_of(id)))
  return row
end

local function insert_activation(of)
  local row = path('activation', of.license, of.host)
  insert('activation', row, of.row)
  run('ZADD', hosts_of(of.license), -of.activatedAt, of.host)
end

local function revoke_token(token_id, ends_at)
  if not run('ZSCORE', 'revocations', token_id) then
    run('ZADD', path('all', 'revocation'), run('INCR', 'places'), token_id)
  end
  run('ZADD', 'revocations', 'GT', ends_at, token_id)
  run('INCR', 'revocation-version')
end

-- Puts an activation's tokens on the revocation list: those made in the license's generation.
local function revoke_activation(license, host)
  local activation = read(path('activation', license.id, host), 'jti', 'tokensEndAt')
  revoke_token(activation.jti .. '.' .. text(license.tokenGeneration), activation.tokensEndAt)
end

local function revoke_all(license)
  for _, host in ipairs(run('ZRANGE', hosts_of(license.id), 0, -1)) do
    revoke_activation(license, host)
  end
end

local function remove_activation(license, host)
  revoke_activation(license, host)
  remove('activation', path('activation', license.id, host))
  run('ZREM', hosts_of(license.id), host)
end

-- Puts an activation under another host, among the rows of its kind where it was.
local function move_activation(license_id, from, to)
  local before, row, hosts = path('activation', license_id, from), path('activation', license_id, to), hosts_of(license_id)
  run('ZADD', path('all', 'activation'), run('HGET', before, '_place'), row)
  run('ZREM', path('all', 'activation'), before)
  run('ZADD', hosts, run('ZSCORE', hosts, from), to)
  run('ZREM', hosts, from)
  run('RENAME', before, prefix .. row)
end

-- Returns how many there were.
local function remove_activations(license)
  local hosts = run('ZRANGE', hosts_of(license.id), 0, -1)
  for _, host in ipairs(hosts) do
    remove_activation(license, host)
  end
  return #hosts
end

-- ── Allowances: a hash for each license, what was spent of each by its name ────────────────────────────────────────

local function spendings_of(license_id)
  return path('spendings', license_id)
end

local function forget_spendings(license_id)
  run('DEL', spendings_of(license_id))
end

-- ── Sessions: a license's by the end of their lease, and who sits where ────────────────────────────────────────────

local function insert_session(of, expires_at)
  local row = path('session', of.license, of.id)
  insert('session', row, of.row)
  run('HSET', row, '_seat', of.seat)
  run('HSET', path('seats', of.license), of.seat, of.id)
  run('ZADD', path('sessions', of.license), expires_at, of.id)
  run('ZADD', 'session-ends', expires_at, row)
end

local function remove_session(license_id, id)
  local row = path('session', license_id, id)
  run('HDEL', path('seats', license_id), run('HGET', row, '_seat'))
  run('ZREM', path('sessions', license_id), id)
  run('ZREM', 'session-ends', row)
  remove('session', row)
end

local function remove_sessions(license_id)
  for _, id in ipairs(run('ZRANGE', path('sessions', license_id), 0, -1)) do
    remove_session(license_id, id)
  end
end

local function remove_license(id)
  local row = path('license', id)
  local license = read(row, 'accountId', 'customerId', 'productIds', 'canonicalKey', 'tokenGeneration')
  license.id = id
  remove_activations(license)
  remove_sessions(id)
  forget_spendings(id)
  delist(path('licenses', license.accountId), row)
  for _, product_id in ipairs(license.productIds) do
    delist(path('licenses-of-product', license.accountId, product_id), row)
  end
  if license.customerId then delist(path('licenses-of-customer', license.accountId, license.customerId), row) end
  run('HDEL', 'license-keys', license.canonicalKey)
  run('ZREM', 'cleanable', id)
  remove('license', row)
end
