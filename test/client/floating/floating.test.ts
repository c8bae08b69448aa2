// Longer than other files: one session, told from checkout to checkin on one fake clock.

import { writeFile } from 'node:fs/promises'
import path from 'node:path'
import { inspect } from 'node:util'
import { afterEach, describe, expect, it, vi } from 'vitest'
import type {
  CheckoutOptions,
  FloatingSession,
  LicenseErrorCode,
  LicenseKit,
  LicenseKitOptions,
  SessionEvents,
} from '../../../src/client'
import { type MachineProbes, SYSTEM_PROBES } from '../../../src/client/host/machine-id'
import { type Clocked, composeClocked, startClocked } from '../clocked-kit'
import { codeOf } from '../error-code'
import { type FakeLicenseServer, PUBLISHABLE_TOKEN } from '../fake-license-server'
import { refusalHeaders } from '../refusal-headers'
import { temporaryDir } from '../temporary-dir'
import { HOST_ID, LICENSE_KEY, NOW, PRODUCT_ID } from '../token-factory'

const SEAT = `${HOST_ID} `
const LEASE = 900
/** What the kit makes of the lease and the interval when random is one half: 300 s less a tenth. */
const RENEWAL = 270

interface Desk extends Clocked {
  readonly kit: (changes?: Partial<LicenseKitOptions>, probes?: MachineProbes) => LicenseKit
  readonly checkout: (options?: CheckoutOptions) => Promise<FloatingSession>
}

async function setUp(changes: Partial<LicenseKitOptions> = {}): Promise<Desk> {
  const clocked = await startClocked()
  const options = { dataDir: await temporaryDir(), hostId: HOST_ID, tryTimeoutMs: 5_000, ...changes }
  const kit: Desk['kit'] = (more = {}, probes = SYSTEM_PROBES) =>
    composeClocked(clocked, { ...options, ...more }, { probes })
  const only = kit()
  const checkout = async (options: CheckoutOptions = {}) => {
    const session = await only.floating.checkout(LICENSE_KEY, { checkinOnExit: false, ...options })
    return session
  }
  return { ...clocked, kit, checkout }
}

type Told = { [Name in keyof SessionEvents]: [Name, SessionEvents[Name]] }[keyof SessionEvents]

/** Everything a session says, in order. */
function listen(session: FloatingSession): Told[] {
  const told: Told[] = []
  session.on('renewed', (event) => told.push(['renewed', event]))
  session.on('trouble', (event) => told.push(['trouble', event]))
  session.on('lost', (event) => told.push(['lost', event]))
  session.on('recovered', (event) => told.push(['recovered', event]))
  return told
}

const namesOf = (told: readonly Told[]) => told.map(([name]) => name)

function heard<Name extends keyof SessionEvents>(session: FloatingSession, name: Name): Promise<SessionEvents[Name]> {
  return new Promise((resolve) => {
    const stop = session.on(name, (event) => {
      stop()
      resolve(event)
    })
  })
}

const asked = (server: FakeLicenseServer, path: string) =>
  server.requests.filter((request) => request.path.endsWith(path))

const broken: FakeLicenseServer['fault'] = (response) => response.destroy() !== undefined

const warnings: string[] = []
const noteWarning = (warning: Error) => warnings.push(warning.message)

afterEach(() => {
  process.off('warning', noteWarning)
  warnings.length = 0
})

describe('a container whose files cannot be written', () => {
  it('checks out, as a host of its own, where it cannot activate', async () => {
    const desk = await setUp()
    const file = path.join(await temporaryDir(), 'a-file')
    await writeFile(file, '')
    const probes = { ...SYSTEM_PROBES, exists: (at: string) => at === '/.dockerenv' }
    const start = () => desk.kit({ hostId: undefined, dataDir: path.join(file, 'below') }, probes)
    expect(await codeOf(start().activate(LICENSE_KEY))).toBe('HOST_ID_UNAVAILABLE')
    const session = await start().floating.checkout(LICENSE_KEY, { checkinOnExit: false })
    expect(session.status).toBe('held')
    const [seat = ''] = desk.server.sessions.live.keys()
    expect(seat).toMatch(/^process\.[\w-]{36} $/)
    expect(await session.checkin()).toEqual({ outcome: 'freed' })
  })
})

