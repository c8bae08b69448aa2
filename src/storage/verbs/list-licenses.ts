import type { License } from '../../domain/license'
import { fitsFilter, type LicenseFilter } from '../../domain/license-filter'
import type { Value } from '../contract'
import { lookForHolder } from './customer-verbs'
import { lookFor, lookUp } from './facts'
import type { FoundPage, PageRequest, WalkRequest } from './outcomes'
import { endOf, pageFrom, pageQuery, withEnd } from './pages'
import { type Keeping, look } from './run-step'
import { sift } from './sift'

/** A field that few licenses share, by which they are found at once. */
interface Way {
  readonly field: 'externalId' | 'customerId'
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

/**
 * Licenses of an account that all that is given is true of. Where nothing that is given finds them at once, all of the account
 * are looked at.
 */
export async function listLicenses(
  keeping: Keeping,
  accountId: string,
  { email, ...filter }: LicenseFilter,
  page: Asked,
): Promise<FoundPage<License>> {
  if (email === undefined) return listKnown(keeping, accountId, filter, page)
  const holder = await look(keeping, [lookForHolder(accountId, email)], ([customers], facts) =>
    facts.one('customer', customers),
  )
  if (holder === null || (filter.customerId ?? holder.id) !== holder.id) return { items: [], total: 0 }
  return listKnown(keeping, accountId, { ...filter, customerId: holder.id }, page)
}

function listKnown(
  keeping: Keeping,
  accountId: string,
  filter: Omit<LicenseFilter, 'email'>,
  page: Asked,
): Promise<FoundPage<License>> {
  const { productId, customerId, externalId, ...others } = filter
  const isSifted = Object.keys(others).length > 0
  const [way, further] = WAYS.filter(({ field }) => filter[field] !== undefined)
  if (way !== undefined) {
    const isPlain = further === undefined && productId === undefined && !isSifted
    if (isPlain) return listBy(keeping, accountId, filter, way, page)
    const isMeant = (license: License) => license.accountId === accountId && fitsFilter(license, filter)
    return pick(keeping, way.by, way.equal(accountId, filter[way.field] ?? ''), isMeant, page)
  }
  if (isSifted) {
    const list = { by: 'ofAccount', equal: [accountId] }
    return sift(keeping, 'license', list, (license) => fitsFilter(license, filter), page)
  }
  return productId === undefined ? listAll(keeping, accountId, page) : listSold(keeping, accountId, productId, page)
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
