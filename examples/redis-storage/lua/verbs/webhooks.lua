mutating('insertWebhookEndpoint', function()
  local row = path('webhook-endpoint', ask.new.id)
  refuse_taken(row)
  insert_endpoint(ask.new)
  return { 'created', 'endpoint', whole(row) }
end)

mutating('updateWebhookEndpoint', function()
  local row = path('webhook-endpoint', ask.id)
  if not is_owned(row) then return { 'gone' } end
  if #ask.changes > 0 then run('HSET', row, unpack(ask.changes)) end
  return { 'updated', 'endpoint', whole(row) }
end)

mutating('deleteWebhookEndpoint', function()
  local row = path('webhook-endpoint', ask.id)
  if not is_owned(row) then return { 'gone' } end
  for _, member in ipairs(run('ZRANGE', path('deliveries', ask.account, ask.id, ''), 0, -1)) do
    remove_delivery(listed_row(member))
  end
  delist(path('webhook-endpoints', ask.account), row)
  remove('webhook-endpoint', row)
  return { 'deleted' }
end)

verbs.listWebhookEndpoints = function()
  return page_of_rows(path('webhook-endpoints', ask.account))
end

verbs.claimDeliveries = function()
  local due = {}
  for _, endpoint in ipairs(run('ZRANGE', path('all', 'webhook-endpoint'), 0, -1)) do
    local row = read(endpoint, 'id', 'active')
    if row.active then
      for _, member in ipairs(run('ZRANGEBYSCORE', due_of(row.id), '-inf', ask.now)) do
        due[#due + 1] = member
      end
    end
  end
  table.sort(due)

  local taken = {}
  for i = 1, math.min(ask.limit, #due) do
    local delivery = listed_row(due[i])
    run('HINCRBY', delivery, 'attempts', 1)
    run('HSET', delivery, 'lastAttemptAt', text(ask.now))
    postpone(delivery, ask.leaseEndsAt)
    local endpoint = path('webhook-endpoint', get(delivery, 'endpointId'))
    taken[i] = { 'delivery', whole_delivery(delivery), 'endpoint', whole(endpoint) }
  end
  return { 'found', 'items', taken }
end

verbs.settleDelivery = function()
  local row = path('delivery', ask.id)
  local delivery = read(row, 'status', 'attempts')
  if delivery.status ~= 'pending' or delivery.attempts ~= ask.attempts then return { 'stale' } end
  if ask.status == 'pending' then
    run('HSET', row, 'lastError', ask.error)
    postpone(row, ask.retryAt)
  else
    become(row, ask.status, { 'lastError', ask.error })
  end
  return { 'settled' }
end

verbs.listDeliveries = function()
  local list = path('deliveries', ask.account, ask.endpoint, ask.status)
  return page_of(list, 'ZREVRANGE', function(member) return whole_delivery(listed_row(member)) end)
end

verbs.redeliver = function()
  local row = path('delivery', ask.id)
  if not is_owned(row) then return { 'gone' } end
  become(row, 'pending', { 'attempts', '0', 'nextAttemptAt', text(ask.now) })
  return { 'queued' }
end
