import { isLastSeenStale, type NewActivation, seeActivation, startActivation } from '../../domain/activation'
import { isSoldFor, refuseClaim } from '../../domain/license'
import type { ActivationTarget, ClaimOutcome } from '../contract'
import type { ActivationVerbs } from '../verb-families'
import type { Handle } from './handle'
import { customerOf, findTarget } from './license-verbs'
import { emptyPage, pageOf } from './lists'
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
        const hosts = tables.activationsOf(license.id)
        const activation = hosts.get(target.hostId)
        if (activation === undefined) return { kind: 'not-active' }
        const counted = { ...license, activationCount: license.activationCount - 1 }
        tables.revoke(license, [activation])
        hosts.delete(target.hostId)
        tables.licenses.set(license.id, counted)
        return { kind: 'released', license: counted, activation }
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
      const newestFirst = [...(activations.get(licenseId)?.values() ?? [])].sort(
        (a, b) => b.activatedAt.getTime() - a.activatedAt.getTime() || (a.hostId < b.hostId ? -1 : 1),
      )
      return pageOf(newestFirst, page)
    },
  }
}

function claimActivation(
  tables: Tables,
  accountId: string,
  target: ActivationTarget,
  activation: NewActivation,
  now: Date,
): ClaimOutcome {
  const license = findTarget(tables, accountId, target)
  const product = owned(tables.products, target.productId, accountId)
  if ('kind' in license || product === null) return { kind: 'gone' }

  const hosts = tables.activationsOf(license.id)
  const customer = customerOf(tables, license)
  const current = hosts.get(activation.hostId) ?? null
  const refusal = refuseClaim({ license, customer, activation: current }, activation.hostId, now)
  if (refusal !== undefined) return { kind: refusal }

  if (current !== null) {
    const seen = isLastSeenStale(current, now) ? structuredClone(seeActivation(current, product, now)) : current
    hosts.set(seen.hostId, seen)
    return { kind: 'existing', license, product, customer, activation: seen }
  }
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