describe('checkout', () => {
  it('takes a seat and says what the server granted', async () => {
    const { checkout, server } = await setUp()
    server.sessions.maxSessions = 5
    const session = await checkout({ userIdentifier: 'ada', deviceTag: "Ada's laptop" })
    expect(session.status).toBe('held')
    expect(session.expiresAt).toEqual(new Date(NOW.getTime() + LEASE * 1000))
    expect(session).toMatchObject({ metadata: { tier: 'studio' }, currentSessions: 1, maxSessions: 5 })
    expect([...server.sessions.live.values()][0]?.sessionId).toBe(session.sessionId)
    expect(server.requests[0]?.body).toEqual({
      productId: PRODUCT_ID,
      licenseKey: LICENSE_KEY,
      hostId: HOST_ID,
      userIdentifier: 'ada',
      deviceTag: "Ada's laptop",
    })
    expect(server.requests[0]?.headers['idempotency-key']).toMatch(/^[\w-]{36}$/)
  })

  it('0 seats stand for unlimited', async () => {
    const { checkout, server } = await setUp()
    server.fault = (response, { path, body }) => {
      if (!path.endsWith('/checkout')) return false
      server.sessions.maxSessions = 1
      const [, granted] = server.sessions.checkout(body, server.now)
      return response.end(JSON.stringify({ ...granted, maxSessions: 0 })) !== undefined
    }
    expect((await checkout()).maxSessions).toBeNull()
  })

  it.each<[string, number, object | string, LicenseErrorCode]>([
    ['no free seat', 403, { message: 'Activation limit reached', code: 2 }, 'ACTIVATION_LIMIT_REACHED'],
    ['a node-locked license', 403, { message: 'Wrong license type', code: 2 }, 'WRONG_LICENSE_TYPE'],
    ['a blocked license', 403, { message: 'License not activated', code: 2 }, 'LICENSE_BLOCKED'],
    ['an unknown key', 404, { message: 'Invalid license key', code: 1 }, 'LICENSE_NOT_FOUND'],
    ['no such storage', 501, { message: 'No sessions', code: 1 }, 'SERVER_UNREACHABLE'],
    ['too many requests', 429, { message: 'Slow down', code: 3 }, 'RATE_LIMITED'],
    ['a captive portal', 200, '<html>', 'SERVER_UNREACHABLE'],
    ['no session in the answer', 200, { code: 0, message: 'License checked out' }, 'SERVER_UNREACHABLE'],
  ])('%s: %s %j is %s', async (_, status, body, code) => {
    const { checkout, server, clock } = await setUp()
    const text = typeof body === 'string' ? body : JSON.stringify(body)
    const headers = typeof body === 'string' ? {} : refusalHeaders(body)
    server.fault = (response) => response.writeHead(status, headers).end(text) !== undefined
    expect(await codeOf(checkout())).toBe(code)
    expect(clock.timers).toBe(0)
  })

  it('knows its options and its events', async () => {
    const { checkout, kit } = await setUp()
    await expect(checkout({ user: 'ada' } as never)).rejects.toThrow('unknown option: user')
    await expect(kit().floating.checkout(7 as never)).rejects.toThrow(TypeError)
    expect(await codeOf(kit().floating.checkout('  '))).toBe('INVALID_REQUEST')
    const session = await checkout()
    expect(() => session.on('error' as never, () => undefined)).toThrow('unknown event: error')
    expect(() => session.on('lost', 'nothing' as never)).toThrow(TypeError)
  })

  it('shows no secret, nonce or key to a logger', async () => {
    const { checkout, server } = await setUp()
    const session = await checkout()
    const [held] = server.sessions.live.values()
    const shown = `${inspect(session, { depth: 9, showHidden: true, getters: true })}${JSON.stringify(session)}`
    for (const secret of [held?.secret, held?.nonce, LICENSE_KEY, PUBLISHABLE_TOKEN])
      expect(shown).not.toContain(secret)
  })
})

