-- What every script begins with: what was asked, keys, rows, lists.
--
-- A row is a hash with a field for each property; the field holds the property as JSON text. Lua reads such a text only
-- to decide something and never writes it anew: what a vendor stored comes back as it was. Fields that begin with `_`
-- are ours and are not answered.

local prefix = KEYS[1]
local ask = cjson.decode(ARGV[2])
local verbs = {}

local ESCAPES = { ['%'] = '%25', [':'] = '%3A' }

-- Where something is, below the prefix: the parts joined by colons. Only the last may have colons of its own, so that
-- no two paths run into one.
local function path(...)
  local parts = { ... }
  for i = 1, #parts - 1 do
    parts[i] = string.gsub(parts[i], '[%%:]', ESCAPES)
  end
  return table.concat(parts, ':')
end

-- A command of Redis on what is at a path.
local function run(command, where, ...)
  return redis.call(command, prefix .. where, ...)
end

-- A whole number as text. Lua's own conversion rounds from 15 digits on.
local function text(number)
  return string.format('%.0f', number)
end

-- What a property's text means; nil for null and for none.
local function meaning(json)
  if not json or json == 'null' then return nil end
  return cjson.decode(json)
end

local function get(row, name)
  return meaning(run('HGET', row, name))
end

local function exists(row)
  return run('EXISTS', row) == 1
end

-- Some properties of a row, by name.
local function read(row, ...)
  local texts = run('HMGET', row, ...)
  local values = {}
  for i, name in ipairs({ ... }) do
    values[name] = meaning(texts[i])
  end
  return values
end

local function whole(row)
  return run('HGETALL', row)
end

-- A row as part of an answer; `null` where there is none.
local function whole_or_null(row)
  if row and exists(row) then return whole(row) end
  return 'null'
end

-- An id that is taken is a fault, not an outcome: ids are random. Comes before the first write: what a script wrote
-- before an error stays written.
local function refuse_taken(row)
  if exists(row) then error('the id of ' .. row .. ' is taken') end
end

-- Stores a new row among all of its kind, in the order of insertion. Returns its place in that order.
local function insert(kind, row, properties)
  local place = string.format('%016.0f', run('INCR', 'places'))
  run('HSET', row, '_place', place, unpack(properties))
  run('ZADD', path('all', kind), place, row)
  return place
end

local function remove(kind, row)
  run('DEL', row)
  run('ZREM', path('all', kind), row)
end

-- A list is a sorted set. Rows of one score keep the order they were inserted in: their places begin the members.
local function enlist(list, score, row)
  run('ZADD', list, score, run('HGET', row, '_place') .. row)
end

local function delist(list, row)
  run('ZREM', list, run('HGET', row, '_place') .. row)
end

local function listed_row(member)
  return string.sub(member, 17)
end

local function empty_page()
  return { 'page', 'total', '0', 'items', {} }
end

-- The stretch of some members that was asked for, each as `show` shows it.
local function page_of_members(members, show)
  local items = {}
  for i = ask.page.offset + 1, math.min(ask.page.offset + ask.page.limit, #members) do
    items[#items + 1] = show(members[i])
  end
  return { 'page', 'total', text(#members), 'items', items }
end

-- The stretch of a sorted set that was asked for, each member as `show` shows it.
local function page_of(list, range, show)
  local offset, limit = ask.page.offset, ask.page.limit
  local items = {}
  if limit > 0 then
    for i, member in ipairs(run(range, list, offset, offset + limit - 1)) do
      items[i] = show(member)
    end
  end
  return { 'page', 'total', text(run('ZCARD', list)), 'items', items }
end

local function page_of_rows(list)
  return page_of(list, 'ZRANGE', function(member) return whole(listed_row(member)) end)
end

local function contains(list, wanted)
  for _, item in ipairs(list) do
    if item == wanted then return true end
  end
  return false
end
