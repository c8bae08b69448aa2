import type { Activation } from '../../domain/activation'
import type { Allowance } from '../../domain/allowance'
import type { Customer } from '../../domain/customer'
import type { LicenseBelongings } from '../../domain/decide-delete-license'
import type { TokenFacts } from '../../domain/decide-release'
import { isSoldFor, type License } from '../../domain/license'
import { MAX_DEVICES } from '../../domain/license-device'
import type { Product } from '../../domain/product'
import { isCovered, type ProductList } from '../../domain/product-list'
import { MAX_LIVE_ENTRIES } from '../../domain/revoke'
import { STAMP_CEILING } from '../../domain/stamp'
import type { Answer, Found, Query } from '../contract'
import { type Facts, lookFor, lookUp } from './facts'
import { ofItsLicense } from './generations'
import type { Later } from './later'
import type { LicenseTarget, Missing } from './store'

/** What is read of a license, besides the license itself. */
type Follow = NonNullable<Query['follow']>

/** The customer a license is for. */
export const OWN_CUSTOMER: Follow = { customer: lookUp('customer', [{ column: 'customer_id' }]) }

/** What follows a customer: their licenses, for what `licensesOf` reads, where whoever asks may not act on all products. */
export function licensesFor(products: ProductList): Follow {
  return products === undefined ? {} : { licenses: lookFor('license', { by: 'ofCustomer', equal: [{ column: 'id' }] }) }
}

/** The licenses that were read with a customer. */
export function licensesOf(facts: Facts, customers: Answer | undefined): readonly License[] {
  return facts.all('license', customers?.rows[0]?.followed.licenses)
}

/** The activation of a license whose tokens end last, for what `tokensOf` reads. */
export const LAST_TOKEN: Follow = {
  lastToken: lookFor('activation', {
    by: 'tokensEnd',
    equal: ofItsLicense('activation'),
    descending: true,
    limit: 1,
  }),
}

/** The ceiling of stamps, for what `ceilingOf` reads. */
export const CEILING: Query = lookUp('counter', [STAMP_CEILING])

export function ceilingOf(facts: Facts, answer: Answer | undefined): number {
  return facts.one('counter', answer)?.value ?? 0
}

/** When the tokens of a license end, where {@link LAST_TOKEN} was read with it. */
export function tokensOf(facts: Facts, { followed }: Found, ceiling: Answer | undefined): TokenFacts {
  const last = facts.one('activation', followed.lastToken)
  return { tokensEndAt: last?.tokensEndAt ?? null, ceiling: ceilingOf(facts, ceiling) }
}

/** The live entries of a license on the revocation list, for what `entryCounter` reads. */
export function liveEntries(now: Date): Follow {
  return { entries: lookForEntries({ column: 'id' }, now) }
}

/** Counts a license's live entries on the revocation list: among what was read with it, else later. */
export function entryCounter({ row, followed }: Found, now: Date, later: Later): () => number {
  return () => (followed.entries ?? later.answer(lookForEntries(row.id ?? null, now)))?.rows.length ?? 0
}

function lookForEntries(licenseId: Query['equal'][number], now: Date): Query {
  const range = { above: now.getTime() }
  return lookFor('revocation', { by: 'ofLicense', equal: [licenseId, 0], range, limit: MAX_LIVE_ENTRIES })
}

/** The entries of a host of a license on the revocation list, for what `listedOf` reads. */
export function entriesOf(hostId: string): Follow {
  return { listed: lookForEntriesOf({ column: 'id' }, hostId) }
}

/** The same, later, of a license that was found. */
export function lookForEntriesOf(licenseId: Query['equal'][number], hostId: string): Query {
  return lookFor('revocation', { by: 'ofHost', equal: [licenseId, hostId] })
}

/** What was read as {@link entriesOf} a host. */
export function listedOf(facts: Facts, { followed }: Found) {
  return facts.all('revocation', followed.listed)
}

/** What goes with a license besides its activations and sessions: what `belongingsOf` reads, and when its tokens end. */
export const BELONGINGS: Follow = {
  ...LAST_TOKEN,
  spendings: lookFor('spendings', { equal: [{ column: 'id' }] }),
  products: lookFor('licensedProduct', { equal: [{ column: 'id' }] }),
}