describe('a session renews itself', () => {
  it('by heartbeats, each nonce once and each under its own idempotency key', async () => {
    const { checkout, server, clock } = await setUp()
    const session = await checkout()
    const told = listen(session)
    await clock.elapse(10 * RENEWAL + 60)
    expect(asked(server, '/checkout')).toHaveLength(1)
    const beats = asked(server, '/heartbeat')
    expect(beats).toHaveLength(10)
    expect(new Set(beats.map(({ body }) => body.timestamp)).size).toBe(10)
    expect(new Set(beats.map(({ headers }) => headers['idempotency-key'])).size).toBe(10)
    expect(new Set(namesOf(told))).toEqual(new Set(['renewed']))
    expect(session.status).toBe('held')
    expect(server.sessions.live.get(SEAT)?.expiresAt).toEqual(session.expiresAt)
  })

  it('before half of a short lease is over, whatever the interval says', async () => {
    const { checkout, server, clock } = await setUp()
    server.sessions.leaseSeconds = 300
    server.sessions.heartbeatInterval = 86_400
    await checkout()
    await clock.elapse(150)
    expect(asked(server, '/heartbeat')).toHaveLength(1)
  })

  it('over a lost answer: the same intent again, replayed, and no second checkout', async () => {
    let dropped = 0
    const { checkout, server, clock } = await setUp({
      fetch: async (url, init) => {
        const answer = await fetch(url, init)
        if (url.endsWith('/heartbeat') && dropped++ < 3) throw new TypeError('fetch failed')
        return answer
      },
    })
    const session = await checkout()
    const told = listen(session)
    await clock.elapse(RENEWAL + 60)
    expect(namesOf(told)).toEqual(['trouble', 'trouble', 'trouble', 'renewed', 'recovered'])
    const beats = asked(server, '/heartbeat')
    expect(new Set(beats.map(({ headers, body }) => `${headers['idempotency-key']} ${body.signature}`)).size).toBe(1)
    await clock.elapse(RENEWAL)
    expect([session.status, asked(server, '/checkout').length]).toEqual(['held', 1])
  })

  it('through trouble: at-risk, tried again with patience, recovered', async () => {
    const { checkout, server, clock } = await setUp()
    const session = await checkout()
    const told = listen(session)
    server.fault = broken
    await clock.elapse(RENEWAL + 300)
    expect(session.status).toBe('at-risk')
    expect(told[0]).toEqual(['trouble', expect.objectContaining({ code: 'SERVER_UNREACHABLE' })])
    // 1.5, 3, 6, 12, 24 s, then every 45 s.
    expect(told.length).toBeGreaterThanOrEqual(9)
    expect(told.length).toBeLessThanOrEqual(13)
    server.fault = undefined
    await clock.elapse(60)
    expect(namesOf(told).slice(-2)).toEqual(['renewed', 'recovered'])
    expect(session.status).toBe('held')
    expect(asked(server, '/checkout')).toHaveLength(1)
  })

  it.each<[string, number, string, LicenseErrorCode]>([
    ['500', 500, '{"message":"Server error","code":1}', 'SERVER_UNREACHABLE'],
    ['429', 429, '{"message":"Slow down","code":3}', 'RATE_LIMITED'],
    ['a captive portal', 200, '<html>', 'SERVER_UNREACHABLE'],
    ['a 404 of somebody else', 404, '<h1>Not found</h1>', 'SERVER_UNREACHABLE'],
    ['a refused access token', 401, '{"message":"Invalid access token","code":1}', 'INVALID_ACCESS_TOKEN'],
    [
      'missing permissions',
      403,
      '{"message":"Insufficient permissions for this operation","code":1}',
      'INSUFFICIENT_PERMISSIONS',
    ],
    ['a success without a nonce', 200, '{"code":0,"message":"Session renewed"}', 'SERVER_UNREACHABLE'],
    ['an idempotency mismatch', 422, '{"message":"no","code":1}', 'IDEMPOTENCY_MISMATCH'],
  ])('%s says nothing of the seat', async (_, status, text, code) => {
    const { checkout, server, clock } = await setUp()
    const session = await checkout()
    const told = listen(session)
    server.fault = (response) =>
      response.writeHead(status, [401, 403, 422].includes(status) ? { 'keyslot-error': code } : {}).end(text) !==
      undefined
    await clock.elapse(RENEWAL + 1)
    expect(told).toEqual([['trouble', expect.objectContaining({ code })]])
    expect(session.status).toBe('at-risk')
    server.fault = undefined
    await clock.elapse(60)
    expect(session.status).toBe('held')
  })

  it('honours Retry-After', async () => {
    const { checkout, server, clock } = await setUp()
    await checkout()
    server.fault = (response) => response.writeHead(429, { 'retry-after': '120' }).end('{}') !== undefined
    await clock.elapse(RENEWAL + 119)
    expect(asked(server, '/heartbeat')).toHaveLength(1)
    await clock.elapse(2)
    expect(asked(server, '/heartbeat')).toHaveLength(2)
  })
})

