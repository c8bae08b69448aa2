import type { KeptDelivery } from '../../../src/domain/decision'
import { deliveryId } from '../../../src/domain/webhook'
import type { Change, Storage } from '../../../src/storage/contract'
import { TABLES } from '../../../src/storage/tables'
import { ACCOUNT, NOW, newEndpoint } from '../../storage/verbs/kit/entities'

/** So many changes in one write. */
const AT_ONCE = 1_000

/** Rows of endpoints, named by their number, each with so many deliveries that are due, of events about no license. */
export async function fillWithDue(storage: Storage, endpoints: number, each: number): Promise<void> {
  let place = 0
  const changes: Change[] = []
  const add = (of: 'webhookEndpoint' | 'event' | 'delivery' | 'deliveryLine', entity: object) => {
    const table = TABLES[of]
    const columns = (table.toColumns as (one: object) => Record<string, string | number | boolean | null>)(entity)
    const row = { ...columns, ...(table.placed && { place: place++ }), revision: 1 }
    changes.push({ kind: 'insert', table: table.name, row })
  }
  for (let one = 0; one < endpoints; one++) {
    const endpoint = newEndpoint(String(one).padStart(6, '0'))
    add('webhookEndpoint', endpoint)
    for (let index = 0; index < each; index++) {
      const event = eventOf(`${one}_${index}`)
      const delivery = dueDelivery(event.id, endpoint.id)
      add('event', event)
      add('delivery', delivery)
      add('deliveryLine', { endpointId: endpoint.id, line: delivery.line, pending: 1, head: delivery.id })
    }
  }
  for (let from = 0; from < changes.length; from += AT_ONCE) await storage.write([changes.slice(from, from + AT_ONCE)])
}

function eventOf(name: string) {
  const actor = { id: 'api', address: null }
  const data = { name }
  return { id: `evt_${name}`, accountId: ACCOUNT.id, type: 'product.updated', at: NOW, actor, licenseId: null, data }
}

function dueDelivery(eventId: string, endpointId: string): KeptDelivery {
  const id = deliveryId({ id: eventId }, { id: endpointId })
  const nothingYet = { attempts: 0, lastAttemptAt: null, lastError: null }
  const due = { nextAttemptAt: NOW, dueAt: NOW }
  return { id, accountId: ACCOUNT.id, endpointId, eventId, line: id, status: 'pending', ...nothingYet, ...due }
}
