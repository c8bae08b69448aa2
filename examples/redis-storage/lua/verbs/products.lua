mutating('insertProduct', function()
  refuse_taken(path('product', ask.new.id))
  insert_product(ask.new, run('INCR', 'last-package-id'))
  return { 'created', 'product', whole(path('product', ask.new.id)) }
end)

mutating('updateProduct', function()
  local row = path('product', ask.id)
  if not is_owned(row) then return { 'gone' } end
  if #ask.changes > 0 then run('HSET', row, unpack(ask.changes)) end
  return { 'updated', 'product', whole(row) }
end)

verbs.findProduct = function()
  local row = path('product', ask.id)
  return { 'found', 'row', is_owned(row) and whole(row) or 'null' }
end

verbs.findProductsByPackageIds = function()
  local products = {}
  for _, package_id in ipairs(ask.packageIds) do
    local row = run('HGET', 'package-ids', package_id)
    if row and is_owned(row) then products[#products + 1] = whole(row) end
  end
  return { 'found', 'items', products }
end

verbs.listProducts = function()
  return page_of(path('products', ask.account), 'ZRANGE', whole)
end

-- The version `ask.id` of the product `ask.product`; nil where the account has none such.
local function find_version()
  local row = path('product-version', ask.id)
  if is_owned(path('product', ask.product)) and get(row, 'productId') == ask.product then return row end
end

mutating('insertProductVersion', function()
  if not is_owned(path('product', ask.new.product)) then return { 'gone' } end
  refuse_taken(path('product-version', ask.new.id))
  insert_version(ask.new)
  return { 'created', 'version', whole(path('product-version', ask.new.id)) }
end)

mutating('updateProductVersion', function()
  local row = find_version()
  if not row then return { 'gone' } end
  if #ask.changes > 0 then run('HSET', row, unpack(ask.changes)) end
  return { 'updated', 'version', whole(row) }
end)

verbs.findProductVersion = function()
  return { 'found', 'row', whole_or_null(find_version()) }
end

verbs.listProductVersions = function()
  if not is_owned(path('product', ask.product)) then return empty_page() end
  return page_of_rows(path('product-versions', ask.product))
end