describe('the end of a lease', () => {
  it('without contact: at-risk to its last second, then lost, and regained once the server is back', async () => {
    const { checkout, server, clock } = await setUp()
    const session = await checkout()
    const told = listen(session)
    server.fault = broken
    await clock.elapse(LEASE - 2)
    expect(session.status).toBe('at-risk')
    await clock.elapse(2)
    expect(session.status).toBe('lost')
    const lost = told.filter(([name]) => name === 'lost')
    expect(lost).toEqual([['lost', { code: 'SERVER_UNREACHABLE', message: expect.any(String), final: false }]])
    server.fault = undefined
    await clock.elapse(61)
    expect(session.status).toBe('held')
    expect(namesOf(told).slice(-2)).toEqual(['renewed', 'recovered'])
    expect(server.sessions.live.get(SEAT)?.sessionId).toBe(session.sessionId)
  })

  it.each<[string, (server: FakeLicenseServer) => void, LicenseErrorCode]>([
    ['blocked', (server) => Object.assign(server, { blocked: true }), 'LICENSE_BLOCKED'],
    [
      'deleted',
      (server) => {
        server.fault = (response) =>
          response
            .writeHead(404, { 'keyslot-error': 'LICENSE_NOT_FOUND' })
            .end('{"message":"Invalid license key","code":1}') !== undefined
      },
      'LICENSE_NOT_FOUND',
    ],
    [
      'seat given away',
      (server) => {
        server.sessions.live.clear()
        server.sessions.occupy('somebody else', server.now)
      },
      'ACTIVATION_LIMIT_REACHED',
    ],
  ])('refused (%s): lost for good, and nothing more is tried', async (_, change, code) => {
    const { checkout, server, clock } = await setUp()
    const session = await checkout()
    change(server)
    const lost = heard(session, 'lost')
    await Promise.race([lost, clock.elapse(RENEWAL + 1)])
    expect(await lost).toMatchObject({ code, final: true })
    expect(session.status).toBe('lost')
    await new Promise((resolve) => setImmediate(resolve))
    expect(clock.timers).toBe(0)
  })
})

describe('sleep', () => {
  it('of a minute: a heartbeat on waking, due or not', async () => {
    const { checkout, server, clock } = await setUp()
    await checkout()
    clock.sleep(60)
    await clock.elapse(15)
    expect(asked(server, '/heartbeat')).toHaveLength(1)
  })

  it('shorter than the lease: a heartbeat on waking', async () => {
    const { checkout, server, clock } = await setUp()
    const session = await checkout()
    clock.sleep(600)
    expect(session.status).toBe('held')
    await clock.elapse(15)
    expect(asked(server, '/heartbeat')).toHaveLength(1)
    expect([session.status, asked(server, '/checkout').length]).toEqual(['held', 1])
  })

  it('longer than the lease, seat still free: regained on waking', async () => {
    const { checkout, server, clock } = await setUp()
    const session = await checkout()
    const told = listen(session)
    const before = session.sessionId
    clock.sleep(LEASE + 1)
    expect(session.status).toBe('at-risk')
    await clock.elapse(15)
    expect(namesOf(told)).toEqual(['renewed', 'recovered'])
    expect(session.status).toBe('held')
    expect(session.sessionId).not.toBe(before)
    expect([...server.sessions.live.keys()]).toEqual([SEAT])
    await clock.elapse(3 * RENEWAL)
    expect(session.status).toBe('held')
  })

  it('longer than the lease, seat taken: lost', async () => {
    const { checkout, server, clock } = await setUp()
    const session = await checkout()
    clock.sleep(8 * 3600)
    server.sessions.occupy('somebody else', server.now)
    const lost = heard(session, 'lost')
    await Promise.race([lost, clock.elapse(15)])
    expect(await lost).toMatchObject({ code: 'ACTIVATION_LIMIT_REACHED', final: true })
    expect([...server.sessions.live.keys()]).toEqual(['somebody else'])
  })

  it('longer than the lease, and the network is not up yet: at-risk for half a minute, not lost', async () => {
    const { checkout, server, clock } = await setUp()
    const session = await checkout()
    const told = listen(session)
    clock.sleep(8 * 3600)
    server.fault = broken
    await clock.elapse(20)
    expect(session.status).toBe('at-risk')
    server.fault = undefined
    await clock.elapse(25)
    expect(session.status).toBe('held')
    expect(namesOf(told)).not.toContain('lost')
  })

  it('longer than the lease, and no network at all: lost, without being final', async () => {
    const { checkout, server, clock } = await setUp()
    const session = await checkout()
    clock.sleep(8 * 3600)
    server.fault = broken
    await clock.elapse(120)
    expect(session.status).toBe('lost')
    server.fault = undefined
    await clock.elapse(61)
    expect(session.status).toBe('held')
  })
})

