import type { License, LicenseFilter } from '../../domain/license'
import type { Value } from '../contract'
import { lookFor, lookUp } from './facts'
import type { FoundPage, PageRequest, WalkRequest } from './outcomes'
import { endOf, pageFrom, pageQuery, withEnd } from './pages'
import { type Keeping, look } from './run-step'

/** A field that few licenses share, by which they are found at once. */
interface Way {
  readonly field: Exclude<keyof LicenseFilter, 'productId'>
  readonly by: string
  /** What the order begins with. */
  readonly equal: (accountId: string, value: string) => readonly Value[]
}

/** The ways that there are. Where several fields are given, the first finds the licenses, and the others pick of them. */
const WAYS: readonly Way[] = [
  { field: 'externalId', by: 'ofExternalId', equal: (accountId, externalId) => [accountId, externalId] },
  { field: 'customerId', by: 'ofCustomer', equal: (_, customerId) => [customerId] },
]

type Asked = PageRequest | WalkRequest

/** Licenses of an account that all that is given is true of. */
export function listLicenses(
  keeping: Keeping,
  accountId: string,
  filter: LicenseFilter,
  page: Asked,
): Promise<FoundPage<License>> {
  const { productId } = filter
  const ways = WAYS.filter(({ field }) => filter[field] !== undefined)
  const [way, ...others] = ways
  if (way === undefined) {
    return productId === undefined ? listAll(keeping, accountId, page) : listSold(keeping, accountId, productId, page)
  }
  if (others.length === 0 && productId === undefined) return listBy(keeping, accountId, filter, way, page)
  const isMeant = (license: License) =>
    license.accountId === accountId &&
    others.every(({ field }) => license[field] === filter[field]) &&
    (productId === undefined || license.productIds.includes(productId))
  return pick(keeping, way.by, way.equal(accountId, filter[way.field] ?? ''), isMeant, page)
}

function listAll(keeping: Keeping, accountId: string, page: Asked) {
  const query = pageQuery('ofAccount', [accountId], page)
  return look(keeping, [lookFor('license', query)], ([licenses], facts) =>
    pageFrom('license', licenses, facts, { query, page }),
  )
}

function listSold(keeping: Keeping, accountId: string, productId: string, page: Asked) {
  const follow = { license: lookUp('license', [{ column: 'license_id' }]) }
  const query = pageQuery('ofProduct', [accountId, productId], page, { follow })
  return look(keeping, [lookFor('licensedProduct', query)], ([products], facts) => ({
    items: (products?.rows ?? []).flatMap(({ followed }) => facts.all('license', followed.license)),
    total: products?.count ?? 0,
    ...withEnd(endOf('licensedProduct', products, query, page)),
  }))
}

/** A customer's licenses are the account's where the customer is. */
function listBy(keeping: Keeping, accountId: string, filter: LicenseFilter, { field, by, equal }: Way, page: Asked) {
  const named = filter[field] ?? ''
  const query = pageQuery(by, equal(accountId, named), page)
  const licenses = lookFor('license', query)
  const customers = field === 'customerId' ? [lookUp('customer', [named])] : []
  return look(keeping, [licenses, ...customers], ([found, holders], facts) =>
    holders === undefined || facts.one('customer', holders)?.accountId === accountId
      ? pageFrom('license', found, facts, { query, page })
      : { items: [], total: 0 },
  )
}

/** There are few licenses in such a stretch of an order, and those that are meant are picked out of all. */
function pick(
  keeping: Keeping,
  by: string,
  equal: readonly Value[],
  isMeant: (license: License) => boolean,
  { limit, offset = 0, ...page }: Asked,
) {
  return look(keeping, [lookFor('license', { by, equal })], ([licenses], facts) => {
    const meant = facts.all('license', licenses).filter(isMeant)
    // A walk takes all of them at once.
    if ('after' in page) return { items: meant, total: meant.length }
    return { items: meant.slice(offset, offset + limit), total: meant.length }
  })
}
