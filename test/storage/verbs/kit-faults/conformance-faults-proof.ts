import { setImmediate as turnOfTheLoop } from 'node:timers/promises'
import type { Activation } from '../../../../src/domain/activation'
import type { Proof } from '../../../../src/domain/proof'
import { lacksProof } from '../../../../src/domain/refuse-claim'
import { revokeActivation } from '../../../../src/domain/revoke'
import { apply } from '../differential/model/apply'
import {
  asking,
  claimFault,
  heldBy,
  licenseIn,
  miscount,
  putRow,
  rowOf,
  takeoverFault,
  trusting,
} from './conformance-claim-fault'
import { type Fault, fault } from './conformance-fault'
import { releaseFault, releasing } from './conformance-release-fault'

const PROOF = 'proof of possession'
const FAR = new Date('9999-01-01')

function isBound(activation: Activation | null): boolean {
  return activation !== null && activation.keys.length > 0
}

/** How many keys of a slot are older than the one that is shown; -1 where it has none such. */
function rankOf(activation: Activation | null, { proofKey }: Proof): number {
  return activation?.keys.findIndex(({ thumbprint }) => thumbprint === proofKey) ?? -1
}

/** What goes wrong where hosts are bound to keys. */
export const proofFaults: Readonly<Record<string, Fault>> = {
  // ── Claims ─────────────────────────────────────────────────────────────────────────────────────────────────

  'does not keep the key a host shows': claimFault(PROOF, async (sound, tables, args) => {
    const outcome = await sound.claimActivation(...args)
    if (outcome.kind !== 'created') return outcome
    const activation = { ...outcome.activation, keys: [] }
    putRow(tables, activation)
    return { ...outcome, activation }
  }),

  'keeps who asked for a slot': claimFault(PROOF, async (sound, tables, args) => {
    const outcome = await sound.claimActivation(...args)
    if (outcome.kind !== 'created' || args[2].trusted === undefined) return outcome
    const activation = { ...outcome.activation, trusted: true }
    putRow(tables, activation)
    return { ...outcome, activation }
  }),

  'lets a bound host claim without its key': claimFault(PROOF, async (sound, tables, args) => {
    const held = rowOf(tables, args, args[2].hostId)
    return sound.claimActivation(...(isBound(held) ? trusting(args) : args))
  }),

  'does not ask for the key a product asks for': claimFault(PROOF, async (sound, tables, args) => {
    const product = tables.products.get(args[1].productId)
    if (product === undefined) return sound.claimActivation(...args)
    tables.products.set(product.id, { ...product, requireProof: false })
    const claimed = sound.claimActivation(...args)
    tables.products.set(product.id, product)
    return claimed
  }),

  'asks the vendor for a key': claimFault(PROOF, async (sound, _tables, [accountId, target, activation, step]) => {
    const { trusted: _trusted, ...asked } = activation
    return sound.claimActivation(accountId, target, asked, step)
  }),

  'unbinds a host when the vendor claims for it': claimFault(PROOF, async (sound, tables, args) => {
    const outcome = await sound.claimActivation(...args)
    if (outcome.kind !== 'existing' || args[2].trusted === undefined) return outcome
    const activation = { ...outcome.activation, keys: [] }
    putRow(tables, activation)
    return { ...outcome, activation }
  }),

  'binds a host anew without storing the key': takeoverFault(PROOF, 'rebound', ({ activation }, { keys }) => ({
    ...activation,
    keys,
  })),

  'refuses any key but the first': claimFault(PROOF, async (sound, tables, args) => {
    const { proofKey = null } = args[2]
    const oldest = rowOf(tables, args, args[2].hostId)?.keys[0]
    if (oldest !== undefined && proofKey !== null && oldest.thumbprint !== proofKey) return { kind: 'proof-required' }
    return sound.claimActivation(...args)
  }),

  'binds no host that held its slot before it showed a key': claimFault(PROOF, async (sound, tables, args) => {
    const held = rowOf(tables, args, args[2].hostId)
    const isUnbound = held !== null && held.keys.length === 0
    return sound.claimActivation(...(isUnbound ? asking(args, { proofKey: null, trusted: true }) : args))
  }),

  'asks the limit before it binds a host anew': claimFault(PROOF, async (sound, tables, args) => {
    const { activationCount = 0, maxActivations = null } = licenseIn(tables, args) ?? {}
    const isFull = maxActivations !== null && activationCount >= maxActivations
    const before = rowOf(tables, args, args[2].hostId)
    const outcome = await sound.claimActivation(...args)
    if (outcome.kind !== 'rebound' || before === null || !isFull) return outcome
    putRow(tables, before)
    return { kind: 'limit-reached' }
  }),

  'counts a host that is bound anew': claimFault(PROOF, async (sound, tables, args) => {
    const outcome = await sound.claimActivation(...args)
    return outcome.kind === 'rebound' ? { ...outcome, license: miscount(tables, outcome.license, 1) } : outcome
  }),

  'makes a new activation of one that is bound anew': claimFault(PROOF, async (sound, tables, args) => {
    const outcome = await sound.claimActivation(...args)
    if (outcome.kind !== 'rebound') return outcome
    const activation = { ...outcome.activation, id: args[2].id }
    putRow(tables, activation)
    return { ...outcome, activation }
  }),

  'gives the users of a host tokens of their own': claimFault(PROOF, async (sound, tables, args) => {
    const outcome = await sound.claimActivation(...args)
    if (outcome.kind !== 'rebound') return outcome
    const activation = { ...outcome.activation, jti: args[2].jti }
    putRow(tables, activation)
    return { ...outcome, activation }
  }),

  'revokes the tokens of a host where another key is bound': claimFault(PROOF, async (sound, tables, args) => {
    const outcome = await sound.claimActivation(...args)
    if (outcome.kind !== 'rebound') return outcome
    const revoked = revokeActivation(outcome.license, outcome.activation, tables.stampCeiling, args[3].now)
    apply(tables, { changes: [], revoked })
    return outcome
  }),

  'takes the slot from who shows no key once one is bound': claimFault(PROOF, async (sound, tables, args) => {
    const isShown = args[2].trusted === true || (args[2].proofKey ?? null) !== null
    if (!isShown && isBound(rowOf(tables, args, args[2].hostId))) return { kind: 'proof-required' }
    return sound.claimActivation(...args)
  }),

  'lets who shows no key go on for ever': claimFault(PROOF, async (sound, tables, args) => {
    const held = rowOf(tables, args, args[2].hostId)
    if (held !== null && held.keylessEndAt !== null) putRow(tables, { ...held, keylessEndAt: FAR })
    return sound.claimActivation(...args)
  }),

  'asks for a key before it looks who is allowed': claimFault(PROOF, async (sound, tables, args) => {
    const product = tables.products.get(args[1].productId)
    const held = heldBy(tables, args)
    const outcome = await sound.claimActivation(...args)
    const isLacking = product !== undefined && lacksProof(product, held, args[2], args[3].now)
    return outcome.kind === 'host-not-allowed' && isLacking ? { kind: 'proof-required' } : outcome
  }),

  'asks for a key after it has looked at the host’s time and the limit': claimFault(
    PROOF,
    async (sound, tables, args) => {
      const before = structuredClone([tables.licenses, tables.activations] as const)
      const outcome = await sound.claimActivation(...args)
      if (outcome.kind !== 'proof-required') return outcome
      const { kind } = await sound.claimActivation(...trusting(args))
      for (const [id, license] of before[0]) tables.licenses.set(id, license)
      for (const [id, hosts] of before[1]) tables.activations.set(id, hosts)
      return kind === 'expired' || kind === 'limit-reached' ? { kind } : outcome
    },
  ),

  // ── Moves ──────────────────────────────────────────────────────────────────────────────────────────────────

  'moves a bound slot to whoever names it': claimFault(PROOF, async (sound, tables, args) => {
    const isHeld = rowOf(tables, args, args[2].hostId) !== null
    const names = args[2].previousHostIds ?? []
    const isNamed = names.some((hostId) => isBound(rowOf(tables, args, hostId)))
    return sound.claimActivation(...(!isHeld && isNamed ? trusting(args) : args))
  }),

  'moves no bound slot at all': claimFault(PROOF, async (sound, tables, args) => {
    const names = args[2].previousHostIds ?? []
    const previousHostIds = names.filter((hostId) => !isBound(rowOf(tables, args, hostId)))
    return sound.claimActivation(...asking(args, { previousHostIds }))
  }),

  'looks no further than the first previous id that holds a slot': claimFault(PROOF, async (sound, tables, args) => {
    const names = args[2].previousHostIds ?? []
    const first = names.find((hostId) => rowOf(tables, args, hostId) !== null)
    return sound.claimActivation(...asking(args, { previousHostIds: first === undefined ? [] : [first] }))
  }),

  'does not bind a slot to the key it moves with': takeoverFault(PROOF, 'moved', ({ activation }, { keys }) => ({
    ...activation,
    keys,
  })),

  'moves a slot for a younger key': claimFault(PROOF, async (sound, tables, args) => {
    const isHeld = rowOf(tables, args, args[2].hostId) !== null
    const names = args[2].previousHostIds ?? []
    const isKnown = names.some((hostId) => rankOf(rowOf(tables, args, hostId), args[2]) > 0)
    return sound.claimActivation(...(!isHeld && isKnown ? trusting(args) : args))
  }),

  'never moves a slot for a younger key': claimFault(PROOF, async (sound, tables, args) => {
    const names = args[2].previousHostIds ?? []
    const previousHostIds = names.filter((hostId) => rankOf(rowOf(tables, args, hostId), args[2]) <= 0)
    return sound.claimActivation(...asking(args, { previousHostIds }))
  }),

  'leaves the keys of the others behind where a slot moves': takeoverFault(PROOF, 'moved', ({ activation }) => ({
    ...activation,
    keys: activation.keys.slice(0, 1),
  })),

  'unbinds a slot the vendor moves': claimFault(PROOF, async (sound, tables, args) => {
    const outcome = await sound.claimActivation(...args)
    if (outcome.kind !== 'moved' || args[2].trusted === undefined) return outcome
    const activation = { ...outcome.activation, keys: [] }
    putRow(tables, activation)
    return { ...outcome, activation }
  }),

  // ── Releases and the rest ──────────────────────────────────────────────────────────────────────────────────

  'releases a bound host without its key': releaseFault(PROOF, async (sound, _tables, args) =>
    sound.releaseActivation(...releasing(args, { trusted: true })),
  ),

  'releases a bound host by any key': releaseFault(PROOF, async (sound, _tables, args) => {
    const isShown = (args[1].proofKey ?? null) !== null
    return sound.releaseActivation(...(isShown ? releasing(args, { trusted: true }) : args))
  }),

  'asks the vendor for the key of a host it frees': releaseFault(PROOF, (sound, _tables, args) =>
    sound.releaseActivation(...releasing(args, {})),
  ),

  'asks for the key of a host before it looks whether its license is blocked': releaseFault(
    PROOF,
    async (sound, tables, args) => {
      const held = rowOf(tables, args, args[1].hostId)
      const outcome = await sound.releaseActivation(...args)
      const isShown = args[1].trusted === true || !isBound(held) || rankOf(held, args[1]) >= 0
      return outcome.kind === 'blocked' && !isShown ? { kind: 'proof-required' } : outcome
    },
  ),

  'asks for a key at a release because the product asks for one': releaseFault(PROOF, async (sound, tables, args) => {
    const { requireProof = false } = tables.products.get(args[1].productId ?? '') ?? {}
    const isHeld = rowOf(tables, args, args[1].hostId) !== null
    const isShown = args[1].trusted === true || (args[1].proofKey ?? null) !== null
    if (requireProof && isHeld && !isShown) return { kind: 'proof-required' }
    return sound.releaseActivation(...args)
  }),

  'does not tell which key a host is bound to': fault(PROOF, (sound) => ({
    findActivation: async (...args) => {
      const outcome = await sound.findActivation(...args)
      if (outcome.kind !== 'found' || outcome.activation === null) return outcome
      return { ...outcome, activation: { ...outcome.activation, keys: [] } }
    },
  })),

  'forgets on closing which keys hosts are bound to': fault(PROOF, (sound, tables) => ({
    close: async () => {
      for (const hosts of tables.activations.values()) {
        for (const activation of hosts.values()) putRow(tables, { ...activation, keys: [] })
      }
      return sound.close()
    },
  })),

  'forgets what a product asks of its apps': fault('products', (sound) => ({
    insertProduct: (accountId, product, step) =>
      sound.insertProduct(accountId, { ...product, requireProof: false }, step),
  })),

  'keeps the trial of a product that is to have none': fault('products', (sound) => ({
    updateProduct: (accountId, productId, { trialSeconds, ...changes }, step) =>
      sound.updateProduct(accountId, productId, trialSeconds == null ? changes : { ...changes, trialSeconds }, step),
  })),

  'stores no event for a host that is bound anew': claimFault('events', (sound, _tables, args) => {
    const [accountId, target, activation, step] = args
    const { rebound: _rebound, ...events } = step.events ?? {}
    return sound.claimActivation(accountId, target, activation, { ...step, events })
  }),

  'looks which key a host is bound to, waits, then binds it': claimFault('races', async (sound, tables, args) => {
    const held = rowOf(tables, args, args[2].hostId)
    if (held === null) return sound.claimActivation(...args)
    await turnOfTheLoop()
    // Decided above, so what it is bound to by now is not looked at again.
    if (rowOf(tables, args, args[2].hostId) !== null) putRow(tables, held)
    return sound.claimActivation(...args)
  }),
}