/** The activations of a license on these hosts. */
export function activationsOn(hostIds: readonly string[]): Follow {
  return Object.fromEntries(
    hostIds.map((hostId, index) => [`host${index}`, lookUp('activation', [...ofItsLicense('activation'), hostId])]),
  )
}

/** What was spent of these allowances of a license. */
export function spendingsOf(allowances: readonly Pick<Allowance, 'name'>[]): Follow {
  return Object.fromEntries(
    allowances.map(({ name }) => [spentOf(name), lookUp('spendings', [{ column: 'id' }, name])]),
  )
}

/** Finds what was spent of a license's allowances: among what was read with it, else later. */
export function spendingsFinder(facts: Facts, { row, followed }: Found, later: Later) {
  return (name: string) =>
    facts.one('spendings', followed[spentOf(name)] ?? later.answer(lookUp('spendings', [row.id ?? null, name])))
}

function spentOf(name: string): string {
  return `spent ${name}`
}

/** The activations of a license that its devices are found among. */
export function lookForDevices(license: Query['equal'] = ofItsLicense('activation')): Query {
  return lookFor('activation', { by: 'newest', equal: license, limit: MAX_DEVICES })
}

/** Slots that are freed at once where one is asked for: there is room for as many then, and the others follow. */
const RESTED_TOGETHER = 64

/** The activations of a license whose slots have rested until now, the longest first. */
export function lookForRested(license: Query['equal'], now: Date): Query {
  return lookFor('activation', { by: 'resting', equal: license, range: { to: now.getTime() }, limit: RESTED_TOGETHER })
}

/** The activations of a license whose license tokens have ended, the longest first. */
export function lookForEnded(license: Query['equal'], now: Date): Query {
  return lookFor('activation', {
    by: 'tokensEnd',
    equal: license,
    range: { to: now.getTime() },
    limit: RESTED_TOGETHER,
  })
}

/** The license named by a target, with what follows it, and the product it must be sold for. */
export function lookForTarget({ canonicalKey, productId }: LicenseTarget, follow: Follow = {}): readonly Query[] {
  const license = lookUp('license', [canonicalKey], { by: 'canonicalKey', follow })
  return productId === undefined ? [license] : [license, lookUp('product', [productId])]
}

/** What was found of a target. */
export interface Target {
  readonly license: License
  readonly product: Product | null
  readonly customer: Customer | null
  /** The activations that were asked for. */
  readonly activations: readonly Activation[]
  readonly found: Found
}

/**
 * The target, from the first two answers, or how it is missing.
 * @param wanted the products it must be for alone, where whoever asks is to act on all of it
 */
export function targetOf(
  facts: Facts,
  [licenses, products]: readonly (Answer | undefined)[],
  accountId: string,
  { productId }: LicenseTarget,
  wanted?: ProductList,
): Target | Missing {
  const found = licenses?.rows[0]
  if (found === undefined) return { kind: 'gone' }
  const license = facts.entity('license', found)
  const product = facts.one('product', products)
  if (productId === undefined && license.accountId !== accountId) return { kind: 'foreign' }
  if (productId !== undefined && !isSoldFor(license, product, accountId)) return { kind: 'gone' }
  if (!isCovered(license, wanted)) return { kind: 'not-covered' }
  return { license, product, found, ...besides(facts, found) }
}

/** What goes with a license, where {@link BELONGINGS} was read with it. */
export function belongingsOf(facts: Facts, { followed }: Found): LicenseBelongings {
  return {
    spendings: facts.all('spendings', followed.spendings),
    products: facts.all('licensedProduct', followed.products),
  }
}

/** The customer and the activations that were read with a license. */
export function besides(facts: Facts, { followed }: Found): Pick<Target, 'customer' | 'activations'> {
  const activations = Object.entries(followed).flatMap(([name, answer]) =>
    /^host\d+$/.test(name) ? facts.all('activation', answer) : [],
  )
  return { customer: facts.one('customer', followed.customer), activations }
}
