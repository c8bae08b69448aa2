import type { Activation } from './activation'
import type { Customer } from './customer'
import { canonicalEmail } from './customer'
import type { Entities, EntityName, KeptDelivery, Revocation } from './decision'
import { lengthen } from './delivery-line'
import type { License } from './license'
import { PACKAGE_IDS, type Product } from './product'
import { type Session, seatKeyOf } from './session'
import { STAMP_CEILING } from './stamp'

/**
 * What became of a record that was to be stored. `existing`: one with its id is there already and stays as it is.
 * `conflict`: another one has what only one may have: a license key, a package id, an email, a token's hash, an
 * activation's host, a session's seat. `orphan`: what it belongs to is not there. Only `stored` ones were stored.
 */
export type ImportOutcome = 'stored' | 'existing' | 'conflict' | 'orphan'

/** What is stored, with all that was stored since the decision began. */
export interface Kept {
  /** @param by the unique set that the values are of; default the key */
  find<K extends EntityName>(of: K, values: readonly (string | number)[], by?: string): Entities[K] | null
  insert<K extends EntityName>(of: K, entity: Entities[K]): void
  replace<K extends EntityName>(of: K, before: Entities[K], after: Entities[K]): void
  /** What is decided holds only while this stays as it is. */
  rely<K extends EntityName>(of: K, entity: Entities[K]): void
}

type Importable = Exclude<
  EntityName,
  'licensedProduct' | 'spendings' | 'leftover' | 'deliveryLine' | 'idempotencyRecord'
>

/**
 * How an entity of each kind is stored as it is, unless something stands against it. What that is called is asked in one
 * order for all kinds: `orphan`, `existing`, `conflict`.
 */
export const importing: { readonly [K in Importable]: (kept: Kept, entity: Entities[K]) => ImportOutcome } = {
  signingKey: (kept, key) => add(kept, 'signingKey', key, kept.find('signingKey', [key.kid])),
  account: (kept, account) => add(kept, 'account', account, kept.find('account', [account.id])),

  accessToken(kept, token) {
    const account = kept.find('account', [token.accountId])
    const holder = kept.find('accessToken', [token.hash], 'hash')
    return addTo(account, kept, 'accessToken', token, kept.find('accessToken', [token.id]), holder)
  },

  product: importProduct,

  productVersion(kept, version) {
    const product = kept.find('product', [version.productId])
    return addTo(product, kept, 'productVersion', version, kept.find('productVersion', [version.id]))
  },

  customer: importCustomer,
  license: importLicense,
  activation: importActivation,
  session: importSession,
  revocation: importRevocation,
  counter: raise,

  webhookEndpoint(kept, endpoint) {
    const account = kept.find('account', [endpoint.accountId])
    return addTo(account, kept, 'webhookEndpoint', endpoint, kept.find('webhookEndpoint', [endpoint.id]))
  },

  event(kept, event) {
    return addTo(kept.find('account', [event.accountId]), kept, 'event', event, kept.find('event', [event.id]))
  },

  delivery: importDelivery,
}

/** @param holder another one that has what only one may have */
function add<K extends EntityName>(
  kept: Kept,
  of: K,
  entity: Entities[K],
  existing: Entities[K] | null,
  holder: Entities[K] | null = null,
): ImportOutcome {
  if (existing !== null) return 'existing'
  if (holder !== null) return 'conflict'
  kept.insert(of, entity)
  return 'stored'
}

function addTo<K extends EntityName>(owner: object | null, ...rest: Parameters<typeof add<K>>): ImportOutcome {
  return owner === null ? 'orphan' : add(...rest)
}

/** Package ids go on after the highest. */
function importProduct(kept: Kept, product: Product): ImportOutcome {
  const account = kept.find('account', [product.accountId])
  const { authtoolClient } = product
  const sameToken = authtoolClient && kept.find('product', [authtoolClient.tokenHash], 'authtoolToken')
  const holder = kept.find('product', [product.packageId], 'package') ?? sameToken
  const outcome = addTo(account, kept, 'product', product, kept.find('product', [product.id]), holder)
  const highest = { name: PACKAGE_IDS, value: product.packageId }
  if (outcome === 'stored') raise(kept, highest)
  return outcome
}

function importCustomer(kept: Kept, customer: Customer): ImportOutcome {
  const { id, accountId, email } = customer
  const canonical = email === null ? null : canonicalEmail(email)
  const holder = canonical === null ? null : kept.find('customer', [accountId, canonical], 'email')
  return addTo(kept.find('account', [accountId]), kept, 'customer', customer, kept.find('customer', [id]), holder)
}

