import { LicenseError } from '../../src/protocol/license-error'
import type { Answer, Change, ChangeSet, Row, Storage } from '../../src/storage/contract'
import { SCHEMA } from '../../src/storage/tables'

/** What becomes of a storage before anybody works with it. Only with the first two is it still one. */
export const circumstances = {
  sound: (storage) => ({ ...bound(storage), ...(storage.locked && { locked: storage.locked.bind(storage) }) }),

  /** Every eighth set of changes is written, and nobody is told. */
  'loses answers': (storage) => {
    let calls = 0
    return {
      ...bound(storage),
      async write(sets) {
        const fates = await storage.write(sets)
        calls += 1
        if (calls % 8 === 0) throw new LicenseError('STORAGE_UNAVAILABLE', 'The answer was lost')
        return fates
      },
    }
  },

  /** Changes rows at whatever revision they have now. */
  'ignores revisions': (storage) => ({
    ...bound(storage),
    async write(sets) {
      return storage.write(await Promise.all(sets.map((set) => atAnyRevision(storage, set))))
    },
  }),

  /** Puts a new row in the place of one that is there. */
  'replaces rows': (storage) => ({
    ...bound(storage),
    async write(sets) {
      return storage.write(await Promise.all(sets.map((set) => overAnyRow(storage, set))))
    },
  }),

  /** Answers every other time what was answered to the same question before. */
  'answers from memory': (storage) => {
    const answers = new Map<string, Answer>()
    return {
      ...bound(storage),
      async read(queries) {
        const fresh = await storage.read(queries)
        return fresh.map((answer, index) => {
          const question = JSON.stringify(queries[index])
          const remembered = answers.get(question)
          if (answers.delete(question) && remembered !== undefined) return remembered
          answers.set(question, answer)
          return answer
        })
      },
    }
  },
} satisfies Readonly<Record<string, (storage: Storage) => Storage>>

export type Circumstance = keyof typeof circumstances

/** Its functions, but for locks: within them nothing would go wrong. */
function bound(storage: Storage): Storage {
  return {
    name: storage.name,
    ...(storage.writes !== undefined && { writes: storage.writes }),
    open: (schema) => storage.open(schema),
    close: () => storage.close(),
    ping: () => storage.ping(),
    read: (queries) => storage.read(queries),
    write: (sets) => storage.write(sets),
  }
}

async function atAnyRevision(storage: Storage, set: ChangeSet): Promise<ChangeSet> {
  const stored = await storedRows(storage, set)
  return set.map((change, index) => {
    const row = stored[index]
    return change.kind === 'insert' || row === undefined ? change : { ...change, revision: Number(row.revision) }
  })
}

async function overAnyRow(storage: Storage, set: ChangeSet): Promise<ChangeSet> {
  const stored = await storedRows(storage, set)
  return set.map((change, index): Change => {
    const row = stored[index]
    if (change.kind !== 'insert' || row === undefined) return change
    const key = keyOf(change)
    const named = SCHEMA.tables[change.table]?.key ?? []
    const set = Object.fromEntries(Object.entries(change.row).filter(([column]) => !named.includes(column)))
    return { kind: 'update', table: change.table, key, revision: Number(row.revision), set }
  })
}

async function storedRows(storage: Storage, set: ChangeSet): Promise<readonly (Row | undefined)[]> {
  const answers = await storage.read(set.map((change) => ({ table: change.table, equal: keyOf(change), limit: 1 })))
  return answers.map(({ rows }) => rows[0]?.row)
}

function keyOf(change: Change) {
  if (change.kind !== 'insert') return change.key
  return (SCHEMA.tables[change.table]?.key ?? []).map((column) => change.row[column] ?? null)
}
