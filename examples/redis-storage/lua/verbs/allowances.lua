-- keyslot's `spend`. `spent` is what is remembered: units and their instants, oldest first. Returns the answer, and what
-- is to be remembered from now on.
local function spend(spent)
  local since, counted = ask.now - ask.periodMs, {}
  for _, spending in ipairs(spent) do
    if spending[2] > since then counted[#counted + 1] = spending end
  end
  for _, spending in ipairs(counted) do
    if spending[1] == ask.unit then return { 'spent' }, counted end
  end
  if #counted < ask.limit then
    counted[#counted + 1] = { ask.unit, ask.now }
    return { 'spent' }, counted
  end
  -- The first of those that leaves room for one more, where the limit was lowered since.
  local leaving = counted[#counted - ask.limit + 1]
  return { 'exhausted', 'retryAt', text((leaving and leaving[2] or ask.now) + ask.periodMs) }, counted
end

verbs.spendAllowance = function()
  if not is_owned(path('license', ask.license)) then return { 'gone' } end
  local spendings = spendings_of(ask.license)
  local before = run('HGET', spendings, ask.name) or cmsgpack.pack({})
  local answer, spent = spend(cmsgpack.unpack(before))
  local after = cmsgpack.pack(spent)
  -- Whoever asks again and again for what is exhausted makes nobody wait for the disk.
  if after ~= before then run('HSET', spendings, ask.name, after) end
  return answer
end
