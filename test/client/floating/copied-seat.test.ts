import { createHmac } from 'node:crypto'
import { cp, readdir, rm } from 'node:fs/promises'
import path from 'node:path'
import { expect, it } from 'vitest'
import type { FloatingSession } from '../../../src/client'
import { composeClocked, startClocked } from '../clocked-kit'
import type { SeenRequest } from '../fake-license-server'
import { FakeSessions } from '../fake-sessions'
import { temporaryDir } from '../temporary-dir'
import { HOST_ID, LICENSE_KEY, NOW } from '../token-factory'

const LEASE = 900

async function setUp() {
  const clocked = await startClocked()
  const { server, clock } = clocked
  const start = (dataDir: string) =>
    composeClocked(clocked, { dataDir, hostId: HOST_ID }).floating.checkout(LICENSE_KEY, { checkinOnExit: false })
  const checkouts = () => server.requests.filter((request) => request.path.endsWith('/checkout')).length
  return { server, clock, start, checkouts, dataDir: await temporaryDir() }
}

function lossesOf(session: FloatingSession): string[] {
  const losses: string[] = []
  session.on('lost', ({ code, final }) => losses.push(`${code} ${final}`))
  return losses
}

it('a copy of a data folder takes the seat over; the other loses it with its lease, and takes none', async () => {
  const { clock, start, checkouts, dataDir } = await setUp()
  const first = await start(dataDir)
  const copy = await temporaryDir()
  await cp(dataDir, copy, { recursive: true })
  const second = await start(copy)
  clock.restingTimers = 2
  const losses = lossesOf(first)
  await clock.elapse(LEASE - 30)
  expect([first.status, second.status]).toEqual(['at-risk', 'held'])
  clock.restingTimers = 1
  await clock.elapse(LEASE)
  expect([first.status, second.status]).toEqual(['lost', 'held'])
  expect(losses).toEqual(['INVALID_SESSION_SIGNATURE true'])
  expect(checkouts()).toBe(2)
  await second.checkin()
})

it('a session that is gone is checked out once more, with the key of the seat', async () => {
  const { server, clock, start, checkouts, dataDir } = await setUp()
  const session = await start(dataDir)
  server.sessions.live.clear()
  await clock.elapse(LEASE / 3)
  expect([session.status, checkouts()]).toEqual(['held', 2])
  const keys = server.requests.filter(({ path: at }) => at.endsWith('/checkout')).map(keyOf)
  expect(new Set(keys).size).toBe(1)
  await session.checkin()
})

it('processes of one folder go on with one seat, and its file goes with the seat', async () => {
  const { clock, start, checkouts, dataDir } = await setUp()
  const sessions = [await start(dataDir), await start(dataDir), await start(dataDir)]
  clock.restingTimers = 3
  await clock.elapse(4 * LEASE)
  expect(sessions.map(({ status }) => status)).toEqual(['held', 'held', 'held'])
  expect(checkouts()).toBe(3)
  const outcomes = []
  for (const session of sessions) outcomes.push((await session.checkin()).outcome)
  expect(outcomes).toContain('freed')
  expect(await readdir(dataDir)).toEqual(['seat-key.json'])
})

it('a damaged or missing file is no news: the process goes on with what it knows', async () => {
  const { clock, start, dataDir } = await setUp()
  const session = await start(dataDir)
  const file = (await readdir(dataDir)).find((name) => name !== 'seat-key.json') ?? expect.fail('no file of the seat')
  await rm(path.join(dataDir, file))
  await clock.elapse(2 * LEASE)
  expect(session.status).toBe('held')
  await session.checkin()
})

it('two careless clients, which check out at every stale nonce, sit on one seat', () => {
  const sessions = new FakeSessions()
  const take = (): Seat => sessions.checkout({ hostId: HOST_ID }, NOW)[1] as Seat
  let [first, second] = [take(), take()]
  let checkouts = 0
  const renew = (seat: Seat): Seat => {
    const [status, body] = sessions.heartbeat(proofOf(seat), NOW)
    if (status === 200) return { ...seat, ...body }
    checkouts++
    return take()
  }
  for (let turn = 0; turn < 10; turn++) {
    first = renew(first)
    second = renew(second)
  }
  expect([checkouts, sessions.live.size]).toEqual([20, 1])
})

interface Seat {
  readonly sessionId: string
  readonly sessionSecret: string
  readonly nextNonce: string
}

function proofOf({ sessionId, sessionSecret, nextNonce }: Seat) {
  const signature = createHmac('sha256', sessionSecret).update(`${sessionId}:${nextNonce}`).digest('hex')
  return { sessionId, timestamp: nextNonce, signature }
}

function keyOf({ headers }: SeenRequest): unknown {
  const [head = ''] = String(headers.dpop).split('.')
  return JSON.parse(Buffer.from(head, 'base64url').toString()).jwk.x
}
