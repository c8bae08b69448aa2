verbs.listSigningKeyIds = function()
  local kids = {}
  for i, row in ipairs(run('ZRANGE', path('all', 'signing-key'), 0, -1)) do
    kids[i] = whole(row)
  end
  return { 'found', 'items', kids }
end

verbs.recordSigningKeyId = function()
  local row = path('signing-key', ask.kid)
  if not exists(row) then insert('signing-key', row, ask.row) end
  return { 'recorded' }
end

verbs.insertAccount = function()
  if exists(path('account', ask.new.id)) then return { 'exists' } end
  insert_account(ask.new)
  return { 'created' }
end

verbs.findAccount = function()
  return { 'found', 'row', whole_or_null(path('account', ask.account)) }
end

mutating('insertAccessToken', function()
  refuse_taken(path('access-token', ask.new.id))
  insert_token(ask.new)
  return { 'created' }
end)

verbs.findAccessToken = function()
  return { 'found', 'row', whole_or_null(run('HGET', 'token-hashes', ask.hash)) }
end

mutating('revokeAccessToken', function()
  local row = path('access-token', ask.id)
  if not is_owned(row) then return { 'gone' } end
  if not get(row, 'revokedAt') then run('HSET', row, 'revokedAt', text(ask.step.now)) end
  return { 'revoked' }
end)

verbs.listAccessTokens = function()
  return page_of_rows(path('access-tokens', ask.account))
end
