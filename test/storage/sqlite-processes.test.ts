import { readFileSync } from 'node:fs'
import { monitorEventLoopDelay } from 'node:perf_hooks'
import { setTimeout as pause } from 'node:timers/promises'
import Database from 'better-sqlite3'
import { describe, expect, it } from 'vitest'
import { all, inserts, one, repeat, rowsOf, store, update, valuesIn } from '../../src/testing/asking'
import { pair } from '../../src/testing/tables'
import { createRowScratch } from './sqlite-scratch'
import type { RowJob } from './sqlite-worker'
import { createWorkshop } from './verbs/workers'

const scratch = createRowScratch()
const { startWorkers, together } = createWorkshop<RowJob>(new URL('./sqlite-worker.ts', import.meta.url))

const counters = [pair('shared', 0), ...repeat(4, (worker) => pair('own', worker))]

describe('processes on one file', () => {
  it('start and make the tables together: all come up, on one schema', async () => {
    const workers = await startWorkers(6)
    for (let round = 0; round < 5; round++) {
      const file = scratch.file()
      expect(await together(workers, () => ({ job: 'open', file }))).toEqual({ written: 1, conflict: 5 })
    }
  })

  it('count in one row, and lose nothing, where writing at any revision does', async () => {
    const workers = await startWorkers(4)
    const total = async (job: 'count' | 'blind') => {
      const file = scratch.file()
      const storage = await scratch.open(file)
      await store(storage, inserts('pairs', counters))
      const report = await together(workers, (worker) => ({ job, file, worker, times: 200 }))
      expect(report).toEqual({ counted: 800 })
      const own = await valuesIn(storage, 'amount', all('pairs', { equal: ['own'] }))
      return { shared: (await valuesIn(storage, 'amount', one('pairs', 'shared', 0)))[0], own }
    }
    expect(await total('count')).toEqual({ shared: 800, own: [200, 200, 200, 200] })
    expect((await total('blind')).shared).toBeLessThan(800)
  })

  it('killed at work lose nothing they acknowledged, and leave no half of a set', async () => {
    const file = scratch.file()
    const storage = await scratch.open(file)
    await store(storage, inserts('pairs', counters))
    await storage.close()
    const acknowledged = `${file}.acknowledged`

    for (let round = 0; round < 5; round++) {
      const workers = await startWorkers(2)
      for (const [index, worker] of workers.entries()) {
        worker.tell({ job: 'load', file, name: `${round}-${index}`, acknowledged })
      }
      await Promise.all(workers.map((worker) => worker.ready()))
      for (const worker of workers) worker.tell('go')
      await Promise.all(workers.map((worker) => worker.acknowledged(60 + 40 * round)))
      await Promise.all(workers.map((worker) => worker.kill()))

      const reopened = await scratch.open(file)
      // Sets: how many rows there are depends on the machine.
      const links = new Set(await valuesIn(reopened, 'id', all('links')))
      const pairs = await rowsOf(reopened, all('pairs'))
      const promised = readFileSync(acknowledged, 'utf8').trimEnd().split('\n')
      expect(promised.length).toBeGreaterThan(100)
      expect(promised.filter((id) => !links.has(id))).toEqual([])
      // The row that counts, and the two that come with it: all of them or none.
      const beside = new Set(pairs.filter(({ right }) => right === 1).map(({ left }) => left))
      expect([...links].filter((id) => !beside.has(id ?? ''))).toEqual([])
      expect(pairs.length).toBe(links.size + counters.length)
      expect(await valuesIn(reopened, 'amount', one('pairs', 'shared', 0))).toEqual([links.size])
      await reopened.close()
      const database = new Database(file)
      expect(database.pragma('integrity_check', { simple: true })).toBe('ok')
      database.close()
    }
  })
})

describe('while another process holds the write lock', () => {
  it('the event loop runs, reads answer, writes wait five seconds, and all is well once it lets go', async () => {
    const file = scratch.file()
    const storage = await scratch.open(file)
    await store(storage, inserts('pairs', counters))
    const [blocker] = await startWorkers(1)
    blocker?.tell({ job: 'lock', file })
    await blocker?.ready()

    const delay = monitorEventLoopDelay({ resolution: 5 })
    delay.enable()
    await pause(50)
    const startedAt = performance.now()
    const refused = Promise.allSettled(
      repeat(10, (index) => storage.write([[update('pairs', ['own', index % 4], 1, { amount: 1 })]])),
    )
    expect(await rowsOf(storage, all('pairs'))).toHaveLength(counters.length)
    expect(performance.now() - startedAt).toBeLessThan(4_000)
    for (const result of await refused) {
      expect(result).toMatchObject({ status: 'rejected', reason: { code: 'STORAGE_UNAVAILABLE' } })
    }
    expect(performance.now() - startedAt).toBeGreaterThanOrEqual(4_900)

    const patient = storage.write([[update('pairs', ['own', 1], 1, { amount: 1 })]])
    blocker?.tell('go')
    expect(await patient).toEqual(['written'])
    await pause(50)
    delay.disable()
    // A write that waits for the lock without letting go of the loop stops it for five seconds.
    expect(delay.max / 1e6).toBeLessThan(2_500)
  })
})
