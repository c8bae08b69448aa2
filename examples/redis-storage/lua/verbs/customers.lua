local function find_by_email()
  local id = ask.email and run('HGET', path('emails', ask.account), ask.email)
  return id and path('customer', id)
end

mutating('insertCustomer', function()
  ask.email = ask.new.email
  if find_by_email() then return { 'email-taken' } end
  refuse_taken(path('customer', ask.new.id))
  insert_customer(ask.new)
  return { 'created', 'customer', whole(path('customer', ask.new.id)) }
end)

mutating('updateCustomer', function()
  local row = path('customer', ask.id)
  if not is_owned(row) then return { 'gone' } end
  local holder = find_by_email()
  if holder and holder ~= row then return { 'email-taken' } end

  if ask.changesEmail then
    local emails, before = path('emails', ask.account), run('HGET', row, '_email')
    if before then run('HDEL', emails, before) end
    run('HDEL', row, '_email')
    if ask.email then
      run('HSET', emails, ask.email, ask.id)
      run('HSET', row, '_email', ask.email)
    end
  end
  if ask.toggles then run('HSET', row, 'active', get(row, 'active') and 'false' or 'true') end
  run('HSET', row, 'updatedAt', text(ask.step.now), unpack(ask.changes))
  return { 'updated', 'customer', whole(row) }
end)

mutating('deleteCustomer', function()
  if not is_owned(path('customer', ask.id)) then return { 'gone' } end
  local licenses = run('ZRANGE', path('licenses-of-customer', ask.account, ask.id), 0, -1)
  for _, member in ipairs(licenses) do
    remove_license(get(listed_row(member), 'id'))
  end
  remove_customer(ask.account, ask.id)
  return { 'deleted', 'licenses', text(#licenses) }
end)

verbs.findCustomer = function()
  local row = path('customer', ask.id)
  return { 'found', 'row', is_owned(row) and whole(row) or 'null' }
end

verbs.findCustomerByEmail = function()
  return { 'found', 'row', whole_or_null(find_by_email()) }
end

verbs.listCustomers = function()
  return page_of_rows(path('customers', ask.account))
end
