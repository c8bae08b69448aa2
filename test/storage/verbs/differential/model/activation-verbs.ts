import {
  findHeld,
  isLastSeenStale,
  refuseRelease,
  seeActivation,
  startActivation,
  surrenderActivation,
  takeOver,
  takeoverOf,
} from '../../../../../src/domain/activation'
import { type Charge, spend } from '../../../../../src/domain/allowance'
import { isSoldFor, type License } from '../../../../../src/domain/license'
import { refuseClaim } from '../../../../../src/domain/refuse-claim'
import { chargeForChange } from '../../../../../src/domain/resting-slot'
import type { SlotRequest } from '../../../../../src/domain/slot-request'
import type { ActivationTarget, ClaimOutcome } from '../../../../../src/storage/verbs/store'
import type { ActivationVerbs } from '../../../../../src/storage/verbs/verb-families'
import type { Handle } from './handle'
import { customerOf, findTarget } from './license-verbs'
import { emptyPage, newestFirst, pageOf } from './lists'
import { owned, type Tables } from './tables'

export function activationVerbs(handle: Handle): ActivationVerbs {
  return {
    claimActivation: (accountId, target, activation, step) =>
      handle.mutate(accountId, step, (tables) => claimActivation(tables, accountId, target, activation, step.now)),

    releaseActivation: (accountId, target, step) =>
      handle.mutate(accountId, step, (tables) => {
        const license = findTarget(tables, accountId, target)
        if ('kind' in license) return { kind: 'gone' }
        if (license.blocked) return { kind: 'blocked' }
        const activation = tables.activationsOf(license.id).get(target.hostId) ?? null
        const refusal = refuseRelease(activation, target)
        if (refusal !== undefined || activation === null) return { kind: refusal ?? 'not-active' }
        const { rules, trusted } = target
        const change =
          rules && trusted !== true ? chargeForChange(rules.moves, license, activation, step.now) : undefined
        if (change === undefined || charge(tables, license, [change], step.now) === undefined)
          return { kind: 'released', ...tables.release(license, activation) }
        const surrendered = structuredClone(surrenderActivation(activation, step.now))
        tables.revoke(license, [activation])
        tables.activationsOf(license.id).set(surrendered.hostId, surrendered)
        return { kind: 'surrendered', license, activation: surrendered }
      }),

    releaseAllActivations: (accountId, target, step) =>
      handle.mutate(accountId, step, (tables) => {
        const license = findTarget(tables, accountId, target)
        if ('kind' in license) return { kind: 'gone' }
        if (license.blocked) return { kind: 'blocked' }
        const hosts = tables.activationsOf(license.id)
        const counted = { ...license, activationCount: 0 }
        tables.revoke(license, hosts.values())
        tables.activations.delete(license.id)
        tables.licenses.set(license.id, counted)
        return { kind: 'released', license: counted, count: hosts.size }
      }),

    findActivation: async (accountId, { canonicalKey, productId, hostId }) => {
      const { tables } = handle
      const license = findTarget(tables, accountId, { canonicalKey })
      const product = owned(tables.products, productId, accountId)
      if ('kind' in license || product?.active !== true) return { kind: 'gone' }
      if (!isSoldFor(license, product, accountId)) return { kind: 'wrong-product' }
      const activation = tables.activations.get(license.id)?.get(hostId) ?? null
      return structuredClone({ kind: 'found', license, product, customer: customerOf(tables, license), activation })
    },

    touchActivation: async (accountId, licenseId, hostId, seen) => {
      const { activations, licenses } = handle.tables
      if (owned(licenses, licenseId, accountId) === null) return
      const hosts = activations.get(licenseId)
      const activation = hosts?.get(hostId)
      if (activation === undefined) return
      const lastSeenAt = later(activation.lastSeenAt, seen.lastSeenAt)
      const tokensEndAt = later(activation.tokensEndAt, seen.tokensEndAt)
      hosts?.set(hostId, { ...activation, lastSeenAt, tokensEndAt })
    },

    listActivations: async (accountId, licenseId, page) => {
      const { activations, licenses } = handle.tables
      if (owned(licenses, licenseId, accountId) === null) return emptyPage()
      return pageOf(newestFirst(activations.get(licenseId)?.values() ?? []), page)
    },
  }
}

function claimActivation(
  tables: Tables,
  accountId: string,
  target: ActivationTarget,
  activation: SlotRequest,
  now: Date,
): ClaimOutcome {
  const license = findTarget(tables, accountId, target)
  const product = owned(tables.products, target.productId, accountId)
  if ('kind' in license || product === null) return { kind: 'gone' }

  const hosts = tables.activationsOf(license.id)
  const customer = customerOf(tables, license)
  const held = findHeld(activation, (hostId) => hosts.get(hostId) ?? null)
  const refusal = refuseClaim({ license, product, customer, activation: held }, activation, now)
  if (refusal !== undefined) return { kind: refusal }

  if (held !== null) {
    const takeover = takeoverOf(held, activation)
    if (takeover !== undefined) {
      const taken = structuredClone(takeOver(held, product, activation, now))
      tables.revoke(license, [held])
      hosts.delete(held.hostId)
      hosts.set(taken.hostId, taken)
      const rows = { license, product, customer, activation: taken }
      return takeover === 'moved'
        ? { kind: takeover, ...rows, previousHostId: held.hostId }
        : { kind: takeover, ...rows }
    }
    const seen = isLastSeenStale(held, now) ? structuredClone(seeActivation(held, product, now)) : held
    hosts.set(seen.hostId, seen)
    return { kind: 'existing', license, product, customer, activation: seen }
  }
  const { rules, trusted, unit = activation.hostId } = activation
  const charges =
    rules && rules.activations !== null && trusted !== true ? [{ allowance: rules.activations, unit }] : []
  const retryAt = charge(tables, license, charges, now)
  if (retryAt !== undefined) return { kind: 'rate-limited', retryAt }
  const started = structuredClone(startActivation(license, product, activation, now))
  const counted = { ...license, activationCount: license.activationCount + 1 }
  hosts.set(started.hostId, started)
  tables.licenses.set(license.id, counted)
  return { kind: 'created', license: counted, product, customer, activation: started }
}

/** A copy of the later one. */
function later(a: Date, b: Date): Date {
  return new Date(a < b ? b : a)
}

/** Charges the license, or tells when there is room; one charge after the other, and none where one of them fails. */
function charge(tables: Tables, license: License, charges: readonly Charge[], now: Date): Date | undefined {
  const before = tables.spendingsOf(license.id)
  const paid = charges.map(({ allowance, unit }) => ({
    name: allowance.name,
    ...spend(allowance, before.get(allowance.name) ?? [], unit, now),
  }))
  const refused = paid.find(({ kind }) => kind === 'exhausted')
  if (refused?.kind === 'exhausted') return refused.retryAt
  for (const { name, spent } of paid) before.set(name, structuredClone(spent))
  return undefined
}