/** Starts with no activations. Its id may have been revoked here: its tokens lie above that. */
function importLicense(kept: Kept, license: License): ImportOutcome {
  const { accountId, customerId, productIds, createdAt } = license
  const account = kept.find('account', [accountId])
  const products = productIds.map((productId) => kept.find('product', [productId]))
  const customer = customerId === null ? null : kept.find('customer', [customerId])
  const existing = kept.find('license', [license.id])
  const holder = kept.find('license', [license.canonicalKey], 'canonicalKey')
  const isSold = products.every((product) => product?.accountId === accountId)
  if (!isSold || (customerId !== null && customer?.accountId !== accountId)) return 'orphan'
  const outcome = addTo(account, kept, 'license', startLicense(kept, license), existing, holder)
  if (outcome !== 'stored') return outcome
  // A deletion of the customer that has not seen this license must not happen.
  if (customer !== null) kept.replace('customer', customer, { ...customer })
  for (const productId of new Set(productIds)) {
    kept.insert('licensedProduct', { licenseId: license.id, productId, accountId, createdAt })
  }
  return outcome
}

function startLicense(kept: Kept, license: License): License {
  return { ...license, activationCount: 0, stampFloor: floorOf(kept, license) }
}

/** No entry that is there is above the ceiling. Relied on: one that comes meanwhile may be. */
function floorOf(kept: Kept, { stampFloor }: Pick<License, 'stampFloor'>): number {
  const counter = kept.find('counter', [STAMP_CEILING])
  if (counter !== null) kept.rely('counter', counter)
  return Math.max(stampFloor, counter?.value ?? 0)
}

function importActivation(kept: Kept, activation: Activation): ImportOutcome {
  const license = kept.find('license', [activation.licenseId])
  const held = kept.find('activation', [activation.licenseId, activation.hostId])
  if (license === null) return 'orphan'
  if (held !== null) return held.id === activation.id ? 'existing' : 'conflict'
  kept.insert('activation', { ...activation, stampFloor: floorOf(kept, activation) })
  kept.replace('license', license, { ...license, activationCount: license.activationCount + 1 })
  return 'stored'
}

function importSession(kept: Kept, session: Session): ImportOutcome {
  const { id, licenseId, hostId, userIdentifier } = session
  const license = kept.find('license', [licenseId])
  const holder = kept.find('session', [licenseId, hostId, userIdentifier, seatKeyOf(session)], 'seat')
  const outcome = addTo(license, kept, 'session', session, kept.find('session', [licenseId, id]), holder)
  // A seat is taken: a checkout that counts them meanwhile decides again.
  if (outcome === 'stored' && license !== null) kept.replace('license', license, { ...license })
  return outcome
}

/** One that is there takes the highest stamp and the latest end of both. What is given out here lies above its stamp. */
function importRevocation(kept: Kept, revocation: Revocation): ImportOutcome {
  const { productId, id, licenseId, stamp, endsAt } = revocation
  const known = kept.find('revocation', [productId, id])
  const license = kept.find('license', [licenseId])
  raise(kept, { name: STAMP_CEILING, value: stamp })
  if (license !== null) raiseStamps(kept, license, revocation)
  if (known === null) {
    kept.insert('revocation', revocation)
    return 'stored'
  }
  if (known.stamp >= stamp && known.endsAt >= endsAt) return 'existing'
  const later = known.endsAt < endsAt ? endsAt : known.endsAt
  kept.replace('revocation', known, { ...known, stamp: Math.max(known.stamp, stamp), endsAt: later })
  return 'stored'
}

function raiseStamps(kept: Kept, license: License, { hostId, stamp }: Revocation): void {
  const raised = hostId === '' ? 'stampFloor' : 'revokedStamp'
  if (license[raised] < stamp) kept.replace('license', license, { ...license, [raised]: stamp })
}

/** A number that only grows: `existing` where it is that high. */
function raise(kept: Kept, counter: Entities['counter']): ImportOutcome {
  const before = kept.find('counter', [counter.name])
  if (counter.value <= (before?.value ?? 0)) return 'existing'
  if (before === null) kept.insert('counter', counter)
  else kept.replace('counter', before, counter)
  return 'stored'
}

/** One that is pending goes to the end of its line. What it says of line and due time is not read. */
function importDelivery(kept: Kept, delivery: KeptDelivery): ImportOutcome {
  const { accountId, endpointId } = delivery
  const event = kept.find('event', [delivery.eventId])
  const endpoint = kept.find('webhookEndpoint', [endpointId])
  const existing = kept.find('delivery', [delivery.id])
  const line = event?.licenseId ?? delivery.id
  const before = kept.find('deliveryLine', [endpointId, line])
  if (event?.accountId !== accountId || endpoint?.accountId !== accountId) return 'orphan'
  const isPending = delivery.status === 'pending'
  const dueAt = isPending && before === null ? delivery.nextAttemptAt : null
  const stored = { ...delivery, line, dueAt }
  const outcome = add(kept, 'delivery', stored, existing)
  if (outcome !== 'stored') return outcome
  kept.rely('webhookEndpoint', endpoint)
  if (!isPending) return outcome
  const longer = lengthen(stored, before)
  if (before === null) kept.insert('deliveryLine', longer)
  else kept.replace('deliveryLine', before, longer)
  return outcome
}
