import { setImmediate as turnOfTheLoop } from 'node:timers/promises'
import { tokenId } from '../../../../src/domain/activation'
import type { Tables } from '../differential/model/tables'
import { rowOf } from './conformance-claim-fault'
import { type Fault, fault } from './conformance-fault'

/** Runs a synchronous step that revokes nothing. */
function withoutRevoking<T>(tables: Tables, run: () => T): T {
  const [before, version] = [new Map(tables.revocations), tables.revocationVersion]
  const result = run()
  tables.revocations.clear()
  for (const [tokenId, endsAt] of before) tables.revocations.set(tokenId, endsAt)
  tables.revocationVersion = version
  return result
}

/** What goes wrong where revocations and webhook deliveries are kept. */
export const publishedFaults: Readonly<Record<string, Fault>> = {
  'forgets to revoke on a block': fault('revocations', (sound, tables) => ({
    updateLicense: (...args) => withoutRevoking(tables, () => sound.updateLicense(...args)),
  })),

  'forgets to revoke on a release': fault('revocations', (sound, tables) => ({
    releaseActivation: (...args) => withoutRevoking(tables, () => sound.releaseActivation(...args)),
  })),

  'forgets to revoke the host before a move': fault('revocations', (sound, tables) => ({
    claimActivation: (...args) => withoutRevoking(tables, () => sound.claimActivation(...args)),
  })),

  'forgets to revoke when a slot is surrendered': fault('revocations', (sound, tables) => ({
    releaseActivation: (...args) => {
      const isSurrender = args[1].rules !== undefined
      return isSurrender
        ? withoutRevoking(tables, () => sound.releaseActivation(...args))
        : sound.releaseActivation(...args)
    },
  })),

  'forgets to revoke the tokens of the key before': fault('revocations', (sound, tables) => ({
    claimActivation: (...args) => {
      const isOwn = rowOf(tables, args, args[2].hostId) !== null
      return isOwn ? withoutRevoking(tables, () => sound.claimActivation(...args)) : sound.claimActivation(...args)
    },
  })),

  'revokes the tokens of the key that is bound': fault('revocations', (sound, tables) => ({
    claimActivation: async (...args) => {
      const outcome = await sound.claimActivation(...args)
      if (outcome.kind === 'rebound') tables.revoke(outcome.license, [outcome.activation])
      return outcome
    },
  })),

  'takes the tokens of a slot off the list when it is taken back': fault('revocations', (sound, tables) => ({
    claimActivation: async (...args) => {
      const held = rowOf(tables, args, args[2].hostId)
      const outcome = await sound.claimActivation(...args)
      if (outcome.kind === 'resumed' && held !== null) tables.revocations.delete(tokenId(outcome.license, held))
      return outcome
    },
  })),

  'forgets to revoke on a reset': fault('revocations', (sound, tables) => ({
    resetLicense: (...args) => withoutRevoking(tables, () => sound.resetLicense(...args)),
  })),

  'forgets to revoke for a deleted customer': fault('revocations', (sound, tables) => ({
    deleteCustomer: (...args) => withoutRevoking(tables, () => sound.deleteCustomer(...args)),
  })),

  'forgets to revoke for a purged license': fault('revocations', (sound, tables) => ({
    purgeExpired: (...args) => withoutRevoking(tables, () => sound.purgeExpired(...args)),
  })),

  'revokes the generation that begins with a block': fault('revocations', (sound, tables) => ({
    updateLicense: async (...args) => {
      const before = await sound.findLicense(args[0], args[1].canonicalKey)
      const outcome = await withoutRevoking(tables, () => sound.updateLicense(...args))
      const blocking = before.kind === 'found' && !before.license.blocked
      if (outcome.kind === 'updated' && outcome.license.blocked && blocking) {
        tables.revoke(outcome.license, tables.activationsOf(outcome.license.id).values())
      }
      return outcome
    },
  })),

  'revokes again when a blocked license is blocked': fault('revocations', (sound, tables) => ({
    updateLicense: async (...args) => {
      const before = await sound.findLicense(args[0], args[1].canonicalKey)
      if (before.kind === 'found' && before.license.blocked) {
        tables.revoke(before.license, tables.activationsOf(before.license.id).values())
      }
      return sound.updateLicense(...args)
    },
  })),

  'never takes a revocation off the list': fault('revocations', (sound) => ({
    listRevocations: () => sound.listRevocations(new Date(0)),
  })),

  'takes the number of entries for the version': fault('revocations', (sound, tables) => ({
    listRevocations: async (now) => ({ ...(await sound.listRevocations(now)), version: tables.revocations.size }),
  })),

  'begins the version anew with what is left': fault('persistence of revocations', (sound, tables) => ({
    close: async () => {
      tables.revocationVersion = tables.revocations.size
      return sound.close()
    },
  })),

  'tells endpoints of types they do not want': fault('webhook endpoints', (_sound, tables) => {
    const append = tables.appendEvent.bind(tables)
    tables.appendEvent = (event) => {
      const before = new Map(tables.webhookEndpoints)
      for (const [id, endpoint] of before) tables.webhookEndpoints.set(id, { ...endpoint, eventTypes: null })
      append(event)
      for (const [id, endpoint] of before) tables.webhookEndpoints.set(id, endpoint)
    }
    return {}
  }),

  'keeps the deliveries of a deleted endpoint': fault('webhook endpoints', (sound, tables) => ({
    deleteWebhookEndpoint: async (...args) => {
      const before = new Map(tables.deliveries)
      const deleted = sound.deleteWebhookEndpoint(...args)
      for (const [id, delivery] of before) tables.deliveries.set(id, delivery)
      return deleted
    },
  })),

  'delivers out of order': fault('webhook deliveries', (sound, tables) => ({
    claimDeliveries: async (...args) => {
      const events = new Map([...tables.deliveries].map(([id, { event }]) => [id, event]))
      for (const [id, delivery] of tables.deliveries) {
        tables.deliveries.set(id, { ...delivery, event: { ...delivery.event, licenseId: null } })
      }
      const claimed = sound.claimDeliveries(...args)
      for (const [id, delivery] of tables.deliveries) {
        tables.deliveries.set(id, { ...delivery, event: events.get(id) ?? delivery.event })
      }
      return claimed
    },
  })),

  'lets a dead delivery hold up the rest': fault('webhook deliveries', (sound, tables) => ({
    claimDeliveries: async (...args) => {
      const dead = [...tables.deliveries.values()].filter(({ status }) => status === 'dead')
      const claimed = await sound.claimDeliveries(...args)
      return claimed.filter(({ delivery }) => !dead.some(({ event }) => event.licenseId === delivery.event.licenseId))
    },
  })),

  'lets a late attempt settle': fault('settled webhook deliveries', (sound, tables) => ({
    settleDelivery: (id, _attempts, result) =>
      sound.settleDelivery(id, tables.deliveries.get(id)?.attempts ?? 0, result),
  })),

  'purges deliveries that were given up': fault('settled webhook deliveries', (sound, tables) => ({
    purgeExpired: async (now, limit) => {
      const purged = await sound.purgeExpired(now, limit)
      for (const { id, status } of tables.deliveries.values()) if (status === 'dead') tables.deliveries.delete(id)
      return purged
    },
  })),

  'reads what is due, waits, then takes it': fault('races for webhook deliveries', (sound, tables) => ({
    claimDeliveries: async (...args) => {
      const due = [...tables.deliveries].filter(([, { nextAttemptAt }]) => nextAttemptAt <= args[0])
      await turnOfTheLoop()
      for (const [id, delivery] of due) tables.deliveries.set(id, delivery)
      return sound.claimDeliveries(...args)
    },
  })),

  'keeps leases to itself': fault('races for webhook deliveries over two handles', (sound, tables) => {
    const leases = new Map<string, Date>()
    return {
      claimDeliveries: async (now, leaseEndsAt, limit) => {
        const before = new Map(tables.deliveries)
        const claiming = sound.claimDeliveries(now, leaseEndsAt, limit)
        for (const [id, delivery] of tables.deliveries) {
          const { nextAttemptAt } = before.get(id) ?? delivery
          tables.deliveries.set(id, { ...delivery, nextAttemptAt })
        }
        const free = (await claiming).filter(({ delivery }) => (leases.get(delivery.id) ?? now) <= now)
        for (const { delivery } of free) leases.set(delivery.id, leaseEndsAt)
        return free
      },
    }
  }),

  'forgets leases on closing': fault('persistence of webhook deliveries', (sound, tables) => ({
    close: async () => {
      for (const [id, delivery] of tables.deliveries) {
        tables.deliveries.set(id, { ...delivery, nextAttemptAt: delivery.event.at })
      }
      return sound.close()
    },
  })),
}
