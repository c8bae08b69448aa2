import { decideDropUser } from '../../../../../src/domain/decide-drop-user'
import { decideFreeDevice, decideRelease } from '../../../../../src/domain/decide-release'
import { decideValidate, type ValidateOutcome } from '../../../../../src/domain/decide-validate'
import { only } from '../../../../../src/domain/decision'
import { isSoldFor, type License } from '../../../../../src/domain/license'
import { raiseFloor } from '../../../../../src/domain/revoke'
import type { ActivationVerbs } from '../../../../../src/storage/verbs/activation-contract'
import { revokeAll } from './apply'
import { decideClaim } from './decide-claim'
import type { Handle } from './handle'
import { customerOf, findTarget } from './license-verbs'
import { emptyPage, newestFirst, pageOf } from './lists'
import { entriesOf, licenseFacts, slotFacts } from './slot-facts'
import { owned, type Tables } from './tables'
import { tellVersion } from './tell-version'

export function activationVerbs(handle: Handle): ActivationVerbs {
  return {
    claimActivation: (accountId, { canonicalKey, productId }, claim, step) =>
      handle.decide(accountId, step, (tables) => {
        const license = licenseOf(tables, canonicalKey)
        const product = tables.products.get(productId) ?? null
        if (license === null) return only({ kind: 'gone' })
        const facts = { accountId, ...slotFacts(tables, license, claim, step.now), product }
        return tellVersion(decideClaim(facts, claim, step.now), tables, productId, step)
      }),

    releaseActivation: (accountId, { hostId, ...target }, step) =>
      handle.decide(accountId, step, (tables) => {
        const license = findTarget(tables, accountId, target)
        if ('kind' in license) return only({ kind: 'gone' })
        const activation = tables.activationsOf(license.id).get(hostId) ?? null
        return decideRelease({ ...licenseFacts(tables, license, step.now), activation }, target, step.now)
      }),

    releaseDevice: (accountId, target, step) =>
      handle.decide(accountId, step, (tables) => {
        const license = findTarget(tables, accountId, target)
        const product = owned(tables.products, target.productId, accountId)
        if ('kind' in license || product === null) return only({ kind: 'gone' })
        return decideFreeDevice({ ...licenseFacts(tables, license, step.now), product }, target, step.now)
      }),

    dropDeviceUser: (accountId, target, step) =>
      handle.decide(accountId, step, (tables) => {
        const license = findTarget(tables, accountId, target)
        const product = owned(tables.products, target.productId, accountId)
        if ('kind' in license || product === null) return only({ kind: 'gone' })
        return decideDropUser({ ...licenseFacts(tables, license, step.now), product }, target, step.now)
      }),

    releaseAllActivations: (accountId, target, step) =>
      handle.mutate(accountId, step, (tables) => {
        const license = findTarget(tables, accountId, target)
        if ('kind' in license) return { kind: 'gone' }
        if (license.blocked) return { kind: 'blocked' }
        const hosts = tables.activationsOf(license.id)
        const counted = { ...raiseFloor(license, tables.stampCeiling), activationCount: 0 }
        revokeAll(tables, [license], step.now)
        tables.activations.delete(license.id)
        tables.licenses.set(license.id, counted)
        return { kind: 'released', license: counted, count: hosts.size }
      }),

    validateActivation: (accountId, { canonicalKey, productId, ...asked }, now, plan = () => ({ now })) =>
      handle.decide<ValidateOutcome>(accountId, plan(), (tables) => {
        const license = licenseOf(tables, canonicalKey)
        if (license === null) return only({ kind: 'gone' })
        const rows = {
          license,
          product: tables.products.get(productId) ?? null,
          customer: customerOf(tables, license),
          activation: tables.activationsOf(license.id).get(asked.hostId) ?? null,
          ceiling: tables.stampCeiling,
          findEntries: () => entriesOf(tables, license, asked.hostId),
        }
        return decideValidate({ accountId, ...rows }, asked, now)
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

    findAuthtoolLogins: async (productId, hostId) => {
      const { tables } = handle
      const found = [...tables.licenses.values()].flatMap((license) => {
        const activation = tables.activations.get(license.id)?.get(hostId)
        if (activation?.authtoolProductId !== productId) return []
        return [{ license, customer: customerOf(tables, license), activation }]
      })
      const newest = found.toSorted((one, other) => {
        const earlier = other.activation.activatedAt.getTime() - one.activation.activatedAt.getTime()
        return earlier === 0 ? (one.license.id < other.license.id ? -1 : 1) : earlier
      })
      return structuredClone(newest.slice(0, 64))
    },

    listActivations: async (accountId, licenseId, page) => {
      const { activations, licenses } = handle.tables
      if (owned(licenses, licenseId, accountId) === null) return emptyPage()
      return pageOf(newestFirst(activations.get(licenseId)?.values() ?? []), page)
    },
  }
}

function licenseOf({ licenseIds, licenses }: Tables, canonicalKey: string): License | null {
  return licenses.get(licenseIds.get(canonicalKey) ?? '') ?? null
}
