import type { Activation } from '../../../../src/domain/activation'
import type { Revoked } from '../../../../src/domain/decision'
import { tokenStamp } from '../../../../src/domain/stamp'
import { type RevocationSubject, revocationId } from '../../../../src/protocol/revocation-list'
import type { Store } from '../../../../src/storage/verbs/store'
import { apply, revokeAll } from '../differential/model/apply'
import type { Tables } from '../differential/model/tables'
import { claimFault, licenseIn, putRow } from './conformance-claim-fault'
import { type Fault, fault, faultInSteps } from './conformance-fault'
import { releaseFault } from './conformance-release-fault'
import { entryFault, withoutRevoking } from './conformance-revocation-fault'

const GROUP = 'revocations'

type Verb = 'updateLicense' | 'resetLicense' | 'deleteLicense' | 'deleteCustomer' | 'purgeExpired'
type FreeingVerb = 'releaseAllActivations' | 'releaseActivation' | 'releaseUnseen' | 'claimActivation'

/** Fails in `revocations`: a verb makes no entries. */
function forgetful(verb: Verb | FreeingVerb): Fault {
  return fault(GROUP, (sound, tables) => {
    const member = sound[verb] as (...args: readonly unknown[]) => unknown
    return { [verb]: (...args: readonly unknown[]) => withoutRevoking(tables, () => member(...args)) }
  })
}

/** Fails in `revocations`: tokens of these of a host's keys are revoked where one is bound to it. */
function revokingKeys(choose: (keys: Activation['keys']) => Activation['keys']): Fault {
  return claimFault(GROUP, async (sound, tables, args) => {
    const outcome = await sound.claimActivation(...args)
    if (outcome.kind !== 'rebound') return outcome
    const { license, activation } = outcome
    const revoked = choose(activation.keys).map(({ thumbprint, tokensEndAt }): Revoked => {
      const subject: RevocationSubject = [license.id, activation.hostId, thumbprint]
      return { license, subject, stamp: tables.stampCeiling, tokensEndAt }
    })
    apply(tables, { changes: [], revoked })
    return outcome
  })
}

/** The highest stamp among the entries there are. */
function highestStamp({ revocations }: Tables): number {
  return Math.max(0, ...[...revocations.values()].map(({ stamp }) => stamp))
}

