import { type Customer, canonicalEmail } from '../../domain/customer'
import { maySeeCustomer, type ProductList } from '../../domain/product-list'
import type { Value } from '../contract'
import type { CustomerVerbs } from './customer-contract'
import { lookFor } from './facts'
import { licensesFor } from './license-target'
import type { FoundPage, Page, PageRequest } from './outcomes'
import { pageFrom, pageQuery, placeAfter } from './pages'
import { type Keeping, look } from './run-step'

/** How many customers are read at once where not all of them are shown. */
const AT_ONCE = 500

/** Customers of an account, the oldest first. */
export function listCustomers(
  keeping: Keeping,
  ...[accountId, { email, products }, page]: Parameters<CustomerVerbs['listCustomers']>
): Promise<FoundPage<Customer>> {
  const [by, equal] =
    // By what is no email, nobody is found: a null finds nothing.
    email === undefined ? ['ofAccount', [accountId]] : (['email', [accountId, canonicalEmail(email)]] as const)
  if (products !== undefined) return pick(keeping, by, equal, products, page)
  const query = pageQuery(by, equal, page)
  return look(keeping, [lookFor('customer', query)], ([customers], facts) =>
    pageFrom('customer', customers, facts, { query, page }),
  )
}

/** Those of a list that may be seen: all of them are looked at, for nothing tells beforehand how many there are. */
async function pick(
  keeping: Keeping,
  by: string,
  equal: readonly Value[],
  products: ProductList,
  { limit, offset = 0 }: PageRequest,
): Promise<Page<Customer>> {
  const seen: Customer[] = []
  let after: readonly Value[] | undefined
  for (;;) {
    const query = { by, equal, limit: AT_ONCE, follow: licensesFor(products), ...(after && { after }) }
    const last = await look(keeping, [lookFor('customer', query)], ([customers], facts) => {
      for (const found of customers?.rows ?? []) {
        if (maySeeCustomer(facts.all('license', found.followed.licenses), products))
          seen.push(facts.entity('customer', found))
      }
      return customers?.rows.length === AT_ONCE ? customers.rows.at(-1)?.row : undefined
    })
    if (last === undefined) return { items: seen.slice(offset, offset + limit), total: seen.length }
    after = placeAfter('customer', by, equal, last)
  }
}
