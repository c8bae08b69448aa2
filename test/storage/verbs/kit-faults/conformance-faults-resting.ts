import { setImmediate as turnOfTheLoop } from 'node:timers/promises'
import type { Activation } from '../../../../src/domain/activation'
import type { Tables } from '../differential/model/tables'
import { asking, claimFault, licenseIn, miscount, putRow, rowOf, takeoverFault } from './conformance-claim-fault'
import { type Fault, fault } from './conformance-fault'
import { releaseFault, releasing } from './conformance-release-fault'

const RESTING = 'resting slots'

/** Runs a step that leaves the resting slots of a license, and counts them again. */
function keepingResting<T>(tables: Tables, canonicalKey: string, run: () => T): T {
  const license = licenseIn(tables, ['', { canonicalKey }])
  const hosts = [...tables.activationsOf(license?.id ?? '').values()]
  const result = run()
  const counted = tables.licenses.get(license?.id ?? '')
  const resting = hosts.filter(({ surrenderedAt }) => surrenderedAt !== null)
  for (const activation of counted === undefined ? [] : resting) putRow(tables, activation)
  if (counted !== undefined) miscount(tables, counted, resting.length)
  return result
}

function isResting(activation: Activation | null | undefined): boolean {
  return activation != null && activation.surrenderedAt !== null
}

