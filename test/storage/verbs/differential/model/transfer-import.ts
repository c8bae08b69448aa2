import type { Activation } from '../../../../../src/domain/activation'
import type { Customer } from '../../../../../src/domain/customer'
import type { Revocation } from '../../../../../src/domain/decision'
import type { License } from '../../../../../src/domain/license'
import type { Product } from '../../../../../src/domain/product'
import type { Session } from '../../../../../src/domain/session'
import type { ImportOutcome, StoreRecord, StoreRecordOf } from '../../../../../src/storage/records'
import { isSameSeat } from './session-verbs'
import { owned, type Tables } from './tables'

/**
 * Stores a record, which is the table's from then on, unless something stands against it. What that is called is asked
 * in one order for all kinds: `orphan`, `existing`, `conflict`.
 */
export function importRecord(tables: Tables, record: StoreRecord): ImportOutcome {
  const { kind, value } = record
  switch (kind) {
    case 'signing-key':
      return add(tables.signingKeys, value.kid, value.recordedAt)
    case 'account':
      return add(tables.accounts, value.id, value)
    case 'access-token':
      return ofAccount(tables, value, () => {
        const isTaken = tables.accessTokenIds.has(value.hash)
        const outcome = add(tables.accessTokens, value.id, value, isTaken)
        if (outcome === 'stored') tables.accessTokenIds.set(value.hash, value.id)
        return outcome
      })
    case 'product':
      return ofAccount(tables, value, () => importProduct(tables, value))
    case 'product-version':
      if (!tables.products.has(value.productId)) return 'orphan'
      return add(tables.productVersions, value.id, value)
    case 'customer':
      return ofAccount(tables, value, () => importCustomer(tables, value))
    case 'license':
      return ofAccount(tables, value, () => importLicense(tables, value))
    case 'activation':
      return importActivation(tables, value)
    case 'session':
      return importSession(tables, value)
    case 'revocation':
      return importRevocation(tables, value)
    case 'stamp-ceiling':
      return raiseCeiling(tables, value.ceiling)
    case 'webhook-endpoint':
      return ofAccount(tables, value, () => add(tables.webhookEndpoints, value.id, value))
    case 'event':
      return ofAccount(tables, value, () => {
        if (tables.eventsById.has(value.id)) return 'existing'
        tables.putEvent(value)
        return 'stored'
      })
    case 'delivery':
      return importDelivery(tables, value)
  }
}

/** @param isTaken another row has what only one may have */
function add<T>(rows: Map<string, T>, id: string, row: T, isTaken = false): ImportOutcome {
  if (rows.has(id)) return 'existing'
  if (isTaken) return 'conflict'
  rows.set(id, row)
  return 'stored'
}

function ofAccount(tables: Tables, { accountId }: { readonly accountId: string }, store: () => ImportOutcome) {
  return tables.accounts.has(accountId) ? store() : 'orphan'
}

function importProduct(tables: Tables, product: Product): ImportOutcome {
  const tokenOf = ({ authtoolClient }: Product) => authtoolClient?.tokenHash
  const isTaken = [...tables.products.values()].some(
    (one) => one.packageId === product.packageId || (tokenOf(one) !== undefined && tokenOf(one) === tokenOf(product)),
  )
  const outcome = add(tables.products, product.id, product, isTaken)
  if (outcome === 'stored') tables.lastPackageId = Math.max(tables.lastPackageId, product.packageId)
  return outcome
}

function importCustomer(tables: Tables, customer: Customer): ImportOutcome {
  if (tables.customers.has(customer.id)) return 'existing'
  if (tables.customerByEmail(customer.accountId, customer.email) !== undefined) return 'conflict'
  tables.putCustomer(customer)
  return 'stored'
}

function importLicense(tables: Tables, license: License): ImportOutcome {
  const { accountId, customerId, canonicalKey } = license
  const isOfAccount = license.productIds.every((id) => owned(tables.products, id, accountId) !== null)
  if (!isOfAccount || (customerId !== null && owned(tables.customers, customerId, accountId) === null)) return 'orphan'
  const counted = { ...license, activationCount: 0, stampFloor: floorOf(tables, license) }
  const outcome = add(tables.licenses, license.id, counted, tables.licenseIds.has(canonicalKey))
  if (outcome === 'stored') tables.licenseIds.set(canonicalKey, license.id)
  return outcome
}

function importActivation(tables: Tables, activation: Activation): ImportOutcome {
  const license = tables.licenses.get(activation.licenseId)
  if (license === undefined) return 'orphan'
  const hosts = tables.activationsOf(license.id)
  const held = hosts.get(activation.hostId)
  if (held !== undefined) return held.id === activation.id ? 'existing' : 'conflict'
  hosts.set(activation.hostId, { ...activation, stampFloor: floorOf(tables, activation) })
  tables.licenses.set(license.id, { ...license, activationCount: license.activationCount + 1 })
  return 'stored'
}

function importSession(tables: Tables, session: Session): ImportOutcome {
  if (!tables.licenses.has(session.licenseId)) return 'orphan'
  const sessions = tables.sessionsOf(session.licenseId)
  const isTaken = [...sessions.values()].some((other) => isSameSeat(other, session))
  return add(sessions, session.id, session, isTaken)
}

/** What was revoked here before is not above the ceiling. */
function floorOf({ stampCeiling }: Tables, { stampFloor }: Pick<License, 'stampFloor'>): number {
  return Math.max(stampFloor, stampCeiling)
}

function raiseCeiling(tables: Tables, ceiling: number): ImportOutcome {
  if (ceiling <= tables.stampCeiling) return 'existing'
  tables.stampCeiling = ceiling
  return 'stored'
}

/** One that is there takes the highest stamp and the latest end. */
function importRevocation(tables: Tables, revocation: Revocation): ImportOutcome {
  const key = JSON.stringify([revocation.productId, revocation.id])
  const known = tables.revocations.get(key)
  raiseCeiling(tables, revocation.stamp)
  raiseLicense(tables, revocation)
  if (known === undefined) {
    tables.revocations.set(key, revocation)
    return 'stored'
  }
  if (known.stamp >= revocation.stamp && known.endsAt >= revocation.endsAt) return 'existing'
  const stamp = Math.max(known.stamp, revocation.stamp)
  const endsAt = known.endsAt < revocation.endsAt ? revocation.endsAt : known.endsAt
  tables.revocations.set(key, { ...known, stamp, endsAt })
  return 'stored'
}

function raiseLicense({ licenses }: Tables, { licenseId, hostId, stamp }: Revocation): void {
  const license = licenses.get(licenseId)
  if (license === undefined) return
  const floors = hostId === '' ? { stampFloor: stamp } : { revokedStamp: stamp }
  const { stampFloor, revokedStamp } = { stampFloor: 0, revokedStamp: 0, ...floors }
  licenses.set(licenseId, {
    ...license,
    stampFloor: Math.max(license.stampFloor, stampFloor),
    revokedStamp: Math.max(license.revokedStamp, revokedStamp),
  })
}

function importDelivery(tables: Tables, { eventId, ...delivery }: StoreRecordOf<'delivery'>['value']): ImportOutcome {
  const { accountId, endpointId } = delivery
  const event = tables.eventsById.get(eventId)
  const isSameAccount = event?.accountId === accountId
  if (!isSameAccount || owned(tables.webhookEndpoints, endpointId, accountId) === null) return 'orphan'
  return add(tables.deliveries, delivery.id, { ...delivery, event })
}
