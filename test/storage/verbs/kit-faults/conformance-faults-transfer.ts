import { setImmediate as turnOfTheLoop } from 'node:timers/promises'
import type { ImportOutcome, StoreRecord } from '../../../../src/storage/records'
import type { Store } from '../../../../src/storage/verbs/store'
import { type Fault, fault } from './conformance-fault'
import { importFault } from './conformance-transfer-fault'

const MOVING = 'moving records between stores'
const OUTCOMES = 'outcomes of an import'

/** Fails in `group`: what is exported passes through `change` first. */
function exportFault(group: string, change: (record: StoreRecord) => StoreRecord): Fault {
  return fault(group, (sound) => ({
    exportRecords: async (...args) => {
      const { records, next } = await sound.exportRecords(...args)
      return { records: records.map(change), next }
    },
  }))
}

/** Fails in `group`: says something else of what is refused. */
function outcomeFault(said: ImportOutcome, instead: ImportOutcome): Fault {
  return fault(OUTCOMES, (sound) => ({
    importRecords: async (records) => {
      const outcomes = await sound.importRecords(records)
      return outcomes.map((outcome) => (outcome === said ? instead : outcome))
    },
  }))
}

async function oneByOne(sound: Store, records: readonly StoreRecord[]): Promise<ImportOutcome[]> {
  const outcomes: ImportOutcome[] = []
  for (const record of records) outcomes.push(...(await sound.importRecords([record])))
  return outcomes
}

