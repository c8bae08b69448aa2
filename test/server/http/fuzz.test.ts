import type { Response } from 'express'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { fuzzHttp } from '../../fuzz/http-fuzz'
import { describeMemory } from '../../fuzz/memory'
import { makeKey, PLAIN_MOUNT } from './actions'
import { type Fixture, MOUNTS, type Mount, startFixture } from './harness'

const SEED = Number(process.env.FUZZ_SEED ?? Date.now() % 2 ** 31)
/** Of a long run, which says what it does; `npm run fuzz` is one. */
const LONG = process.env.FUZZ_REQUESTS
const SHORT = 1500
/** What is loaded and compiled with the first requests is no leak. */
const WARM_UP = LONG === undefined ? 0 : 3000

const PARSED = MOUNTS.find(({ name }) => name.includes('parser')) as Mount
const mounts = [
  { mount: PLAIN_MOUNT, name: PLAIN_MOUNT.name, most: Number(LONG ?? SHORT) },
  { mount: PARSED, name: PARSED.name, most: SHORT },
]

describe.each(mounts)(`requests of all kinds, drawn by FUZZ_SEED=${SEED}, mounted $name`, ({ mount, most }) => {
  let fixture: Fixture
  beforeAll(async () => {
    fixture = await startFixture(mount)
  })
  afterAll(() => fixture.close())

  it('are answered as documented, and never by a failure', async () => {
    const say = async (when: string) => LONG !== undefined && console.log(`${when}: ${await describeMemory(fixture)}`)
    if (WARM_UP > 0) expect((await fuzzHttp(fixture, mount, WARM_UP, SEED)).finds).toEqual([])
    await say(`after ${WARM_UP} requests`)
    const { requests, statuses, finds } = await fuzzHttp(fixture, mount, most, SEED + 1)
    await say(`after ${requests} more`)
    if (LONG !== undefined) console.log(`${finds.length} finds; answers by status:`, statuses)
    expect(finds.slice(0, 20)).toEqual([])
    // Refusals alone would say little of what comes behind them.
    for (const status of [200, 201, 400, 401, 403, 404, 415, 422]) expect(statuses[status]).toBeGreaterThan(0)
  })

  it('leave the service as it was', async () => {
    expect(({} as Record<string, unknown>).polluted).toBeUndefined()
    expect(await makeKey(fixture)).toEqual(expect.any(String))
  })
})

/** A service that answers drawn requests to change something in a way of its own. */
function faulty(answer: (res: Response) => void): Mount {
  const mount: Mount['mount'] = (app, licensing) => {
    app.use((req, res, next) => {
      if (req.method === 'POST' && req.headers.host === 'licenses.example') answer(res)
      else next()
    })
    PLAIN_MOUNT.mount(app, licensing)
  }
  return { ...PLAIN_MOUNT, mount }
}

describe('a service is found', () => {
  it.each<[string, Mount]>([
    ['that fails', faulty((res) => res.status(500).json({ message: 'Server error', code: 5 }))],
    [
      'that answers with a status that is not documented',
      faulty((res) => res.status(418).json({ message: '', code: 1 })),
    ],
    ['that answers in another shape', faulty((res) => res.status(400).json({ error: 'no' }))],
    ['that hangs up', faulty((res) => res.destroy())],
    ['that writes no HTTP', faulty((res) => res.socket?.end('HTTP/1.1 200\r\n\r\n'))],
  ])('%s', async (_, mount) => {
    const fixture = await startFixture(mount)
    expect((await fuzzHttp(fixture, mount, 100, SEED)).finds.length).toBeGreaterThan(5)
    await fixture.close()
  })
})
