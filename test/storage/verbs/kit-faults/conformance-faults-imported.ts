import type { Revocation } from '../../../../src/domain/decision'
import { deliveryId, wantsEvent } from '../../../../src/domain/webhook'
import type { ImportOutcome } from '../../../../src/storage/records'
import type { Tables } from '../differential/model/tables'
import { putRow } from './conformance-claim-fault'
import { type Fault, fault } from './conformance-fault'
import { afterStoring, importFault } from './conformance-transfer-fault'

const IMPORTED = 'stores that were imported'

/** What goes wrong in a store that was imported. */
export const importedFaults: Readonly<Record<string, Fault>> = {
  'counts imported activations not': afterStoring(IMPORTED, 'activation', ({ licenseId }, { licenses }) => {
    const license = licenses.get(licenseId)
    if (license !== undefined) licenses.set(licenseId, { ...license, activationCount: license.activationCount - 1 })
  }),

  'lets imported slots that rest be used': importFault(IMPORTED, (record) => {
    return record.kind === 'activation' ? { ...record, value: { ...record.value, surrenderedAt: null } } : record
  }),

  'gives an imported license its told counter': afterStoring(
    IMPORTED,
    'license',
    ({ id, activationCount }, { licenses }) => {
      const license = licenses.get(id)
      if (license !== undefined) licenses.set(id, { ...license, activationCount })
    },
  ),

  'asks the limit of what is imported': fault(IMPORTED, (sound, tables) => ({
    importRecords: async (records) => {
      const outcomes = await sound.importRecords(records)
      for (const { id, maxActivations, activationCount } of tables.licenses.values()) {
        if (maxActivations === null || activationCount <= maxActivations) continue
        const license = tables.licenses.get(id)
        const hosts = tables.activationsOf(id)
        for (const hostId of [...hosts.keys()].slice(maxActivations)) hosts.delete(hostId)
        if (license !== undefined) tables.licenses.set(id, { ...license, activationCount: hosts.size })
      }
      return outcomes
    },
  })),

  'delivers imported events': afterStoring(IMPORTED, 'event', (event, tables) => {
    for (const endpoint of tables.webhookEndpoints.values()) {
      if (endpoint.accountId !== event.accountId || !wantsEvent(endpoint, event.type)) continue
      const id = deliveryId(event, endpoint)
      const fresh = { status: 'pending', attempts: 0, nextAttemptAt: event.at } as const
      const none = { lastAttemptAt: null, lastError: null }
      tables.deliveries.set(id, { id, accountId: event.accountId, endpointId: endpoint.id, event, ...fresh, ...none })
    }
  }),

  'writes an event for an import': afterStoring(IMPORTED, 'license', ({ id, accountId, createdAt: at }, tables) => {
    const actor = { id: 'api', address: null }
    tables.putEvent({ id: `evt_${id}`, accountId, type: 'license.created', at, actor, licenseId: id, data: {} })
  }),

  'lets packageId start again': afterStoring(IMPORTED, 'product', (_product, tables) => {
    tables.lastPackageId = tables.products.size
  }),

  'lists products in the order they were imported': fault(IMPORTED, (sound, tables) => ({
    listProducts: async (accountId, page) => {
      const { items, total } = await sound.listProducts(accountId, page)
      const place = (id: string) => [...tables.products.keys()].indexOf(id)
      return { items: items.toSorted((a, b) => place(a.id) - place(b.id)), total }
    },
  })),

  'finds no imported token by its hash': afterStoring(IMPORTED, 'access-token', ({ hash }, { accessTokenIds }) => {
    accessTokenIds.delete(hash)
  }),

  'finds no imported customer by email': afterStoring(IMPORTED, 'customer', (_customer, { customerIds }) => {
    customerIds.clear()
  }),

  'finds no imported license by its key': afterStoring(IMPORTED, 'license', ({ canonicalKey }, { licenseIds }) => {
    licenseIds.delete(canonicalKey)
  }),

  'puts imported signing keys first': fault(IMPORTED, (sound, tables) => ({
    importRecords: async (records) => {
      const before = [...tables.signingKeys]
      const outcomes = await sound.importRecords(records)
      for (const [kid] of before) tables.signingKeys.delete(kid)
      for (const [kid, recordedAt] of before) tables.signingKeys.set(kid, recordedAt)
      return outcomes
    },
  })),

  'lets imported deliveries of one license go all at once': fault(IMPORTED, (sound, tables) => ({
    claimDeliveries: async (id, now, leaseEndsAt, limit) => {
      const before = new Map(tables.deliveries)
      for (const [id, delivery] of before) {
        tables.deliveries.set(id, { ...delivery, event: { ...delivery.event, licenseId: null } })
      }
      const claimed = await sound.claimDeliveries(id, now, leaseEndsAt, limit)
      for (const [id, { event }] of before) {
        const delivery = tables.deliveries.get(id)
        if (delivery !== undefined) tables.deliveries.set(id, { ...delivery, event })
      }
      return claimed
    },
  })),

  'begins with the newest delivery imported': fault(IMPORTED, (sound, tables) => ({
    importRecords: async (records) => {
      const outcomes = await sound.importRecords(records)
      const newestFirst = [...tables.deliveries].reverse()
      tables.deliveries.clear()
      for (const [id, delivery] of newestFirst) tables.deliveries.set(id, delivery)
      return outcomes
    },
  })),

  'forgets when an imported delivery is due': afterStoring(IMPORTED, 'delivery', ({ id }, { deliveries }) => {
    const delivery = deliveries.get(id)
    if (delivery !== undefined) deliveries.set(id, { ...delivery, nextAttemptAt: delivery.event.at })
  }),

  'makes new nonces for imported sessions': importFault(IMPORTED, (record) => {
    return record.kind === 'session' ? { ...record, value: { ...record.value, nonce: 'nonce_new' } } : record
  }),

  'leaves the ceiling of stamps as it was': importFault(IMPORTED, (record) => {
    return record.kind === 'stamp-ceiling' ? { ...record, value: { ceiling: 0 } } : record
  }),

  'takes in entries without raising the ceiling': fault(IMPORTED, (sound, tables) => ({
    importRecords: async (records) => {
      const before = tables.stampCeiling
      const outcomes = await sound.importRecords(records)
      if (!records.some(({ kind }) => kind === 'stamp-ceiling')) tables.stampCeiling = before
      return outcomes
    },
  })),

  'takes in entries without noting them on their license': fault(IMPORTED, (sound, tables) => ({
    importRecords: async (records) => {
      const outcomes: ImportOutcome[] = []
      for (const record of records) {
        const license = record.kind === 'revocation' ? tables.licenses.get(record.value.licenseId) : undefined
        outcomes.push(...(await sound.importRecords([record])))
        if (license !== undefined) tables.licenses.set(license.id, license)
      }
      return outcomes
    },
  })),

  'lets an imported entry lower a stamp': afterStoring(IMPORTED, 'revocation', ({ productId, id, stamp }, tables) => {
    changeEntry(tables, [productId, id], { stamp })
  }),

  'lets an imported entry end one sooner': afterStoring(IMPORTED, 'revocation', ({ productId, id, endsAt }, tables) => {
    changeEntry(tables, [productId, id], { endsAt })
  }),

  'gives an imported license the floor it was told': afterStoring(
    IMPORTED,
    'license',
    ({ id, stampFloor }, { licenses }) => {
      const license = licenses.get(id)
      if (license !== undefined) licenses.set(id, { ...license, stampFloor })
    },
  ),

  'gives an imported activation the floor it was told': afterStoring(IMPORTED, 'activation', (told, tables) => {
    const stored = tables.activationsOf(told.licenseId).get(told.hostId)
    if (stored !== undefined) putRow(tables, { ...stored, stampFloor: told.stampFloor })
  }),
}

function changeEntry({ revocations }: Tables, named: readonly string[], changes: Partial<Revocation>): void {
  const key = JSON.stringify(named)
  const entry = revocations.get(key)
  if (entry !== undefined) revocations.set(key, { ...entry, ...changes })
}