/** What goes wrong where whole stores are given and taken. */
export const transferFaults: Readonly<Record<string, Fault>> = {
  // ── Export ─────────────────────────────────────────────────────────────────────────────────────────────────

  'skips rows at page ends': fault(MOVING, (sound) => ({
    exportRecords: async (kind, after, limit) => {
      const { records, next } = await sound.exportRecords(kind, after, limit)
      return { records, next: next === null ? null : String(Number(next) + 1) }
    },
  })),

  'repeats the last row of a page': fault(MOVING, (sound) => ({
    exportRecords: async (kind, after, limit) => {
      const { records, next } = await sound.exportRecords(kind, after, limit)
      return { records, next: next === null || limit === 1 ? next : String(Number(next) - 1) }
    },
  })),

  'promises a page more when the last is full': fault(MOVING, (sound) => ({
    exportRecords: async (kind, after, limit) => {
      const { records, next } = await sound.exportRecords(kind, after, limit)
      return { records, next: records.length === limit ? String(Number(after ?? 0) + limit) : next }
    },
  })),

  'gives pages of its own length': fault(MOVING, (sound) => ({
    exportRecords: (kind, after, limit) => sound.exportRecords(kind, after, limit + 1),
  })),

  'exports in the order of ids': fault(MOVING, (sound) => ({
    exportRecords: async (kind, after, limit) => {
      const { records } = await sound.exportRecords(kind, null, Number.MAX_SAFE_INTEGER)
      const idOf = ({ value }: StoreRecord) => ('id' in value ? value.id : 'kid' in value ? value.kid : '')
      const inOrder = records.toSorted((a, b) => (idOf(a) < idOf(b) ? -1 : 1))
      const [from, end] = [Number(after ?? 0), Number(after ?? 0) + limit]
      return { records: inOrder.slice(from, end), next: end < inOrder.length ? String(end) : null }
    },
  })),

  'exports live sessions only': fault(MOVING, (sound, tables) => ({
    exportRecords: async (...args) => {
      for (const sessions of tables.sessions.values()) {
        for (const { id, expiresAt } of sessions.values()) if (expiresAt < new Date(0)) sessions.delete(id)
      }
      return sound.exportRecords(...args)
    },
  })),

  'leaves the secrets of endpoints out': exportFault(MOVING, (record) => {
    return record.kind === 'webhook-endpoint' ? { ...record, value: { ...record.value, secrets: [] } } : record
  }),

  'counts the records of one account': fault(MOVING, (sound, tables) => ({
    countRecords: async () => {
      const counts = await sound.countRecords()
      const [first] = tables.accounts.keys()
      const products = [...tables.products.values()].filter(({ accountId }) => accountId === first)
      return { ...counts, product: products.length }
    },
  })),

  'forgets to count the ceiling of stamps': fault(MOVING, (sound) => ({
    countRecords: async () => ({ ...(await sound.countRecords()), 'stamp-ceiling': 0 }),
  })),

  'exports a ceiling below the stamps that were given': exportFault(MOVING, (record) => {
    return record.kind === 'stamp-ceiling' ? { ...record, value: { ceiling: 0 } } : record
  }),

  'exports the entries of a license’s first product only': fault(MOVING, (sound) => ({
    exportRecords: async (...args) => {
      const { records, next } = await sound.exportRecords(...args)
      return { records: records.filter(({ kind, value }) => kind !== 'revocation' || value.rank === 0), next }
    },
  })),

  // ── Import ─────────────────────────────────────────────────────────────────────────────────────────────────

  'drops the milliseconds of what is imported': importFault(MOVING, (record) => {
    if (record.kind !== 'customer') return record
    const createdAt = new Date(Math.trunc(record.value.createdAt.getTime() / 1_000) * 1_000)
    return { ...record, value: { ...record.value, createdAt } }
  }),

  'drops the floors of imported licenses': importFault(MOVING, (record) => {
    return record.kind === 'license' ? { ...record, value: { ...record.value, stampFloor: 0 } } : record
  }),

  'forgets until when imported licenses have unlisted tokens': importFault(MOVING, (record) => {
    return record.kind === 'license' ? { ...record, value: { ...record.value, unlistedTokensEndAt: null } } : record
  }),

  'drops the floors of imported activations': importFault(MOVING, (record) => {
    return record.kind === 'activation' ? { ...record, value: { ...record.value, stampFloor: 0 } } : record
  }),

  'takes an absent customer email for an empty one': importFault(MOVING, (record) => {
    if (record.kind !== 'customer') return record
    return { ...record, value: { ...record.value, email: record.value.email ?? '' } }
  }),

  'resets the generation of tokens': importFault(MOVING, (record) => {
    return record.kind === 'license' ? { ...record, value: { ...record.value, tokenGeneration: 0 } } : record
  }),

  'forgets the keys that imported hosts are bound to': importFault(MOVING, (record) => {
    return record.kind === 'activation' ? { ...record, value: { ...record.value, keys: [] } } : record
  }),

  'forgets in which order the keys of imported hosts were bound': importFault(MOVING, (record) => {
    if (record.kind !== 'activation') return record
    const keys = record.value.keys.toSorted((a, b) => (a.thumbprint < b.thumbprint ? -1 : 1))
    return { ...record, value: { ...record.value, keys } }
  }),

  'forgets the keys that imported sessions are bound to': importFault(MOVING, (record) => {
    return record.kind === 'session' ? { ...record, value: { ...record.value, proofKey: null } } : record
  }),

  'forgets what an imported product asks of its apps': importFault(MOVING, (record) => {
    return record.kind === 'product' ? { ...record, value: { ...record.value, requireProof: false } } : record
  }),

  'sends deliveries that were given up again': importFault(MOVING, (record) => {
    if (record.kind !== 'delivery') return record
    return { ...record, value: { ...record.value, status: 'pending', attempts: 0 } }
  }),

  'records signing keys when they are imported': importFault(MOVING, (record) => {
    if (record.kind !== 'signing-key') return record
    return { ...record, value: { ...record.value, recordedAt: new Date('2026-03-01T12:00:00.123Z') } }
  }),

  'keeps what it was handed': fault(MOVING, (sound, tables) => ({
    importRecords: async (records) => {
      const outcomes = await sound.importRecords(records)
      for (const [index, { kind, value }] of records.entries()) {
        if (outcomes[index] === 'stored' && kind === 'customer') tables.customers.set(value.id, value)
      }
      return outcomes
    },
  })),

  'forgets what was imported on closing': fault(MOVING, (sound, tables) => {
    const imported = new Set<string>()
    return {
      importRecords: async (records) => {
        for (const { kind, value } of records) if (kind === 'license') imported.add(value.id)
        return sound.importRecords(records)
      },
      close: async () => {
        for (const id of imported) tables.licenses.delete(id)
        return sound.close()
      },
    }
  }),

  // ── Outcomes ───────────────────────────────────────────────────────────────────────────────────────────────

  'overwrites an existing record': fault(OUTCOMES, (sound, tables) => ({
    importRecords: async (records) => {
      const outcomes = await sound.importRecords(records)
      for (const { kind, value } of structuredClone(records)) {
        if (kind === 'license' && tables.licenses.has(value.id)) tables.licenses.set(value.id, value)
      }
      return outcomes
    },
  })),

  'lowers the ceiling of stamps': fault(OUTCOMES, (sound, tables) => ({
    importRecords: async (records) => {
      const outcomes = await sound.importRecords(records)
      for (const { kind, value } of records) {
        if (kind === 'stamp-ceiling') tables.stampCeiling = value.ceiling
      }
      return outcomes
    },
  })),

  'calls a conflict existing': outcomeFault('conflict', 'existing'),
  'calls an orphan a conflict': outcomeFault('orphan', 'conflict'),
  'says it stored what was there': outcomeFault('existing', 'stored'),

  'throws for an orphan': fault(OUTCOMES, (sound) => ({
    importRecords: async (records) => {
      const outcomes = await sound.importRecords(records)
      if (outcomes.includes('orphan')) throw new Error('what it belongs to is not there')
      return outcomes
    },
  })),

  'compares emails letter by letter': importFault(OUTCOMES, (record, { customerIds }) => {
    if (record.kind === 'customer' && !customerIds.has(JSON.stringify([record.value.accountId, record.value.email]))) {
      customerIds.delete(JSON.stringify([record.value.accountId, record.value.email?.toLowerCase()]))
    }
    return record
  }),

  'has one email for all accounts': fault(OUTCOMES, (sound, tables) => ({
    importRecords: async (records) => {
      const emails = new Set([...tables.customers.values()].map(({ email }) => email?.toLowerCase()))
      const isTaken = ({ kind, value }: StoreRecord) =>
        kind === 'customer' && !tables.customers.has(value.id) && value.email !== null && emails.has(value.email)
      const outcomes = await sound.importRecords(records.filter((record) => !isTaken(record)))
      const told = outcomes.values()
      return records.map((record) => (isTaken(record) ? 'conflict' : (told.next().value ?? 'stored')))
    },
  })),

  'gives a host to the last activation imported': importFault(OUTCOMES, (record, tables) => {
    if (record.kind === 'activation') tables.activationsOf(record.value.licenseId).delete(record.value.hostId)
    return record
  }),

  'has two sessions on one seat': importFault(OUTCOMES, (record, tables) => {
    if (record.kind !== 'session') return record
    const sessions = tables.sessionsOf(record.value.licenseId)
    for (const session of sessions.values()) {
      if (session.id !== record.value.id) sessions.set(session.id, { ...session, userIdentifier: `|${session.id}` })
    }
    return record
  }),

  'lets a license belong to the customer of another account': importFault(OUTCOMES, (record, { customers }) => {
    if (record.kind !== 'license' || record.value.customerId === null) return record
    const { accountId, customerId } = record.value
    const customer = customers.get(customerId)
    if (customer !== undefined) customers.set(customerId, { ...customer, accountId })
    return record
  }),

  'imports record by record': fault(OUTCOMES, (sound) => ({
    importRecords: (records) => oneByOne(sound, records),
  })),

  'looks what is there, waits, then stores': fault(OUTCOMES, (sound, tables) => ({
    importRecords: async (records) => {
      const known = new Set(tables.licenses.keys())
      await turnOfTheLoop()
      const outcomes = await sound.importRecords(records)
      return outcomes.map((outcome, index) => {
        const { kind, value } = records[index] ?? { kind: null, value: null }
        return kind === 'license' && outcome === 'existing' && !known.has(value.id) ? 'stored' : outcome
      })
    },
  })),

  'knows the parents it had before the batch only': fault(OUTCOMES, (sound, tables) => ({
    importRecords: async (records) => {
      const known = new Set(tables.licenses.keys())
      const isLost = ({ kind, value }: StoreRecord) => kind === 'activation' && !known.has(value.licenseId)
      const outcomes = await sound.importRecords(records.filter((record) => !isLost(record)))
      const told = outcomes.values()
      return records.map((record) => (isLost(record) ? 'orphan' : (told.next().value ?? 'stored')))
    },
  })),
}
