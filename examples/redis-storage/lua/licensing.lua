-- Which license is meant, and whether it serves.

local function is_owned(row)
  return get(row, 'accountId') == ask.account
end

local function is_sold_for(license, product_id)
  local product = read(path('product', product_id), 'accountId', 'active')
  return product.active == true and product.accountId == ask.account and contains(license.productIds, product_id)
end

-- The license `ask.target` names; or nil, and how it is missing. With a product a foreign license is `gone`.
local function find_target()
  local id = run('HGET', 'license-keys', ask.target.canonicalKey)
  if not id then return nil, 'gone' end
  local license = read(path('license', id),
    'accountId', 'productIds', 'customerId', 'type', 'blocked', 'expiresAt', 'tokenGeneration',
    'maxActivations', 'maxConcurrentSessions', 'sessionLeaseSeconds')
  license.id = id
  if ask.target.productId then
    if is_sold_for(license, ask.target.productId) then return license end
    return nil, 'gone'
  end
  if license.accountId == ask.account then return license end
  return nil, 'foreign'
end

local function customer_row(license)
  return license.customerId and path('customer', license.customerId)
end

-- keyslot's `refuseClaim` and `refuseCheckout`, as far as they agree. `agreement.test.ts` compares them, case by case.
local function refuse(license, license_type, host)
  if license.blocked then return 'blocked' end
  if license.expiresAt and license.expiresAt <= ask.step.now then return 'expired' end
  if license.customerId and get(customer_row(license), 'active') == false then return 'customer-inactive' end
  if license.type ~= license_type then return 'wrong-type' end
  local allowed = get(path('license', license.id), 'allowedHosts')
  if allowed and not contains(allowed, host) then return 'host-not-allowed' end
  return nil
end

-- Whom a license is for: a new customer, the one who has that email already, or the one named. Returns whether there is
-- a refusal, else the id (nil for nobody) and whether it is to be stored. Writes nothing.
local function choose_buyer(customer_id)
  local new = ask.newCustomer
  if new then
    local holder = new.email and run('HGET', path('emails', ask.account), new.email)
    if holder and ask.onEmailTaken == 'refuse' then return 'email-taken' end
    if holder then return nil, holder, false end
    refuse_taken(path('customer', new.id))
    return nil, new.id, true
  end
  if customer_id and not is_owned(path('customer', customer_id)) then return 'customer-not-found' end
  return nil, customer_id, false
end
