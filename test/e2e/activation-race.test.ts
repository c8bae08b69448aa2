import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { beforeAll, describe, expect, it } from 'vitest'
import { type RunningServer, type ServeLine, serve, startListening } from '../cli/keyslot-process'
import { scratchFolder, scratchStore } from '../cli/scratch-folder'
import { countStatuses, createKey, post, readKeyUse } from './wire'

const PROCESSES = 4
const LIMIT = 10
const HOSTS = 500

/** Claims a slot for every host at once, spread over the servers. */
function race<Line>(lines: readonly Line[], claims: number, claim: (line: Line, index: number) => Promise<Answer>) {
  const turns = Array.from({ length: claims }, (_, index) => index)
  return Promise.all(turns.map((index) => claim(lines[index % lines.length] as Line, index)))
}

interface Answer {
  readonly status: number
  readonly body?: unknown
}

function hostName(index: number): string {
  return `host-${String(index).padStart(3, '0')}`
}

describe(`${PROCESSES} server processes on one SQLite file`, () => {
  let servers: readonly RunningServer[]
  let lines: readonly ServeLine[]
  let first: ServeLine

  beforeAll(async () => {
    const store = scratchStore()
    servers = await Promise.all(Array.from({ length: PROCESSES }, () => serve(...store.args, '--no-rate-limit')))
    lines = servers.map(({ line }) => line)
    first = lines[0] as ServeLine
    return async () => {
      expect(await Promise.all(servers.map((server) => server.stop()))).toEqual(servers.map(() => 0))
    }
  })

  it(`let exactly ${LIMIT} of ${HOSTS} hosts in, and refuse the others in one wording`, async () => {
    const licenseKey = await createKey(first, LIMIT)
    const answers = await race(lines, HOSTS, (line, index) =>
      post(line, '/key/activate', { licenseKey, hostId: hostName(index) }),
    )

    expect(countStatuses(answers)).toEqual({ 200: LIMIT, 403: HOSTS - LIMIT })
    for (const { status, body } of answers) {
      expect(body).toEqual(
        status === 200
          ? expect.objectContaining({ code: 0, message: 'License valid' })
          : { message: 'Activation limit reached', code: 2 },
      )
    }
    const winners = answers.flatMap(({ status }, index) => (status === 200 ? [hostName(index)] : []))
    for (const line of lines) {
      const { activations, hostIds } = await readKeyUse(line, licenseKey)
      expect(activations).toBe(LIMIT)
      expect([...hostIds].sort()).toEqual(winners)
    }
  })

  it('give one host one slot, however often it asks at once', async () => {
    const licenseKey = await createKey(first, 1)
    const answers = await race(lines, 200, (line) => post(line, '/key/activate', { licenseKey, hostId: 'host' }))
    expect(countStatuses(answers)).toEqual({ 200: 200 })
    expect(await readKeyUse(first, licenseKey)).toEqual({ activations: 1, hostIds: ['host'] })
  })

  it('let a deactivated host back in, and free its slot once, whichever process is asked', async () => {
    const licenseKey = await createKey(first, 1)
    const [one, two, three] = lines as readonly [ServeLine, ServeLine, ServeLine]
    const slot = { licenseKey, hostId: 'host' }
    expect((await post(one, '/key/activate', slot)).status).toBe(200)
    const releases = await race(lines, 40, (line) => post(line, '/key/deactivate', slot))
    expect(countStatuses(releases)).toEqual({ 200: 1, 404: 39 })
    expect((await readKeyUse(two, licenseKey)).activations).toBe(0)
    expect((await post(two, '/key/activate', slot)).status).toBe(200)
    expect((await post(three, '/key/activate', { licenseKey, hostId: 'other' })).status).toBe(403)
    expect(await readKeyUse(three, licenseKey)).toEqual({ activations: 1, hostIds: ['host'] })
  })
})

describe('the control: count, then insert', () => {
  it('lets too many in, in this very race', async () => {
    const program = fileURLToPath(new URL('naive-server.ts', import.meta.url))
    const args = [join(scratchFolder(), 'naive.db'), String(LIMIT)]
    const servers = await Promise.all(
      Array.from({ length: PROCESSES }, () => startListening<{ readonly url: string }>(program, args)),
    )
    const lines = servers.map(({ line }) => line)
    const answers = await race(lines, HOSTS, ({ url }, index) =>
      fetch(url, { method: 'POST', body: JSON.stringify({ hostId: hostName(index) }) }),
    )
    expect(countStatuses(answers)[200]).toBeGreaterThan(LIMIT)
    expect(await Promise.all(servers.map((server) => server.stop()))).toEqual(servers.map(() => 0))
  })
})
