import { readFileSync } from 'node:fs'
import { type IntervalHistogram, monitorEventLoopDelay } from 'node:perf_hooks'
import { setTimeout as pause } from 'node:timers/promises'
import Database from 'better-sqlite3'
import { describe, expect, it } from 'vitest'
import { LAST_SEEN_INTERVAL_MS } from '../../../src/domain/activation'
import {
  ACCOUNT,
  after,
  claim,
  NOW,
  newActivation,
  newEndpoint,
  newIdempotency,
  newLicense,
  newProduct,
  sell,
} from './kit/entities'
import { takenSlots } from './kit/observations'
import { createScratch } from './sqlite-scratch'
import { createSqliteWorkshop } from './sqlite-workers'

const scratch = createScratch()
const { startWorkers, together } = createSqliteWorkshop()

describe('processes on one file', () => {
  it('start and migrate together: all come up, on one schema', async () => {
    const workers = await startWorkers(8)
    for (let round = 0; round < 10; round++) {
      const file = scratch.file()
      expect(await together(workers, () => ({ job: 'open', file }))).toEqual({ created: 1, exists: 7 })
    }
  })

  it('race for slots: exactly as many win as there are, where counting first overshoots', async () => {
    const workers = await startWorkers(4)
    const file = scratch.file()
    const storage = await scratch.open(file)
    const sale = await sell(storage, { maxActivations: 10 })
    const hosts = (index: number) => Array.from({ length: 50 }, (_, host) => `host-${index}-${host}`)
    const licenses = [sale.license.canonicalKey]

    const race = await together(workers, (index) => ({ job: 'race', file, licenses, hosts: hosts(index) }))
    expect(race).toEqual({ created: 10, 'limit-reached': 190 })
    expect(await takenSlots(storage, sale)).toBe(10)

    const control = new Database(file)
    control.exec('CREATE TABLE naive_activations (license TEXT, host TEXT)')
    control.close()
    const naive = await together(workers, (index) => ({ job: 'naive', file, licenses, hosts: hosts(index), limit: 10 }))
    expect(naive.created).toBeGreaterThan(10)
  })

  it('race over three thousand licenses of five slots: fifteen thousand claims win', async () => {
    const workers = await startWorkers(4)
    const file = scratch.file()
    const storage = await scratch.open(file)
    await storage.insertProduct(ACCOUNT.id, newProduct('editor'), { now: NOW })
    const licenses = Array.from({ length: 3_000 }, (_, index) => newLicense(`${index}`, { maxActivations: 5 }))
    await storage.insertLicenses(ACCOUNT.id, { licenses }, { now: NOW })

    const keys = licenses.map((license) => license.canonicalKey)
    const hosts = (index: number) => [`host-${index}-a`, `host-${index}-b`]
    const race = await together(workers, (index) => ({ job: 'race', file, licenses: keys, hosts: hosts(index) }))
    expect(race).toEqual({ created: 15_000, 'limit-reached': 9_000 })

    const rows = new Database(file, { readonly: true })
    const wrong = rows.prepare(`
      SELECT count(*) FROM licenses WHERE activation_count <> 5
        OR activation_count <> (SELECT count(*) FROM activations WHERE license_id = licenses.id)`)
    expect(wrong.pluck().get()).toBe(0)
    rows.close()
  })

  it('killed at work lose nothing they acknowledged, and leave no half of a step', async () => {
    const file = scratch.file()
    const storage = await scratch.open(file)
    const sale = await sell(storage, { maxActivations: null })
    const { canonicalKey } = sale.license
    await storage.insertWebhookEndpoint(ACCOUNT.id, newEndpoint('crm'), { now: NOW })
    await storage.close()
    const acknowledged = `${file}.acknowledged`

    for (let round = 0; round < 5; round++) {
      const workers = await startWorkers(2)
      for (const [index, worker] of workers.entries()) {
        worker.tell({ job: 'load', file, canonicalKey, host: `host-${round}-${index}`, acknowledged })
      }
      await Promise.all(workers.map((worker) => worker.ready()))
      for (const worker of workers) worker.tell('go')
      await Promise.all(workers.map((worker) => worker.acknowledged(100 + 40 * round)))
      await Promise.all(workers.map((worker) => worker.kill()))

      const reopened = await scratch.open(file)
      const { items } = await reopened.listActivations(ACCOUNT.id, sale.license.id, { limit: 1_000_000 })
      const stored = new Set(items.map(({ hostId }) => hostId).sort())
      const promised = readFileSync(acknowledged, 'utf8').trimEnd().split('\n')
      expect(promised.filter((hostId) => !stored.has(hostId))).toEqual([])
      const acknowledgedHosts = new Set(promised)
      // Committed, but killed before it could say so: asked again, the step is not done twice.
      for (const hostId of [...stored].filter((host) => !acknowledgedHosts.has(host)).concat(promised[0] ?? '')) {
        const step = { now: NOW, idempotency: newIdempotency(hostId) }
        const retried = await reopened.claimActivation(ACCOUNT.id, sale.target, newActivation(hostId), step)
        expect(retried).toMatchObject({ kind: 'created', replayed: { at: NOW } })
      }
      const found = await reopened.findLicense(ACCOUNT.id, canonicalKey)
      expect(found).toMatchObject({ license: { activationCount: stored.size } })
      await reopened.close()
      const database = new Database(file)
      expect(database.pragma('integrity_check', { simple: true })).toBe('ok')
      const names = (text: string) => database.prepare(text).pluck().all()
      // The effect, its event, the event's delivery, the idempotency record: all of them or none.
      expect(names('SELECT substr(id, 5) AS host FROM events ORDER BY host')).toEqual([...stored])
      expect(names("SELECT data ->> '$.name' AS host FROM events ORDER BY host")).toEqual([...stored])
      expect(
        names(`
        SELECT v.data ->> '$.name' AS host FROM webhook_deliveries d JOIN events v ON v.id = d.event_id
        WHERE d.id = v.id || '.hook_crm' AND d.status = 'pending' ORDER BY host`),
      ).toEqual([...stored])
      expect(names('SELECT key FROM idempotency_records ORDER BY key')).toEqual([...stored])
      database.close()
    }
  })
})