/** What goes wrong where tokens are revoked by stamps. */
export const revocationFaults: Readonly<Record<string, Fault>> = {
  // ── An entry is missing ────────────────────────────────────────────────────────────────────────────────────

  'forgets to revoke on a block': forgetful('updateLicense'),
  'forgets to revoke on a release': forgetful('releaseActivation'),
  'forgets to revoke on a release of all': forgetful('releaseAllActivations'),
  'forgets to revoke an unseen host': forgetful('releaseUnseen'),
  'forgets to revoke the host before a move': forgetful('claimActivation'),
  'forgets to revoke on a reset': forgetful('resetLicense'),
  'forgets to revoke a deleted license': forgetful('deleteLicense'),
  'forgets to revoke for a deleted customer': forgetful('deleteCustomer'),
  'forgets to revoke for a purged license': forgetful('purgeExpired'),

  'takes a host off the list when it comes back': claimFault(GROUP, async (sound, tables, args) => {
    const outcome = await sound.claimActivation(...args)
    if (outcome.kind !== 'created') return outcome
    const id = revocationId(outcome.license.id, args[2].hostId)
    for (const [key, entry] of tables.revocations) if (entry.id === id) tables.revocations.delete(key)
    return outcome
  }),

  'lists an entry for the first product of a license only': entryFault((made) => (made.rank === 0 ? [made] : [])),

  // ── An entry too many, or another one ──────────────────────────────────────────────────────────────────────

  'revokes when a slot is surrendered': releaseFault(GROUP, async (sound, tables, args) => {
    const outcome = await sound.releaseActivation(...args)
    if (outcome.kind === 'surrendered') revokeAll(tables, [outcome.license], args[2].now)
    return outcome
  }),

  'revokes the tokens of the older key where another is bound': revokingKeys((keys) => keys.slice(-2, -1)),

  'revokes the tokens of the key that is bound': revokingKeys((keys) => keys.slice(-1)),

  'revokes where a user leaves a slot to others': releaseFault(GROUP, async (sound, tables, args) => {
    const outcome = await sound.releaseActivation(...args)
    if (outcome.kind === 'kept' || outcome.kind === 'pending') revokeAll(tables, [outcome.license], args[2].now)
    return outcome
  }),

  'revokes again when a blocked license is blocked': fault(GROUP, (sound, tables) => ({
    updateLicense: async (...args) => {
      const license = licenseIn(tables, args)
      if (license?.blocked === true && args[2].blocked === true) revokeAll(tables, [license], args[3].now)
      return sound.updateLicense(...args)
    },
  })),

  'lists an entry for each host where one for the license is due': entryFault((made, hostIds) => {
    if (made.id !== revocationId(made.licenseId)) return [made]
    return hostIds.map((hostId) => ({ ...made, id: revocationId(made.licenseId, hostId) }))
  }),

  'lists an entry for the license where one for a host is due': entryFault((made) => [
    { ...made, id: revocationId(made.licenseId) },
  ]),

  'counts an entry once for each product': fault(GROUP, (sound, tables) => ({
    listRevocations: async (now, productId) =>
      productId === null ? structuredClone([...tables.revocations.values()]) : sound.listRevocations(now, productId),
  })),

  'lists the entries of all products for each': fault(GROUP, (sound) => ({
    listRevocations: async (now, productId) =>
      (await sound.listRevocations(now, productId)) && sound.listRevocations(now, null),
  })),

  'has an empty list for a product that is not there': fault(GROUP, (sound) => ({
    listRevocations: async (...args) => (await sound.listRevocations(...args)) ?? [],
  })),

  // ── Ends ───────────────────────────────────────────────────────────────────────────────────────────────────

  'ends an entry too early': entryFault((made) => [{ ...made, endsAt: new Date(made.endsAt.getTime() - 1_000) }]),

  'ends an entry too late': entryFault((made) => [{ ...made, endsAt: new Date(made.endsAt.getTime() + 2_000) }]),

  'never takes a revocation off the list': fault(GROUP, (sound) => ({
    listRevocations: (_now, productId) => sound.listRevocations(new Date(0), productId),
  })),

  // ── Stamps ─────────────────────────────────────────────────────────────────────────────────────────────────

  'gives an entry too low a stamp': entryFault((made) => [{ ...made, stamp: made.stamp - 1 }]),

  'gives an entry too high a stamp': entryFault((made) => [{ ...made, stamp: made.stamp + 1 }]),

  'raises the ceiling when it revokes': faultInSteps(GROUP, (step, run, tables) => {
    const highest = highestStamp(tables)
    const running = run(step)
    if (highestStamp(tables) > highest) tables.stampCeiling += 1
    return running
  }),

  'does not note on a license what was revoked of its hosts': faultInSteps(GROUP, (step, run, tables) => {
    const running = run(step)
    for (const [id, license] of tables.licenses) tables.licenses.set(id, { ...license, revokedStamp: 0 })
    return running
  }),

  'gives a host a floor for what was revoked of another': claimFault(GROUP, async (sound, tables, args) => {
    const outcome = await sound.claimActivation(...args)
    if (outcome.kind !== 'created') return outcome
    const activation = { ...outcome.activation, stampFloor: outcome.license.revokedStamp }
    putRow(tables, activation)
    return { ...outcome, activation, stamp: tokenStamp({ license: outcome.license, activation }, args[3].now) }
  }),

  'looks for the entries of a host, and not for those of its keys': claimFault(GROUP, async (sound, tables, args) => {
    const ofKeys = [...tables.revocations].filter(([, one]) => one.id !== revocationId(one.licenseId, one.hostId))
    for (const [key, one] of ofKeys) tables.revocations.set(key, { ...one, hostId: '' })
    const claiming = sound.claimActivation(...args)
    for (const [key, one] of ofKeys) {
      const now = tables.revocations.get(key)
      if (now?.hostId === '') tables.revocations.set(key, { ...now, hostId: one.hostId })
    }
    return claiming
  }),

  'does not raise the floor of a license that is blocked': fault(GROUP, (sound, tables) => ({
    updateLicense: async (...args) => {
      const stampFloor = licenseIn(tables, args)?.stampFloor ?? 0
      const outcome = await sound.updateLicense(...args)
      if (outcome.kind === 'updated') tables.licenses.set(outcome.license.id, { ...outcome.license, stampFloor })
      return outcome
    },
  })),

  'gives a new activation no floor': claimFault(GROUP, async (sound, tables, args) => {
    const outcome = await sound.claimActivation(...args)
    if (outcome.kind !== 'created') return outcome
    const activation = { ...outcome.activation, stampFloor: 0 }
    putRow(tables, activation)
    return { ...outcome, activation, stamp: tokenStamp({ license: outcome.license, activation }, args[3].now) }
  }),

  'begins stamps anew when entries are purged': fault(GROUP, (sound, tables) => ({
    purgeExpired: (...args) => beginAnew(tables, sound.purgeExpired(...args)),
  })),

  'begins stamps anew with what is left': fault('persistence of revocations', (sound, tables) => ({
    close: () => beginAnew(tables, sound.close()),
  })),
}

/** After a synchronous step, forgets the stamps that no entry has. */
function beginAnew<T extends ReturnType<Store['purgeExpired' | 'close']>>(tables: Tables, running: T): T {
  tables.stampCeiling = highestStamp(tables)
  return running
}