describe('clocks', () => {
  it.each([-86_400, 86_400])('a wall clock set by %d s costs one heartbeat at most', async (seconds) => {
    const { checkout, server, clock } = await setUp()
    const session = await checkout()
    const told = listen(session)
    clock.setWall(seconds)
    // The server's clock stays right.
    server.fault = (response) => {
      response.setHeader('date', NOW.toUTCString())
      server.now = NOW
      return false
    }
    await clock.elapse(5 * RENEWAL)
    expect(session.status).toBe('held')
    expect(namesOf(told)).not.toContain('lost')
    expect(asked(server, '/checkout')).toHaveLength(1)
    expect(asked(server, '/heartbeat').length).toBeLessThanOrEqual(6)
  })

  it("an app's clock that throws is trouble, no crash, and over once it works", async () => {
    let throwing = false
    const { checkout, clock } = await setUp({
      now: () => {
        if (throwing) throw new Error('no clock')
        return clock.now()
      },
    })
    const session = await checkout()
    throwing = true
    await clock.elapse(RENEWAL + 1)
    expect(session.status).toBe('at-risk')
    throwing = false
    await clock.elapse(60)
    expect(session.status).toBe('held')
  })
})

describe('one seat, several holders', () => {
  it('two kits of one seat share it: the secret rotates, neither loses it', async () => {
    const { kit, server, clock } = await setUp()
    const first = await kit().floating.checkout(LICENSE_KEY)
    const second = await kit().floating.checkout(LICENSE_KEY)
    clock.restingTimers = 2
    const told = [...listen(first), ...listen(second)]
    await clock.elapse(10 * RENEWAL)
    expect([first.status, second.status]).toEqual(['held', 'held'])
    expect(namesOf(told)).not.toContain('trouble')
    expect(server.sessions.live.size).toBe(1)
    expect(first.sessionId).toBe(second.sessionId)
    // The folder hands on each nonce: nobody checks out a second time.
    expect(asked(server, '/checkout')).toHaveLength(2)
    const outcomes = [(await first.checkin()).outcome, (await second.checkin()).outcome]
    expect(outcomes).toContain('freed')
    expect(server.sessions.live.size).toBe(0)
  })

  it('a seat checked in elsewhere is taken again', async () => {
    const { kit, clock } = await setUp()
    const first = await kit().floating.checkout(LICENSE_KEY)
    const second = await kit().floating.checkout(LICENSE_KEY)
    expect(await second.checkin()).toEqual({ outcome: 'freed' })
    await clock.elapse(RENEWAL + 1)
    expect(first.status).toBe('held')
  })

  it('an attacker with the nonce but not the secret gets nowhere, and the session goes on', async () => {
    const { checkout, server, clock } = await setUp()
    const session = await checkout()
    const held = server.sessions.live.get(SEAT)
    const { sessionId } = session
    const forged = { sessionId, timestamp: held?.nonce, signature: '0'.repeat(64) }
    expect(server.sessions.heartbeat(forged, server.now)[0]).toBe(401)
    await clock.elapse(RENEWAL + 1)
    const [beat] = asked(server, '/heartbeat')
    expect(server.sessions.heartbeat(beat?.body ?? {}, server.now)[0]).toBe(401)
    expect(server.sessions.checkin(beat?.body ?? {}, server.now)[0]).toBe(401)
    expect(session.status).toBe('held')
    expect(asked(server, '/checkout')).toHaveLength(1)
  })
})

