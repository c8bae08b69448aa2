import { describe, expect, it } from 'vitest'
import { createDesk, type Desk, later } from '../desk'
import { DAY, HOST_ID, LICENSE_KEY } from '../token-factory'

const UNREACHABLE = 'http://127.0.0.1:9/licensing'

async function activated(): Promise<Desk> {
  const desk = await createDesk({ startTimeoutMs: 300 })
  await desk.start().activate(LICENSE_KEY)
  return desk
}

function moveTo({ clock, server }: Desk, days: number): void {
  clock.now = later(days * DAY)
  server.now = clock.now
}

function askedOf({ server }: Desk): number {
  return server.requests.filter(({ path }) => path.endsWith('/validate')).length
}

describe('start', () => {
  it.each([0, 8, 13.9])('asks nobody while the license is good, %s days after its contact', async (days) => {
    const desk = await activated()
    moveTo(desk, days)
    expect(await desk.start().start()).toMatchObject({ status: 'valid' })
    expect(askedOf(desk)).toBe(0)
  })

  it.each([
    [16, 'grace'],
    [30, 'expired'],
  ])('mends after %s days away what a check alone finds to be over', async (days, alone) => {
    const desk = await activated()
    moveTo(desk, days)
    expect(await desk.start().check()).toMatchObject({ status: alone })
    expect(await desk.start().start()).toMatchObject({ status: 'valid', tokenExpiresAt: later((days + 14) * DAY) })
  })

  it('takes a yes after a no', async () => {
    const desk = await activated()
    desk.server.blocked = true
    await desk.start().refresh()
    expect(await desk.start().start()).toMatchObject({ status: 'revoked' })
    desk.server.blocked = false
    expect(await desk.start().start()).toMatchObject({ status: 'valid' })
  })

  it('comes back to a server that did not know this host', async () => {
    const desk = await activated()
    desk.server.deleted = true
    expect(await desk.start().refresh()).toMatchObject({ status: 'valid', refreshDue: true })
    desk.server.deleted = false
    expect(await desk.start().start()).toMatchObject({ status: 'valid', refreshDue: false })
    expect([...desk.server.activeHosts]).toEqual([HOST_ID])
  })

  it('tells of the end where nobody can be asked, and where the server hangs, in time', async () => {
    const desk = await activated()
    moveTo(desk, 30)
    expect(await desk.start({ serverUrl: UNREACHABLE }).start()).toMatchObject({ status: 'expired' })
    desk.server.fault = () => true
    const begun = performance.now()
    expect(await desk.start({ tryTimeoutMs: 2_000 }).start()).toMatchObject({ status: 'expired' })
    expect(performance.now() - begun).toBeLessThan(1_900)
  })

  it('stores an answer that comes after the wait', async () => {
    const desk = await activated()
    moveTo(desk, 30)
    let go = () => {}
    let held = false
    desk.server.fault = (response, { path }) => {
      if (held || !path.endsWith('/validate')) return false
      held = true
      go = () => void response.destroy()
      return true
    }
    const kit = desk.start({ maxTries: 2 })
    expect(await kit.start()).toMatchObject({ status: 'expired' })
    go()
    await expect.poll(async () => (await kit.check()).status).toBe('valid')
  })

  it('has nothing to ask where nothing is activated', async () => {
    const desk = await createDesk()
    expect(await desk.start().start()).toMatchObject({ status: 'not-activated' })
    expect(desk.server.requests).toEqual([])
  })
})

describe('the last moments of a license that ends', () => {
  it('are part of it: its token says whole seconds, and nothing is left to be confirmed', async () => {
    const desk = await createDesk()
    const end = new Date(later(3 * DAY).getTime() + 700)
    const exp = Math.floor(end.getTime() / 1000)
    const license = { entitlements: [], metadata: null, customerName: null, refreshAfter: exp - DAY, graceSeconds: DAY }
    desk.server.claims = { exp, license: { ...license, expiresAt: end.toISOString() } }
    await desk.start().activate(LICENSE_KEY)
    const kit = desk.start({ serverUrl: UNREACHABLE })
    desk.clock.now = new Date(end.getTime() - 500)
    expect(await kit.check()).toMatchObject({ status: 'valid', reason: 'OK' })
    desk.clock.now = end
    expect(await kit.check()).toMatchObject({ status: 'expired', reason: 'LICENSE_EXPIRED' })
  })
})
