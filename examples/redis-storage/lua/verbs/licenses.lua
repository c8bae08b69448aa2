mutating('insertLicenses', function()
  for _, product_id in ipairs(ask.productIds) do
    local product = read(path('product', product_id), 'accountId', 'active')
    if product.accountId ~= ask.account or not product.active then return { 'product-not-found' } end
  end
  local refusal, customer_id, is_new = choose_buyer(ask.customerId)
  if refusal then return { refusal } end
  local keys = {}
  for _, license in ipairs(ask.licenses) do
    local is_taken = keys[license.canonicalKey] or run('HEXISTS', 'license-keys', license.canonicalKey) == 1
    if is_taken then return { 'key-taken' } end
    keys[license.canonicalKey] = true
  end
  for _, license in ipairs(ask.licenses) do
    refuse_taken(path('license', license.id))
  end

  if is_new then insert_customer(ask.newCustomer) end
  local stored = {}
  for i, license in ipairs(ask.licenses) do
    insert_license(license, customer_id)
    stored[i] = whole_license(license.id)
  end
  return { 'created', 'licenses', stored, 'customer', whole_or_null(customer_id and path('customer', customer_id)) }
end)

verbs.findLicense = function()
  local license, missing = find_target()
  if not license then return { missing } end
  return { 'found', 'license', whole_license(license.id), 'customer', whole_or_null(customer_row(license)) }
end

-- Puts a license on its new customer's list.
local function hand_over(license, row, customer_id)
  if license.customerId then delist(path('licenses-of-customer', ask.account, license.customerId), row) end
  if customer_id then enlist(path('licenses-of-customer', ask.account, customer_id), get(row, 'createdAt'), row) end
  run('HSET', row, 'customerId', customer_id and cjson.encode(customer_id) or 'null')
end

mutating('updateLicense', function()
  local license, missing = find_target()
  if not license then return { missing } end
  local wanted = license.customerId
  if ask.changesCustomer then wanted = ask.customerId end
  local refusal, customer_id, is_new = choose_buyer(wanted)
  if refusal then return { refusal } end

  local row = path('license', license.id)
  if is_new then insert_customer(ask.newCustomer) end
  if ask.blocks and not license.blocked then
    revoke_all(license)
    run('HINCRBY', row, 'tokenGeneration', 1)
  end
  if customer_id ~= license.customerId then hand_over(license, row, customer_id) end
  run('HSET', row, 'updatedAt', text(ask.step.now), unpack(ask.changes))
  note_cleanable(license.id)
  return { 'updated', 'license', whole_license(license.id) }, license.id
end)

mutating('deleteLicense', function()
  local license, missing = find_target()
  if not license then return { missing } end
  local deleted = whole_license(license.id)
  remove_license(license.id)
  return { 'deleted', 'license', deleted }, license.id
end)

mutating('resetLicense', function()
  local license, missing = find_target()
  if not license then return { missing } end
  remove_activations(license)
  remove_sessions(license.id)
  forget_spendings(license.id)
  run('HINCRBY', path('license', license.id), 'resetCount', 1)
  return { 'reset', 'license', whole_license(license.id) }, license.id
end)

local function show(member)
  return whole_license(get(listed_row(member), 'id'))
end

verbs.listLicenses = function()
  local product_id, customer_id = ask.productId, ask.customerId
  if product_id and customer_id then
    local both = redis.call('ZINTER', 2,
      prefix .. path('licenses-of-product', ask.account, product_id),
      prefix .. path('licenses-of-customer', ask.account, customer_id),
      'AGGREGATE', 'MAX')
    return page_of_members(both, show)
  end
  if product_id then return page_of(path('licenses-of-product', ask.account, product_id), 'ZRANGE', show) end
  if customer_id then return page_of(path('licenses-of-customer', ask.account, customer_id), 'ZRANGE', show) end
  return page_of(path('licenses', ask.account), 'ZRANGE', show)
end
