import { setTimeout as pause } from 'node:timers/promises'
import { postgresStorage } from 'keyslot/storage/postgres'
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest'
import { type PostgresServer, startPostgres } from '../../postgres/start-postgres'
import { activateHost, makeKey, named, PLAIN_MOUNT, post, storedLicense } from '../../server/http/actions'
import { type Fixture, send, startFixture } from '../../server/http/harness'
import { schemaOn } from './postgres-places'
import { FIRE, say } from './postgres-scratch'

const CLIENTS = 16
const OUTAGES = 3 * FIRE
/** No answer may take longer, whatever the database does. */
const LONGEST_MS = 10_000

let server: PostgresServer
let fixture: Fixture
beforeAll(async () => {
  server = await startPostgres()
  const { url, schema } = schemaOn(server)
  fixture = await startFixture(PLAIN_MOUNT, {
    storage: postgresStorage({ connectionString: url, schema }),
    now: () => new Date(),
  })
})
afterAll(async () => {
  await fixture.close()
  await server.dispose()
})

/** Clients that activate one host after the other until told to stop, each until it has its answer. */
function startLoad(licenseKey: string) {
  const activated: string[] = []
  const statuses: Record<number, number> = {}
  const odd: unknown[] = []
  let longestMs = 0
  let isStopped = false
  const activate = async (hostId: string) => {
    const headers = { 'Idempotency-Key': hostId }
    const startedAt = performance.now()
    const answer = await post(fixture, '/key/activate', named(fixture, licenseKey, { hostId }), { headers })
    longestMs = Math.max(longestMs, performance.now() - startedAt)
    statuses[answer.status] = (statuses[answer.status] ?? 0) + 1
    const isExpected =
      answer.status === 200 || (answer.status === 503 && Number(answer.headers.get('Retry-After')) >= 1)
    if (!isExpected) odd.push(answer)
    return answer.status === 200
  }
  const client = async (number: number) => {
    for (let turn = 0; !isStopped; turn++) {
      const hostId = `host-${number}-${turn}`
      while (!(await activate(hostId))) await pause(50)
      activated.push(hostId)
    }
  }
  const clients = Promise.all(Array.from({ length: CLIENTS }, (_, number) => client(number)))
  return {
    activated,
    statuses,
    odd,
    answered: (status: number) => statuses[status] ?? 0,
    longestMs: () => Math.round(longestMs),
    async stop() {
      isStopped = true
      await clients
    },
  }
}

describe('an app on a database that drops dead and comes back', () => {
  it('answers 200 or 503 with Retry-After, lives, recovers by itself, and keeps what it said', async () => {
    const licenseKey = await makeKey(fixture, { maxActivations: null })
    const load = startLoad(licenseKey)
    const moreAnswers = (status: number, count: number) => {
      const goal = load.answered(status) + count
      return vi.waitFor(() => expect(load.answered(status)).toBeGreaterThanOrEqual(goal), {
        timeout: 30_000,
        interval: 5,
      })
    }
    const recoveries: number[] = []
    for (let outage = 0; outage < OUTAGES; outage++) {
      await moreAnswers(200, 50)
      await server.stop('immediate')
      await moreAnswers(503, 2 * CLIENTS)
      expect((await send(fixture.url, 'GET', '/healthz')).status).toBe(503)
      await server.start()
      const startedAt = performance.now()
      await moreAnswers(200, 1)
      recoveries.push(Math.round(performance.now() - startedAt))
    }
    await load.stop()

    const { statuses, activated, odd } = load
    say('http outage', { outages: OUTAGES, statuses, longestMs: load.longestMs(), recoveryMs: recoveries })
    expect(odd).toEqual([])
    expect(load.longestMs()).toBeLessThan(LONGEST_MS)
    // Whoever got no answer has asked again with the same key: nobody is there who was not told so.
    expect((await storedLicense(fixture, licenseKey)).activationCount).toBe(activated.length)
    expect((await activateHost(fixture, licenseKey, 'one-more')).status).toBe(200)
    expect(JSON.stringify(fixture.logged.map(String))).not.toContain(server.password)
  })
})
