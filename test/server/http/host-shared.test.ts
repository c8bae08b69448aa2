import { afterEach, beforeEach, expect, it } from 'vitest'
import { behind, makeKey, named } from './actions'
import { type Fixture, startFixture } from './harness'
import { createHostKey, type HostKey, sendAsApp } from './host-key'

const DAY_MS = 86_400_000

let fixture: Fixture
beforeEach(async () => {
  fixture = await startFixture(behind(true))
})
afterEach(() => fixture.close())

it('keys of one host that renew from different networks are told of, without an address', async () => {
  const licenseKey = await makeKey(fixture, { expiryDate: null })
  const [ada, bob] = [createHostKey(), createHostKey()]
  const told: unknown[] = []
  fixture.licensing.on('license.host-shared', ({ data }) => told.push(data))
  const send = (path: string, key: HostKey, from: string) =>
    sendAsApp(fixture, path, named(fixture, licenseKey, { hostId: 'host' }), key, {
      headers: { 'X-Forwarded-For': from },
    })
  for (const key of [ada, bob]) expect((await send('/key/activate', key, '203.0.113.7')).status).toBe(200)
  for (let day = 1; day <= 3; day += 1) {
    fixture.clock.now = new Date(fixture.clock.now.getTime() + DAY_MS)
    expect((await send('/key/validate', ada, '203.0.113.7')).body.valid).toBe(true)
    expect((await send('/key/validate', bob, '198.51.100.4')).body.valid).toBe(true)
  }
  expect(told).toEqual([{ productId: fixture.productId, hostId: 'host' }])
})
