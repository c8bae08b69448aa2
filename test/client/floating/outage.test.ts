import { describe, expect, it } from 'vitest'
import type { CheckoutOptions, FloatingSession } from '../../../src/client'
import { NOBODY_ANSWERED } from '../../../src/client/wire/unanswered'
import { composeClocked, startClocked } from '../clocked-kit'
import { temporaryDir } from '../temporary-dir'
import { createSigningKey, HOST_ID, LICENSE_KEY, NOW } from '../token-factory'

const LEASE = 900
const HOUR = 3_600
const inSeconds = (date: Date) => Math.floor(date.getTime() / 1000)

async function setUp(claims: object = {}, options: CheckoutOptions = {}) {
  const clocked = await startClocked()
  const { server, clock } = clocked
  server.signsAnswers = true
  server.claims = claims
  const kit = composeClocked(clocked, { dataDir: await temporaryDir(), hostId: HOST_ID })
  const take = (): Promise<FloatingSession> => kit.floating.checkout(LICENSE_KEY, { checkinOnExit: false, ...options })
  const goOffline = () => {
    server.fault = (response) => response.destroy() !== undefined
  }
  return { server, clock, kit, take, goOffline }
}

describe('a seat while nobody answers', () => {
  it('is good for four hours beyond its lease, and is held again afterwards', async () => {
    const { server, clock, take, goOffline } = await setUp()
    const session = await take()
    const losses: unknown[] = []
    session.on('lost', ({ code, final }) => losses.push([code, final]))
    goOffline()
    await clock.elapse(LEASE + 4 * HOUR - 120)
    expect([session.status, losses]).toEqual(['at-risk', []])
    await clock.elapse(240)
    expect([session.status, losses]).toEqual(['lost', [['SERVER_UNREACHABLE', false]]])
    server.fault = undefined
    await clock.elapse(120)
    expect(session.status).toBe('held')
    await session.checkin()
  })

  it('is as good while somebody on the way answers in place of the server, or opens TLS', async () => {
    const { server, clock, kit, take } = await setUp()
    // A kit that holds a license token of this server takes no unsigned no.
    await kit.activate(LICENSE_KEY)
    const session = await take()
    const troubles: string[] = []
    session.on('trouble', ({ code }) => troubles.push(code))
    server.fault = (response) =>
      response.writeHead(404, { 'keyslot-error': 'LICENSE_NOT_FOUND' }).end('{"message":"No","code":1}') !== undefined
    const lost = new Promise((resolve) => session.on('lost', resolve))
    await Promise.race([lost, clock.elapse(LEASE + HOUR)])
    expect([session.status, [...new Set(troubles)]]).toEqual(['at-risk', ['ANSWER_ALTERED']])
    server.fault = undefined
    await clock.elapse(120)
    expect(session.status).toBe('held')
    await session.checkin()
    expect(NOBODY_ANSWERED).toContain('CONNECTION_INTERCEPTED')
  })

  it('goes by what the app wants, but never past the end of the license', async () => {
    const end = inSeconds(NOW) + LEASE + 600
    for (const [claims, options, seconds] of [
      [{}, { outageGraceSeconds: 0 }, 0],
      [{}, { outageGraceSeconds: HOUR }, HOUR],
      [{ end }, {}, 600],
    ] as const) {
      const { clock, take, goOffline } = await setUp(claims, options)
      const session = await take()
      goOffline()
      await clock.elapse(LEASE + seconds - 60)
      expect(session.status).toBe('at-risk')
      await clock.elapse(180)
      expect(session.status).toBe('lost')
      await session.checkin()
    }
  })

  it('is lost at once where the server says no, and with its lease where the app is refused', async () => {
    const { server, clock, take, goOffline } = await setUp()
    const session = await take()
    goOffline()
    await clock.elapse(LEASE + HOUR)
    expect(session.status).toBe('at-risk')
    server.fault = undefined
    server.blocked = true
    const refusal = new Promise((resolve) => session.on('lost', resolve))
    await Promise.race([refusal, clock.elapse(120)])
    expect(await refusal).toMatchObject({ code: 'LICENSE_BLOCKED', final: true })

    const refused = await setUp()
    const other = await refused.take()
    refused.server.fault = (response) =>
      response.writeHead(401, { 'keyslot-error': 'INVALID_ACCESS_TOKEN' }).end('{"message":"No","code":1}') !==
      undefined
    await refused.clock.elapse(LEASE + 120)
    expect(other.status).toBe('lost')
  })

  it('knows its option', async () => {
    for (const outageGraceSeconds of [-1, 0.5, Number.NaN, '9' as never]) {
      const { take } = await setUp({}, { outageGraceSeconds })
      await expect(take()).rejects.toThrow(TypeError)
    }
  })
})

describe('a lease that the license server has not signed for this request', () => {
  it.each<[string, object]>([
    ['of another request', { nonce: 'AAAAAAAAAAAAAAAAAAAAAA' }],
    ['of another session', { session: 'AAAAAAAAAAAAAAAAAAAAAA' }],
    ['with another end', { exp: inSeconds(NOW) + 10 * HOUR }],
    ['of another issuer', { iss: 'another' }],
  ])('%s is good to its end, and no longer', async (_, claims) => {
    const { clock, take, goOffline } = await setUp(claims)
    const session = await take()
    goOffline()
    await clock.elapse(LEASE + 60)
    expect(session.status).toBe('lost')
  })

  it('by a stranger, or not at all: likewise', async () => {
    for (const sign of ['by a stranger', 'not at all']) {
      const { server, clock, take, goOffline } = await setUp()
      if (sign === 'not at all') server.signsAnswers = false
      else Object.assign(server, { key: createSigningKey() })
      const session = await take()
      goOffline()
      await clock.elapse(LEASE + 60)
      expect(session.status).toBe('lost')
    }
  })
})
