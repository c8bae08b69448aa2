import type { Activation } from '../../../../src/domain/activation'
import type { Store } from '../../../../src/storage/verbs/store'
import { claimFault, licenseIn, putRow, rowOf, takeoverFault } from './conformance-claim-fault'
import { type Fault, fault } from './conformance-fault'
import { type Releasing, releaseFault, releasing } from './conformance-release-fault'

const USERS = 'users of one host'
const DAY_MS = 86_400_000

type Released = Awaited<ReturnType<Releasing>>
type Left = Extract<Released, { readonly kind: 'released' | 'surrendered' | 'kept' | 'pending' | 'dropped' }>

/** Fails in the group: stores and answers what `change` makes of the slot that is left to others. */
function leavingFault(change: (left: Left, held: Activation, now: Date) => Activation): Fault {
  return releaseFault(USERS, async (sound, tables, args) => {
    const held = rowOf(tables, args, args[1].hostId)
    const outcome = await sound.releaseActivation(...args)
    if ((outcome.kind !== 'kept' && outcome.kind !== 'pending') || held === null) return outcome
    const activation = change(outcome, held, args[2].now)
    putRow(tables, activation)
    return { ...outcome, activation }
  })
}

/** Fails in the group: validations leave the slot as `change` says. */
function validationFault(change: (seen: Activation, held: Activation) => Activation): Fault {
  return fault(USERS, (sound, tables) => ({
    validateActivation: async (...args) => {
      const held = rowOf(tables, args, args[1].hostId)
      const outcome = await sound.validateActivation(...args)
      if (outcome.kind !== 'valid' || held === null) return outcome
      const activation = change(outcome.activation, held)
      putRow(tables, activation)
      return { ...outcome, activation }
    },
  }))
}

/** Fails in the group: claims go by other rules. */
function rulesFault(change: (args: Parameters<Store['claimActivation']>[2]) => object): Fault {
  return claimFault(USERS, (sound, _tables, [accountId, target, asked, step]) =>
    sound.claimActivation(accountId, target, { ...asked, ...change(asked) }, step),
  )
}

