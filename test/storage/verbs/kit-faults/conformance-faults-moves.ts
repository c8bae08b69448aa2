import { setImmediate as turnOfTheLoop } from 'node:timers/promises'
import { startActivation } from '../../../../src/domain/activation'
import { asking, type Claim, claimFault, heldBy, licenseIn, takeoverFault } from './conformance-claim-fault'
import type { Fault } from './conformance-fault'

/** The arguments of a claim, with other previous ids. */
function naming(args: Parameters<Claim>, previousHostIds: readonly string[]) {
  return asking(args, { previousHostIds })
}

/** What goes wrong where a host takes its slot with it. */
export const moveFaults: Readonly<Record<string, Fault>> = {
  'takes a second slot for a host whose id changed': claimFault('moves', (sound, _tables, args) =>
    sound.claimActivation(...naming(args, [])),
  ),

  'leaves the row of the host before a move': claimFault('moves', async (sound, tables, args) => {
    const held = heldBy(tables, args)
    const outcome = await sound.claimActivation(...args)
    if (outcome.kind === 'moved' && held !== null) tables.activationsOf(held.licenseId).set(held.hostId, held)
    return outcome
  }),

  'counts a move': claimFault('moves', async (sound, tables, args) => {
    const outcome = await sound.claimActivation(...args)
    if (outcome.kind !== 'moved') return outcome
    const license = { ...outcome.license, activationCount: outcome.license.activationCount + 1 }
    tables.licenses.set(license.id, license)
    return { ...outcome, license }
  }),

  'asks the limit before it moves': claimFault('moves', async (sound, tables, args) => {
    const { activationCount = 0, maxActivations = null } = licenseIn(tables, args) ?? {}
    const isFull = maxActivations !== null && activationCount >= maxActivations
    return sound.claimActivation(...(isFull ? naming(args, []) : args))
  }),

  'moves the slot of another license': claimFault('moves', async (sound, tables, args) => {
    const license = licenseIn(tables, args)
    if (license !== undefined) {
      const hosts = tables.activationsOf(license.id)
      for (const [licenseId, others] of tables.activations) {
        for (const hostId of args[2].previousHostIds ?? []) {
          const held = others.get(hostId)
          if (held === undefined || licenseId === license.id || hosts.has(hostId)) continue
          others.delete(hostId)
          hosts.set(hostId, { ...held, licenseId: license.id })
        }
      }
    }
    return sound.claimActivation(...args)
  }),

  'moves a slot to a host that has one': claimFault('moves', async (sound, tables, args) => {
    const hosts = tables.activationsOf(licenseIn(tables, args)?.id ?? '')
    if (args[2].previousHostIds?.some((hostId) => hosts.has(hostId))) hosts.delete(args[2].hostId)
    return sound.claimActivation(...args)
  }),

  'moves the slot of the last id it is told': claimFault('moves', (sound, _tables, args) =>
    sound.claimActivation(...naming(args, args[2].previousHostIds?.toReversed() ?? [])),
  ),

  'moves the slot of a host that has renewed since': claimFault('moves', (sound, _tables, args) =>
    sound.claimActivation(...asking(args, { previousToken: undefined })),
  ),

  'asks whether the host before is allowed': claimFault('moves', async (sound, tables, args) => {
    const license = licenseIn(tables, args)
    const held = heldBy(tables, args)
    if (license === undefined || held === null || license.allowedHosts === null) return sound.claimActivation(...args)
    const allowed = license.allowedHosts.includes(held.hostId) ? null : []
    tables.licenses.set(license.id, { ...license, allowedHosts: allowed })
    const outcome = await sound.claimActivation(...args)
    tables.licenses.set(license.id, license)
    return 'license' in outcome ? { ...outcome, license } : outcome
  }),

  'moves a slot whose time has run out': claimFault('moves', async (sound, tables, args) => {
    const held = heldBy(tables, args)
    if (held === null || held.hostId === args[2].hostId) return sound.claimActivation(...args)
    tables.activationsOf(held.licenseId).set(held.hostId, { ...held, expiresAt: null })
    return sound.claimActivation(...args)
  }),

  'begins the time of a moved host anew': takeoverFault('moves', 'moved', ({ license, product, activation }) => {
    const { stampFloor, lastSeenAt } = activation
    const { activatedAt, expiresAt } = startActivation(license, product, activation, stampFloor, lastSeenAt)
    return { ...activation, activatedAt, expiresAt }
  }),

  'makes a new activation of a moved one': claimFault('moves', async (sound, tables, args) => {
    const outcome = await sound.claimActivation(...args)
    if (outcome.kind !== 'moved') return outcome
    const activation = { ...outcome.activation, id: args[2].id }
    tables.activationsOf(activation.licenseId).set(activation.hostId, activation)
    return { ...outcome, activation }
  }),

  'keeps the tokens of a moved host': takeoverFault('moves', 'moved', ({ activation }, { jti }) => ({
    ...activation,
    jti,
  })),

  'keeps the floor of a moved host': takeoverFault('moves', 'moved', ({ activation }, { stampFloor }) => ({
    ...activation,
    stampFloor,
  })),

  'forgets the device’s name when it moves': takeoverFault('moves', 'moved', ({ activation }) => ({
    ...activation,
    deviceTag: null,
  })),

  'loses in a replay who held a moved slot before': claimFault('idempotency', async (sound, _tables, args) => {
    const outcome = await sound.claimActivation(...args)
    return outcome.kind === 'moved' && outcome.replayed !== undefined ? { ...outcome, previousHostId: '' } : outcome
  }),

  'looks who holds a slot, waits, then moves it': claimFault('races', async (sound, tables, args) => {
    const held = heldBy(tables, args)
    if (held === null || held.hostId === args[2].hostId) return sound.claimActivation(...args)
    await turnOfTheLoop()
    const hosts = tables.activationsOf(held.licenseId)
    // Decided above, so whether it is still there is not looked at again.
    if (!hosts.has(args[2].hostId)) hosts.set(held.hostId, held)
    return sound.claimActivation(...args)
  }),
}
