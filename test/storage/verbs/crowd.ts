import type { Activation } from '../../../src/domain/activation'
import type { Occupancy } from '../../../src/domain/decision'
import type { Session } from '../../../src/domain/session'
import type { Answer, Query, Row, Storage } from '../../../src/storage/contract'
import { TABLES } from '../../../src/storage/tables'
import { after, HOUR_MS, NOW, newActivation, newSession } from './kit/entities'

const FILLED_AT_ONCE = 2_000

/** Rows of a license as if so many hosts had claimed a slot, and so many had checked a seat out: `host-0` and so on. */
export async function crowd(storage: Storage, licenseId: string, slots: number, seats = slots): Promise<void> {
  const [license] = await find(storage, { table: TABLES.license.name, equal: [licenseId], limit: 1 })
  if (license === undefined) throw new Error(`There is no license ${licenseId}`)
  await fill(storage, slots, (place) => activationRow(license, place))
  await fill(storage, seats, (place) => sessionRow(license, place))
  const set = { activation_count: slots, revision: Number(license.revision) + 1 }
  const revision = Number(license.revision)
  await storage.write([[{ kind: 'update', table: TABLES.license.name, key: [licenseId], revision, set }]])
}

async function fill(storage: Storage, count: number, toRow: (place: number) => { table: string; row: Row }) {
  for (let from = 0; from < count; from += FILLED_AT_ONCE) {
    const length = Math.min(FILLED_AT_ONCE, count - from)
    const rows = Array.from({ length }, (_, index) => toRow(from + index))
    await storage.write([rows.map(({ table, row }) => ({ kind: 'insert', table, row }))])
  }
}

/** How many rows of a kind are stored, whether they count or not. */
export async function stored(storage: Storage, of: Occupancy | 'leftover'): Promise<number> {
  const [answer] = await storage.read([{ table: TABLES[of].name, equal: [], limit: 0, count: true }])
  return answer?.count ?? 0
}

function activationRow({ id, slot_generation: generation = 0 }: Row, place: number) {
  const activation: Activation = {
    ...newActivation(`host-${place}`),
    licenseId: id as string,
    keys: [],
    keylessEndAt: after(HOUR_MS),
    stampFloor: 0,
    surrenderedAt: null,
    releaseAt: null,
    sharing: null,
    authtoolProductId: null,
    expiresAt: null,
    activatedAt: NOW,
    lastSeenAt: NOW,
    tokensEndAt: after(HOUR_MS),
  }
  return { table: TABLES.activation.name, row: { ...TABLES.activation.toColumns(activation), generation, revision: 1 } }
}

function sessionRow({ id, seat_generation: generation = 0 }: Row, place: number) {
  const session: Session = {
    ...newSession(`host-${place}`),
    licenseId: id as string,
    startedAt: NOW,
    renewedAt: NOW,
    expiresAt: after(HOUR_MS),
  }
  const columns = TABLES.session.toColumns(session)
  return { table: TABLES.session.name, row: { ...columns, generation, place, revision: 1 } }
}

async function find(storage: Storage, query: Query): Promise<readonly Row[]> {
  const [answer] = await storage.read([query])
  return (answer?.rows ?? []).map(({ row }) => row)
}

/** Rows whose calls are watched: `most` says how many rows one of them had to do with at most. */
export function watched(rows: Storage, most: { read: number; written: number }): Storage {
  return {
    ...rows,
    async read(queries) {
      const answers = await rows.read(queries)
      most.read = Math.max(most.read, rowsIn(answers))
      return answers
    },
    write(sets) {
      most.written = Math.max(most.written, sets.flat().length)
      return rows.write(sets)
    },
  }
}

function rowsIn(answers: readonly Answer[]): number {
  const found = answers.flatMap(({ rows }) => rows)
  return found.reduce((sum, { followed }) => sum + 1 + rowsIn(Object.values(followed)), 0)
}

/**
 * Measures for how many milliseconds the event loop stood still at most while the work was done. The time in which this process
 * did not run because others did is left out.
 */
export async function longestStop(work: () => Promise<unknown>): Promise<number> {
  let longest = 0
  let last = performance.now()
  let lastUsed = process.cpuUsage()
  const timer = setInterval(() => {
    const now = performance.now()
    const { user, system } = process.cpuUsage(lastUsed)
    longest = Math.max(longest, Math.min(now - last, (user + system) / 1_000))
    last = now
    lastUsed = process.cpuUsage()
  }, 1)
  try {
    await work()
  } finally {
    clearInterval(timer)
  }
  return Math.round(longest)
}