/** What goes wrong where a host has several users. */
export const hostUserFaults: Readonly<Record<string, Fault>> = {
  // ── Binding ────────────────────────────────────────────────────────────────────────────────────────────────

  'forgets the order in which keys were bound': takeoverFault(USERS, 'rebound', ({ activation }) => ({
    ...activation,
    keys: activation.keys.toSorted((a, b) => (a.thumbprint < b.thumbprint ? 1 : -1)),
  })),

  'counts whoever has lost a key as another user': rulesFault(() => ({ recoveryKey: null })),

  'forgets in which networks its keys were seen': validationFault((seen) => ({ ...seen, sharing: null })),

  'binds anew whom the vendor has dropped': claimFault(USERS, (sound, tables, args) => {
    const held = rowOf(tables, args, args[2].hostId)
    if (held !== null) putRow(tables, { ...held, keys: held.keys.map((key) => ({ ...key, droppedAt: null })) })
    return sound.claimActivation(...args)
  }),

  'ends the lost key of a user at once': takeoverFault(USERS, 'rebound', ({ activation }) => ({
    ...activation,
    keys: activation.keys.map((key) => ({ ...key, former: [] })),
  })),

  'asks the rules alone how many users a host may have': claimFault(USERS, (sound, tables, args) => {
    for (const [id, license] of tables.licenses) tables.licenses.set(id, { ...license, usersPerHost: null })
    return sound.claimActivation(...args)
  }),

  'puts the key that is bound before the others': takeoverFault(USERS, 'rebound', ({ activation }) => ({
    ...activation,
    keys: [...activation.keys.slice(-1), ...activation.keys.slice(0, -1)],
  })),

  'ends the older key where another is bound': takeoverFault(USERS, 'rebound', ({ activation }) => ({
    ...activation,
    keys: activation.keys.slice(-1),
  })),

  'lets as many users come as do': rulesFault(({ rules }) => (rules ? { rules: { ...rules, usersPerHost: 32 } } : {})),

  'lets one user less come than may': rulesFault(({ rules }) =>
    rules && rules.usersPerHost < 32 ? { rules: { ...rules, usersPerHost: rules.usersPerHost - 1 } } : {},
  ),

  'holds the vendor to the number of users': claimFault(USERS, (sound, tables, args) => {
    const [accountId, target, { trusted, ...asked }, step] = args
    const isNumbered = trusted === true && asked.rules !== undefined && rowOf(tables, args, asked.hostId) !== null
    return sound.claimActivation(accountId, target, isNumbered ? asked : args[2], step)
  }),

  'lets one too many go on for ever': takeoverFault(USERS, 'rebound', ({ activation }) => ({
    ...activation,
    keys: activation.keys.map((key) => ({ ...key, until: null })),
  })),

  'lets one too many go on for a day longer': takeoverFault(USERS, 'rebound', ({ activation }) => ({
    ...activation,
    keys: activation.keys.map((key) => ({ ...key, until: key.until && new Date(key.until.getTime() + DAY_MS) })),
  })),

  'lets no user go on who is one too many': claimFault(USERS, async (sound, tables, args) => {
    const held = rowOf(tables, args, args[2].hostId)
    const outcome = await sound.claimActivation(...args)
    if (outcome.kind !== 'rebound' || held === null || outcome.activation.keys.at(-1)?.until === null) return outcome
    putRow(tables, held)
    return { kind: 'users-exceeded' }
  }),

  'forgets its oldest key where it has too many': claimFault(USERS, async (sound, tables, args) => {
    const outcome = await sound.claimActivation(...args)
    const held = rowOf(tables, args, args[2].hostId)
    if (outcome.kind !== 'users-exceeded' || held === null || held.keys.length < 32) return outcome
    putRow(tables, { ...held, keys: held.keys.slice(1) })
    return sound.claimActivation(...args)
  }),

  'binds whoever validates': fault(USERS, (sound, tables) => ({
    validateActivation: (...args) => {
      const { proofKey = null, hostId } = args[1]
      const held = rowOf(tables, args, hostId)
      const isOther = proofKey !== null && held?.keys.every(({ thumbprint }) => thumbprint !== proofKey) === true
      const bound = {
        boundAt: args[2],
        usedAt: args[2],
        tokensEndAt: args[2],
        until: null,
        leftAt: null,
        droppedAt: null,
        recovery: null,
        former: [],
      }
      if (isOther) putRow(tables, { ...held, keys: [...held.keys, { thumbprint: proofKey, ...bound }] })
      return sound.validateActivation(...args)
    },
  })),

  // ── Being seen ─────────────────────────────────────────────────────────────────────────────────────────────

  'sees all users of a host where one is seen': validationFault((seen) => {
    const usedAt = new Date(Math.max(...seen.keys.map((key) => key.usedAt.getTime())))
    return { ...seen, keys: seen.keys.map((key) => ({ ...key, usedAt })) }
  }),

  'does not note until when the tokens of a user last': validationFault((seen, held) => ({
    ...seen,
    keys: seen.keys.map((key, index) => ({ ...key, tokensEndAt: held.keys[index]?.tokensEndAt ?? key.tokensEndAt })),
  })),

  'frees a slot though an older user validates': validationFault((seen, { releaseAt }) => ({ ...seen, releaseAt })),

  'frees a slot though an older user claims': claimFault(USERS, async (sound, tables, args) => {
    const { releaseAt = null } = rowOf(tables, args, args[2].hostId) ?? {}
    const outcome = await sound.claimActivation(...args)
    if (outcome.kind !== 'existing') return outcome
    const activation = { ...outcome.activation, releaseAt }
    putRow(tables, activation)
    return { ...outcome, activation }
  }),

  // ── Giving up ──────────────────────────────────────────────────────────────────────────────────────────────

  'lets a younger user free the slot': releaseFault(USERS, async (sound, tables, args) => {
    const { keys = [] } = rowOf(tables, args, args[1].hostId) ?? {}
    const isKnown = keys.some(({ thumbprint }) => thumbprint === args[1].proofKey)
    return sound.releaseActivation(...(isKnown ? releasing(args, { trusted: true }) : args))
  }),

  'lets a younger user free the slot for all': releaseFault(USERS, async (sound, tables, args) => {
    const { keys = [] } = rowOf(tables, args, args[1].hostId) ?? {}
    const isKnown = keys.some(({ thumbprint }) => thumbprint === args[1].proofKey)
    return sound.releaseActivation(...(isKnown && args[1].forAll ? releasing(args, { trusted: true }) : args))
  }),

  'frees the slot for all whenever the oldest asks': releaseFault(
    USERS,
    async (sound, _tables, [account, target, step]) =>
      sound.releaseActivation(account, { ...target, forAll: true }, step),
  ),

  'frees the slot for its last user only': releaseFault(USERS, async (sound, _tables, [account, target, step]) =>
    sound.releaseActivation(account, { ...target, forAll: undefined }, step),
  ),

  'keeps the key of who gives the slot up': leavingFault(({ activation }, { keys }) => ({ ...activation, keys })),

  'lets go of all older keys too': leavingFault(({ activation }) => ({ ...activation, keys: [] })),

  'leaves the older users no time to call': leavingFault(({ kind, activation }, _held, now) =>
    kind === 'pending' ? { ...activation, releaseAt: now } : activation,
  ),

  'waits for nobody but the vendor to free the slot': leavingFault(({ activation }) => ({
    ...activation,
    releaseAt: null,
  })),

  'says that a slot is kept which will be free': releaseFault(USERS, async (sound, _tables, args) => {
    const outcome = await sound.releaseActivation(...args)
    return outcome.kind === 'pending' ? { ...outcome, kind: 'kept' } : outcome
  }),

  'frees no slot that a younger user has given up': claimFault(USERS, async (sound, tables, args) => {
    const hosts = tables.activationsOf(licenseIn(tables, args)?.id ?? '')
    for (const activation of hosts.values()) putRow(tables, { ...activation, releaseAt: null })
    return sound.claimActivation(...args)
  }),

  'counts users who were not seen for long': releaseFault(USERS, async (sound, tables, args) => {
    const held = rowOf(tables, args, args[1].hostId)
    const [oldest, ...others] = held?.keys ?? []
    const isOldest = oldest !== undefined && oldest.thumbprint === args[1].proofKey
    if (held !== null && isOldest) {
      putRow(tables, { ...held, keys: [oldest, ...others.map((key) => ({ ...key, usedAt: args[2].now }))] })
    }
    return sound.releaseActivation(...args)
  }),
}
