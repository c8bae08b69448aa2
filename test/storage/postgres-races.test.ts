import { afterEach, describe, expect, it } from 'vitest'
import type { ChangeSet, Storage, Tables } from '../../src/storage/contract'
import { postgresStorage } from '../../src/storage/postgres'
import { createStepper } from '../../src/storage/stepper/stepper'
import { type ScratchSchema, scratchSchema } from '../postgres/scratch-schema'
import { createDraw } from './verbs/draw'

const TABLES = {
  counters: { columns: { id: { kind: 'text', length: 20 }, n: { kind: 'integer' } }, key: ['id'] },
  grants: { columns: { id: { kind: 'text', length: 20 } }, key: ['id'] },
} as const satisfies Tables

const LIMIT = 60
const TRIES_EACH = 100

const left: (() => Promise<void>)[] = []
afterEach(async () => {
  for (const leave of left.splice(0).reverse()) await leave()
})

async function scratch(): Promise<ScratchSchema> {
  const made = await scratchSchema()
  left.push(made.drop)
  return made
}

async function openOn({ url, schema }: ScratchSchema): Promise<Storage> {
  const storage = postgresStorage({ connectionString: url, schema })
  await storage.open({ version: 1, tables: TABLES })
  left.push(storage.close)
  return storage
}

/** Asks for more grants than there may be, all at once, and counts those it was given. */
async function grantAll(storage: Storage, name: string): Promise<number> {
  let revision = 1
  const draw = createDraw(name.length)
  const random = () => draw(1000) / 1000
  const stepper = createStepper({ storage, tables: TABLES, newRevision: () => revision++, random })
  const steps = Array.from({ length: TRIES_EACH }, async (_, index) => {
    // Some come later than others, so that batches of both instances lie across each other.
    await new Promise((resolve) => setTimeout(resolve, index % 20))
    return stepper.run<boolean>({
      queries: [{ table: 'counters', equal: ['c'], limit: 1 }],
      decide: ([answer]) => {
        const before = answer?.rows[0]?.row
        const n = Number(before?.n)
        if (before === undefined || n >= LIMIT) return { outcome: false, changes: [] }
        return {
          outcome: true,
          changes: [
            { kind: 'update', table: 'counters', before, set: { n: n + 1 } },
            { kind: 'insert', table: 'grants', row: { id: `${name} ${index}` } },
          ],
        }
      },
    })
  })
  return (await Promise.all(steps)).filter((isGranted) => isGranted).length
}

async function race(wrap: (storage: Storage, place: ScratchSchema) => Storage) {
  const place = await scratch()
  const instances = [await openOn(place), await openOn(place), await openOn(place)]
  await instances[0]?.write([[{ kind: 'insert', table: 'counters', row: { id: 'c', n: 0, revision: 1 } }]])
  const granted = await Promise.all(instances.map((one, index) => grantAll(wrap(one, place), `i${index}`)))
  const { rows } = await place.pool.query(
    `SELECT (SELECT n::int FROM ${place.schema}.counters) AS n, count(*)::int AS grants FROM ${place.schema}.grants`,
  )
  return { granted: granted.reduce((sum, one) => sum + one, 0), ...(rows[0] as { n: number; grants: number }) }
}

describe('instances that race for what is limited', () => {
  it('grant exactly as many as there are', async () => {
    expect(await race((storage) => storage)).toEqual({ granted: LIMIT, n: LIMIT, grants: LIMIT })
  })

  it('grant more where nobody looks at revisions: the race is one', async () => {
    const { granted } = await race((storage, { pool, schema }) => {
      const { locked, ...without } = storage
      const write = async (sets: readonly ChangeSet[]) => {
        for (const change of sets.flat()) {
          if (change.kind === 'update')
            await pool.query(`UPDATE ${schema}.counters SET n = $1, revision = $2`, [change.set.n, change.set.revision])
          else if (change.kind === 'insert') await storage.write([[change]])
        }
        return sets.map(() => 'written' as const)
      }
      return { ...without, write }
    })
    expect(granted).toBeGreaterThan(LIMIT)
  })
})

describe('connections that are lost', () => {
  it('are STORAGE_UNAVAILABLE for what is under way, and others take their place', async () => {
    const place = await scratch()
    const storage = await openOn(place)
    await storage.write([[{ kind: 'insert', table: 'counters', row: { id: 'c', n: 0, revision: 1 } }]])
    const holder = await place.pool.connect()
    try {
      await holder.query('BEGIN')
      await holder.query(`SELECT FROM ${place.schema}.counters FOR UPDATE`)
      const change = { kind: 'update', table: 'counters', key: ['c'], revision: 1, set: { n: 1, revision: 2 } } as const
      const waiting = storage.write([[change]])
      const refused = expect(waiting).rejects.toMatchObject({ code: 'STORAGE_UNAVAILABLE' })
      await expect.poll(() => kill(place)).toBeGreaterThan(0)
      await refused
      await holder.query('ROLLBACK')
      expect(await storage.write([[change]])).toEqual(['written'])
      await storage.ping()
    } finally {
      holder.release()
    }
  })
})

/** Ends the connections on which a statement waits for a lock. */
async function kill({ pool, schema }: ScratchSchema): Promise<number> {
  const { rowCount } = await pool.query(
    `SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE wait_event_type = 'Lock' AND query LIKE '%' || $1 || '%'`,
    [schema],
  )
  return rowCount ?? 0
}
