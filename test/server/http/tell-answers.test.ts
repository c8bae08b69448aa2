import { afterEach, expect, it } from 'vitest'
import { makeKey, PLAIN_MOUNT, post } from './actions'
import { type Fixture, send, startFixture } from './harness'

let fixture: Fixture | undefined
afterEach(() => fixture?.close())

it('tells each answer: route, status, code and id, and nothing of who asked for what', async () => {
  const told: object[] = []
  fixture = await startFixture(PLAIN_MOUNT, { onAnswer: (answer) => told.push(answer) })
  const licenseKey = await makeKey(fixture, { maxActivations: 1 })
  const host = { productId: fixture.productId, licenseKey, hostId: 'host-1' }
  await post(fixture, '/key/activate', { ...host, hostId: 'first' })
  await post(fixture, '/key/activate', host, { headers: { 'X-Request-Id': 'r'.repeat(200) } })
  await send(fixture.url, 'GET', `/public/v1/key/${licenseKey}`, { headers: { 'X-API-Key': fixture.secret } })
  await fetch(`${fixture.url}/nowhere`)
  await expect
    .poll(() => told)
    .toEqual([
      expect.objectContaining({ method: 'POST', route: '/key', status: 200, code: null, requestId: null }),
      expect.objectContaining({ route: '/key/activate', status: 200 }),
      {
        method: 'POST',
        route: '/key/activate',
        status: 403,
        code: 'ACTIVATION_LIMIT_REACHED',
        durationMs: expect.any(Number),
        requestId: 'r'.repeat(128),
      },
      expect.objectContaining({ route: '/public/v1/key/{key}', status: 200 }),
    ])
  expect(JSON.stringify(told)).not.toContain(licenseKey)
})

it('answers all the same where the listener throws, now or later, and logs why', async () => {
  const logged: unknown[] = []
  const logger = { warn: () => undefined, error: (...line: unknown[]) => logged.push(line) }
  const failure = new Error('the collector is away')
  fixture = await startFixture(PLAIN_MOUNT, { logger, onAnswer: () => Promise.reject(failure) })
  await makeKey(fixture)
  await expect.poll(() => logged).toEqual([['keyslot: onAnswer failed', failure]])
})

it('is refused where it is no function', async () => {
  await expect(startFixture(PLAIN_MOUNT, { onAnswer: 'log' as never })).rejects.toThrow('onAnswer must be a function')
})