describe('listeners', () => {
  it('that throw or reject break neither the session nor each other', async () => {
    process.on('warning', noteWarning)
    const { checkout, server, clock } = await setUp()
    const session = await checkout()
    session.on('trouble', () => {
      throw new Error('listener')
    })
    session.on('trouble', async () => {
      await Promise.resolve()
      throw new Error('async listener')
    })
    const told = listen(session)
    server.fault = broken
    await clock.elapse(RENEWAL + 1)
    server.fault = undefined
    await clock.elapse(30)
    expect(namesOf(told)).toEqual(['trouble', 'renewed', 'recovered'])
    await vi.waitFor(() => expect(warnings).toHaveLength(2))
    expect(warnings[0]).toBe('a listener for "trouble" of a floating session failed')
  })

  it('stop when told, and may check in from within', async () => {
    const { checkout, server, clock } = await setUp()
    const session = await checkout()
    let heardOf = 0
    const stop = session.on('renewed', () => heardOf++)
    await clock.elapse(RENEWAL + 1)
    stop()
    const checkedIn = new Promise((resolve) => {
      session.on('renewed', () => resolve(session.checkin()))
    })
    await Promise.race([checkedIn, clock.elapse(RENEWAL + 1)])
    expect(await checkedIn).toEqual({ outcome: 'freed' })
    expect([heardOf, session.status, server.sessions.live.size]).toEqual([1, 'ended', 0])
  })
})

describe('checkin', () => {
  it('frees the seat, once', async () => {
    const { checkout, server, clock } = await setUp()
    const session = await checkout()
    const [one, two] = await Promise.all([session.checkin(), session.checkin()])
    expect(one).toBe(two)
    expect(one).toEqual({ outcome: 'freed' })
    expect(asked(server, '/checkin')).toHaveLength(1)
    expect([session.status, server.sessions.live.size, clock.timers]).toEqual(['ended', 0, 0])
  })

  it('says whose the seat is where it is not ours', async () => {
    const { checkout, kit, server } = await setUp()
    const first = await checkout()
    await kit().floating.checkout(LICENSE_KEY, { checkinOnExit: false })
    expect(await first.checkin()).toEqual({ outcome: 'taken-over' })
    const third = await checkout()
    server.sessions.live.clear()
    expect(await third.checkin()).toEqual({ outcome: 'already-free' })
  })

  it('after a heartbeat whose answer was lost: that one is repeated first', async () => {
    let dropping = false
    const { checkout, server, clock } = await setUp({
      fetch: async (url, init) => {
        const answer = await fetch(url, init)
        if (dropping) throw new TypeError('fetch failed')
        return answer
      },
    })
    const session = await checkout()
    dropping = true
    await clock.elapse(RENEWAL + 1)
    expect(session.status).toBe('at-risk')
    dropping = false
    expect(await session.checkin()).toEqual({ outcome: 'freed' })
    expect(server.sessions.live.size).toBe(0)
  })

  it('waits for a heartbeat under way, which brings the next nonce', async () => {
    const { checkout, server, clock } = await setUp()
    const session = await checkout()
    const seen = new Promise<() => void>((resolve) => {
      server.fault = (response, { path, body }) => {
        if (!path.endsWith('/heartbeat')) return false
        const [status, answer] = server.sessions.heartbeat(body, server.now)
        resolve(() => response.writeHead(status).end(JSON.stringify(answer)))
        return true
      }
    })
    const elapsing = clock.elapse(RENEWAL + 1)
    const release = await Promise.race([seen, elapsing.then(() => expect.fail('no heartbeat'))])
    const checkin = session.checkin()
    release()
    expect(await checkin).toEqual({ outcome: 'freed' })
    expect(asked(server, '/heartbeat')).toHaveLength(1)
    expect(server.sessions.live.size).toBe(0)
  })

  it.each<[string, FakeLicenseServer['fault']]>([
    ['a black hole', () => true],
    ['a server that is gone', broken],
    ['a captive portal', (response) => response.end('<html>') !== undefined],
  ])('%s: over within the time allowed, never throws', async (_, fault) => {
    const { kit, server } = await setUp()
    const session = await kit({ deactivateTimeoutMs: 600, tryTimeoutMs: 5_000 }).floating.checkout(LICENSE_KEY)
    server.fault = fault
    const startedAt = performance.now()
    expect(await session.checkin()).toEqual({ outcome: 'unanswered' })
    expect(performance.now() - startedAt).toBeLessThan(4_500)
    expect(session.status).toBe('ended')
  })
})