/** What goes wrong where slots rest. */
export const restingFaults: Readonly<Record<string, Fault>> = {
  // ── Surrendering ───────────────────────────────────────────────────────────────────────────────────────────

  'frees a slot that is to rest': releaseFault(RESTING, (sound, _tables, [accountId, target, step]) => {
    const { rules: _rules, ...at } = target
    return sound.releaseActivation(accountId, at, step)
  }),

  'does not count a slot that rests': releaseFault(RESTING, async (sound, tables, args) => {
    const outcome = await sound.releaseActivation(...args)
    if (outcome.kind !== 'surrendered') return outcome
    return { ...outcome, license: miscount(tables, outcome.license, -1) }
  }),

  'says that a slot which rests was released': releaseFault(RESTING, async (sound, _tables, args) => {
    const outcome = await sound.releaseActivation(...args)
    return outcome.kind === 'surrendered' ? { ...outcome, kind: 'released' } : outcome
  }),

  'takes the time a host was seen for that of its surrender': releaseFault(RESTING, async (sound, tables, args) => {
    const outcome = await sound.releaseActivation(...args)
    if (outcome.kind !== 'surrendered') return outcome
    const activation = { ...outcome.activation, surrenderedAt: outcome.activation.lastSeenAt }
    putRow(tables, activation)
    return { ...outcome, activation }
  }),

  'keeps the keys of a slot that rests': releaseFault(RESTING, async (sound, tables, args) => {
    const { keys = [] } = rowOf(tables, args, args[1].hostId) ?? {}
    const outcome = await sound.releaseActivation(...args)
    if (outcome.kind !== 'surrendered') return outcome
    const activation = { ...outcome.activation, keys }
    putRow(tables, activation)
    return { ...outcome, activation }
  }),

  'has a slot rest that a younger user gives up': releaseFault(RESTING, async (sound, tables, args) => {
    const { forAll } = args[1]
    const oldest = rowOf(tables, args, args[1].hostId)?.keys[0]?.thumbprint ?? null
    if (forAll !== true) return sound.releaseActivation(...args)
    return sound.releaseActivation(...releasing(args, { proofKey: oldest, forAll, rules: args[1].rules }))
  }),

  'lets a host free its slot once it rests': releaseFault(RESTING, async (sound, tables, args) => {
    const resting = isResting(rowOf(tables, args, args[1].hostId))
    return sound.releaseActivation(...(resting ? releasing(args, { trusted: true }) : args))
  }),

  'does not let the vendor free a slot that rests': releaseFault(RESTING, async (sound, tables, args) => {
    if (isResting(rowOf(tables, args, args[1].hostId))) return { kind: 'not-active' }
    return sound.releaseActivation(...args)
  }),

  'asks for no key where a slot is surrendered': releaseFault(RESTING, async (sound, tables, args) => {
    const isFirst = args[1].rules !== undefined && !isResting(rowOf(tables, args, args[1].hostId))
    const proofKey = rowOf(tables, args, args[1].hostId)?.keys[0]?.thumbprint ?? null
    return sound.releaseActivation(...(isFirst ? releasing(args, { proofKey, rules: args[1].rules }) : args))
  }),

  'lets a host surrender the slot of a blocked license': releaseFault(RESTING, async (sound, tables, args) => {
    const license = licenseIn(tables, args)
    if (license === undefined || args[1].rules === undefined) return sound.releaseActivation(...args)
    tables.licenses.set(license.id, { ...license, blocked: false })
    const released = sound.releaseActivation(...args)
    const { activationCount } = tables.licenses.get(license.id) ?? license
    tables.licenses.set(license.id, { ...license, activationCount })
    return released
  }),

  // ── Taking back ────────────────────────────────────────────────────────────────────────────────────────────

  'lets a host use its slot again, but leaves it at rest': takeoverFault(
    RESTING,
    'resumed',
    ({ activation }, { surrenderedAt }) => ({ ...activation, surrenderedAt }),
  ),

  'asks the limit before a slot is taken back': claimFault(RESTING, async (sound, tables, args) => {
    const { activationCount = 0, maxActivations = null } = licenseIn(tables, args) ?? {}
    const isFull = maxActivations !== null && activationCount >= maxActivations
    if (isFull && isResting(rowOf(tables, args, args[2].hostId))) return { kind: 'limit-reached' }
    return sound.claimActivation(...args)
  }),

  'counts a slot that is taken back': claimFault(RESTING, async (sound, tables, args) => {
    const outcome = await sound.claimActivation(...args)
    return outcome.kind === 'resumed' ? { ...outcome, license: miscount(tables, outcome.license, 1) } : outcome
  }),

  'makes a new activation of one that is taken back': claimFault(RESTING, async (sound, tables, args) => {
    const outcome = await sound.claimActivation(...args)
    if (outcome.kind !== 'resumed') return outcome
    const activation = { ...outcome.activation, id: args[2].id }
    putRow(tables, activation)
    return { ...outcome, activation }
  }),

  'gives a slot that is taken back its old tokens': takeoverFault(RESTING, 'resumed', ({ activation }, { jti }) => ({
    ...activation,
    jti,
  })),

  'binds a slot that is taken back to no key': takeoverFault(RESTING, 'resumed', ({ activation }) => ({
    ...activation,
    keys: [],
  })),

  'asks for the key of a slot that rests': claimFault(RESTING, async (sound, tables, args) => {
    const isShown = args[2].trusted === true || (args[2].proofKey ?? null) !== null
    if (!isShown && isResting(rowOf(tables, args, args[2].hostId))) return { kind: 'proof-required' }
    return sound.claimActivation(...args)
  }),

  'gives a slot back after the host’s time has run out': claimFault(RESTING, async (sound, tables, args) => {
    const held = rowOf(tables, args, args[2].hostId)
    if (held === null || !isResting(held)) return sound.claimActivation(...args)
    putRow(tables, { ...held, expiresAt: null })
    const outcome = await sound.claimActivation(...args)
    if (outcome.kind === 'resumed') putRow(tables, { ...outcome.activation, expiresAt: held.expiresAt })
    else putRow(tables, held)
    return outcome
  }),

  'moves a slot that rests to whoever names it': claimFault(RESTING, async (sound, tables, args) => {
    const { hostId, previousHostIds = [] } = args[2]
    if (rowOf(tables, args, hostId) !== null) return sound.claimActivation(...args)
    for (const previous of previousHostIds) {
      const held = rowOf(tables, args, previous)
      if (held !== null) putRow(tables, { ...held, surrenderedAt: null })
    }
    return sound.claimActivation(...args)
  }),

  'lets a host move a slot when it has one that rests': claimFault(RESTING, async (sound, tables, args) => {
    const { hostId, previousHostIds = [] } = args[2]
    const held = rowOf(tables, args, hostId)
    const isNamed = previousHostIds.some((previous) => rowOf(tables, args, previous) !== null)
    if (isResting(held) && isNamed) tables.activationsOf(held?.licenseId ?? '').delete(hostId)
    return sound.claimActivation(...args)
  }),

  'looks no further than a previous id whose slot rests': claimFault(RESTING, async (sound, tables, args) => {
    const names = args[2].previousHostIds ?? []
    const end = names.findIndex((hostId) => isResting(rowOf(tables, args, hostId)))
    return sound.claimActivation(...asking(args, { previousHostIds: end === -1 ? names : names.slice(0, end) }))
  }),

  // ── What else is done with slots ───────────────────────────────────────────────────────────────────────────

  'lists no slot that rests': fault(RESTING, (sound) => ({
    listActivations: async (...args) => {
      const { items } = await sound.listActivations(...args)
      const active = items.filter((activation) => !isResting(activation))
      return { items: active, total: active.length }
    },
  })),

  'finds no slot that rests': fault(RESTING, (sound) => ({
    findActivation: async (...args) => {
      const outcome = await sound.findActivation(...args)
      return outcome.kind === 'found' && isResting(outcome.activation) ? { ...outcome, activation: null } : outcome
    },
  })),

  'never frees a slot that rests': fault(RESTING, (sound, tables) => ({
    releaseUnseen: async (...args) => {
      const [, { licenseId, hostId }] = args
      if (isResting(tables.activations.get(licenseId)?.get(hostId))) return { kind: 'kept' }
      return sound.releaseUnseen(...args)
    },
  })),

  'frees a slot that rests before its tokens have ended': fault(RESTING, (sound, tables) => ({
    releaseUnseen: (accountId, host, since, step) => {
      const resting = isResting(tables.activations.get(host.licenseId)?.get(host.hostId))
      const tokensEndedBy = resting ? new Date('9999-01-01') : since.tokensEndedBy
      return sound.releaseUnseen(accountId, host, { ...since, tokensEndedBy }, step)
    },
  })),

  'leaves slots that rest where all are released': fault(RESTING, (sound, tables) => ({
    releaseAllActivations: (...args) =>
      keepingResting(tables, args[1].canonicalKey, () => sound.releaseAllActivations(...args)),
  })),

  'leaves slots that rest at a reset': fault(RESTING, (sound, tables) => ({
    resetLicense: (...args) => keepingResting(tables, args[1].canonicalKey, () => sound.resetLicense(...args)),
  })),

  'counts no slot that rests among those it releases': fault(RESTING, (sound, tables) => ({
    releaseAllActivations: async (...args) => {
      const hosts = [...tables.activationsOf(licenseIn(tables, args)?.id ?? '').values()]
      const outcome = await sound.releaseAllActivations(...args)
      if (outcome.kind !== 'released') return outcome
      return { ...outcome, count: hosts.filter((activation) => !isResting(activation)).length }
    },
  })),

  'forgets on closing that slots rest': fault(RESTING, (sound, tables) => ({
    close: async () => {
      for (const hosts of tables.activations.values()) {
        for (const activation of hosts.values()) putRow(tables, { ...activation, surrenderedAt: null })
      }
      return sound.close()
    },
  })),

  'stores no event for a slot that is surrendered': releaseFault('events', (sound, _tables, args) => {
    const [accountId, target, step] = args
    const { surrendered: _surrendered, ...events } = step.events ?? {}
    return sound.releaseActivation(accountId, target, { ...step, events })
  }),

  'looks whether a slot is held, waits, then lets it rest': releaseFault('races', async (sound, tables, args) => {
    const held = rowOf(tables, args, args[1].hostId)
    if (args[1].rules === undefined || held === null) return sound.releaseActivation(...args)
    await turnOfTheLoop()
    // Decided above, so whether it is still held is not looked at again.
    putRow(tables, held)
    return sound.releaseActivation(...args)
  }),

  'looks whether a slot rests, waits, then frees it': fault('races', (sound, tables) => ({
    releaseUnseen: async (...args) => {
      const [, { licenseId, hostId }] = args
      const held = tables.activations.get(licenseId)?.get(hostId)
      if (!isResting(held)) return sound.releaseUnseen(...args)
      await turnOfTheLoop()
      if (held !== undefined && tables.activations.get(licenseId)?.has(hostId)) putRow(tables, held)
      return sound.releaseUnseen(...args)
    },
  })),
}
