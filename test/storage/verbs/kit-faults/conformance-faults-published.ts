import { setImmediate as turnOfTheLoop } from 'node:timers/promises'
import { type Fault, fault } from './conformance-fault'

/** What goes wrong where webhook deliveries are kept. */
export const publishedFaults: Readonly<Record<string, Fault>> = {
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
      const due = [...tables.deliveries].filter(([, { nextAttemptAt }]) => nextAttemptAt <= args[1])
      await turnOfTheLoop()
      for (const [id, delivery] of due) tables.deliveries.set(id, delivery)
      return sound.claimDeliveries(...args)
    },
  })),

  'keeps leases to itself': fault('races for webhook deliveries over two handles', (sound, tables) => {
    const leases = new Map<string, Date>()
    return {
      claimDeliveries: async (id, now, leaseEndsAt, limit) => {
        const before = new Map(tables.deliveries)
        const claiming = sound.claimDeliveries(id, now, leaseEndsAt, limit)
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
