-- Events, and what is to be delivered of them.
--
-- An endpoint's `due` has the deliveries that may be taken, by when. Those of one license stand in a line, in the order
-- of their events, and only the head of a line is in `due`: what comes after waits until the head is settled, and taking
-- what is due costs the same however long the lines are. A member is the place of the event and then the row, so that
-- sorting members sorts by event.

local function insert_endpoint(of)
  local row = path('webhook-endpoint', of.id)
  insert('webhook-endpoint', row, of.row)
  enlist(path('webhook-endpoints', of.account), of.createdAt, row)
end

local function due_of(endpoint_id)
  return path('due', endpoint_id)
end

local function member_of(delivery)
  return run('HGET', delivery, '_eventPlace') .. delivery
end

-- Makes the head of a line the one that may be taken.
local function call_up(line, endpoint_id)
  local heads = run('ZRANGE', line, 0, 1)
  if heads[2] then run('ZREM', due_of(endpoint_id), heads[2]) end
  if heads[1] then run('ZADD', due_of(endpoint_id), get(listed_row(heads[1]), 'nextAttemptAt'), heads[1]) end
end

-- Lets a pending delivery wait for its turn.
local function queue(delivery)
  local row = read(delivery, 'endpointId', 'nextAttemptAt')
  local line = run('HGET', delivery, '_line')
  if line then
    run('ZADD', line, run('HGET', delivery, '_eventPlace'), member_of(delivery))
    call_up(line, row.endpointId)
  else
    run('ZADD', due_of(row.endpointId), row.nextAttemptAt, member_of(delivery))
  end
end

-- Takes one that is pending no more out of its line.
local function unqueue(delivery)
  local endpoint_id = get(delivery, 'endpointId')
  local line = run('HGET', delivery, '_line')
  run('ZREM', due_of(endpoint_id), member_of(delivery))
  if line then
    run('ZREM', line, member_of(delivery))
    call_up(line, endpoint_id)
  end
end

-- Moves the time of one that is pending; one that is not the head of its line keeps waiting.
local function postpone(delivery, next_attempt_at)
  run('HSET', delivery, 'nextAttemptAt', text(next_attempt_at))
  run('ZADD', due_of(get(delivery, 'endpointId')), 'XX', next_attempt_at, member_of(delivery))
end

-- The lists a delivery is in, for every filter one of its own; `status` is one of them.
local function delivery_lists(delivery, status)
  local row = read(delivery, 'accountId', 'endpointId')
  return {
    path('deliveries', row.accountId, '', ''),
    path('deliveries', row.accountId, row.endpointId, ''),
    path('deliveries', row.accountId, '', status),
    path('deliveries', row.accountId, row.endpointId, status),
  }
end

local function enter(delivery, status)
  for _, list in ipairs(delivery_lists(delivery, status)) do
    run('ZADD', list, run('HGET', delivery, '_eventPlace'), member_of(delivery))
  end
  if status == 'pending' then queue(delivery) end
  local attempted = get(delivery, 'lastAttemptAt')
  if status == 'delivered' and attempted then run('ZADD', 'delivered', attempted, delivery) end
end

local function leave(delivery)
  local status = get(delivery, 'status')
  for _, list in ipairs(delivery_lists(delivery, status)) do
    run('ZREM', list, member_of(delivery))
  end
  if status == 'pending' then unqueue(delivery) end
  run('ZREM', 'delivered', delivery)
end

-- `changes`: properties and their texts, `status` not among them.
local function become(delivery, status, changes)
  leave(delivery)
  run('HSET', delivery, 'status', cjson.encode(status), unpack(changes))
  enter(delivery, status)
end

local function insert_delivery(of, event)
  local row = path('delivery', of.id)
  insert('delivery', row, of.row)
  run('HSET', row, '_event', event, '_eventPlace', run('HGET', event, '_place'))
  local license_id = get(event, 'licenseId')
  if license_id then run('HSET', row, '_line', path('line', of.endpoint, license_id)) end
  enter(row, of.status)
end

local function remove_delivery(delivery)
  leave(delivery)
  remove('delivery', delivery)
end

local function whole_delivery(delivery)
  local row = whole(delivery)
  row[#row + 1] = 'event'
  row[#row + 1] = whole(run('HGET', delivery, '_event'))
  return row
end

local function insert_event(of)
  local row = path('event', of.id)
  insert('event', row, of.row)
  enlist(path('events', of.account), 0, row)
  if of.license then enlist(path('events-of-license', of.account, of.license), 0, row) end
  return row
end

-- Stores an event, and a delivery to each endpoint of its account that is active and wants its type.
local function publish(of)
  local event = insert_event(of)
  for _, member in ipairs(run('ZRANGE', path('webhook-endpoints', of.account), 0, -1)) do
    local endpoint = read(listed_row(member), 'id', 'active', 'eventTypes')
    if endpoint.active and (endpoint.eventTypes == nil or contains(endpoint.eventTypes, of.type)) then
      local id = of.id .. '.' .. endpoint.id
      insert_delivery({
        id = id,
        endpoint = endpoint.id,
        status = 'pending',
        row = {
          'id', cjson.encode(id),
          'accountId', cjson.encode(of.account),
          'endpointId', cjson.encode(endpoint.id),
          'status', '"pending"',
          'attempts', '0',
          'nextAttemptAt', text(of.at),
          'lastAttemptAt', 'null',
          'lastError', 'null',
        },
      }, event)
    end
  end
end