describe('while another process holds the write lock', () => {
  it('the event loop runs, reads answer, writes wait five seconds, and all is well once it lets go', async () => {
    const file = scratch.file()
    const storage = await scratch.open(file)
    // Without a limit the claims are one batch, which waits once.
    const sale = await sell(storage, { maxActivations: null })
    await claim(storage, sale, 'holder')
    const [blocker] = await startWorkers(1)
    blocker?.tell({ job: 'lock', file })
    await blocker?.ready()

    const delay = monitorEventLoopDelay({ resolution: 5 })
    delay.enable()
    // It measures from one sample to the next: a freeze before the first one would go unseen.
    await nextSample(delay)
    const startedAt = performance.now()
    const late = after(LAST_SEEN_INTERVAL_MS)
    const writes = Array.from({ length: 20 }, (_, index) => claim(storage, sale, `host-${index}`))
    const refused = Promise.allSettled([...writes, claim(storage, sale, 'holder', late)])

    expect((await claim(storage, sale, 'holder')).kind).toBe('existing')
    expect((await storage.findLicense(ACCOUNT.id, sale.license.canonicalKey)).kind).toBe('found')
    expect(performance.now() - startedAt).toBeLessThan(4_000)

    for (const result of await refused) {
      expect(result).toMatchObject({ status: 'rejected', reason: { code: 'STORAGE_UNAVAILABLE' } })
      expect(result).toMatchObject({ reason: { detail: { retryAfterSeconds: 1 } } })
    }
    expect(performance.now() - startedAt).toBeGreaterThanOrEqual(4_900)

    const patient = claim(storage, sale, 'host-1')
    blocker?.tell('go')
    expect((await patient).kind).toBe('created')
    await nextSample(delay)
    delay.disable()
    // A write that waits for the lock without letting go of the loop stops it for five seconds.
    expect(delay.max / 1e6).toBeLessThan(2_500)
  })
})

async function nextSample(delay: IntervalHistogram) {
  const before = delay.count
  while (delay.count === before) await pause(1)
}
