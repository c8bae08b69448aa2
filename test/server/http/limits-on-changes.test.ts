import { describe, expect, it } from 'vitest'
import { named } from './actions'
import { A, B, fixture, from, newKey, start, statuses, validate } from './limited-service'

const ALL = { limit: 1000 }
const post = (address: string, path: string, body: object, headers: Record<string, string> = {}) =>
  from(address, 'POST', path, { token: fixture.publishable, body, headers })
const activate = (address: string, key: string, hostId: string, headers = {}) =>
  post(address, '/key/activate', named(fixture, key, { hostId }), headers)
const retried = (index: number) => ({ 'Idempotency-Key': `try ${index}` })
const eventCount = async () => (await fixture.licensing.events.list({}, ALL)).total
const records = async () => {
  const { idempotencyRecords } = await fixture.store.purgeExpired(new Date(8e15), 100_000)
  return idempotencyRecords
}

describe('what apps of one address have us keep', () => {
  it('is bounded, however many hosts they make up', async () => {
    await start({ changesPerAddress: 5 })
    const key = await newKey()
    const before = await eventCount()
    expect(await statuses(4, (index) => activate(A, key, `made-up-${index}`))).toEqual([200, 200, 200, 200])
    expect((await post(A, '/key/deactivate', named(fixture, key, { hostId: 'made-up-0' }))).status).toBe(200)
    for (let index = 4; index < 40; index++) {
      const refused = await activate(A, key, `made-up-${index}`, retried(index))
      expect(refused.status).toBe(429)
      expect(Number(refused.headers.get('retry-after'))).toBeLessThanOrEqual(3600)
    }
    expect((await eventCount()) - before).toBe(5)
    expect(await records()).toBe(0)
  })

  it('bounds the answers for retries too, where nothing else is kept', async () => {
    await start({ changesPerAddress: 5 })
    const key = await newKey()
    const again = (index: number) => activate(A, key, 'host', retried(index))
    expect(await statuses(30, again)).toEqual(Array(30).fill(200))
    expect(await records()).toBe(5)
  })

  it('leaves those who have their slot alone, the vendor, and other addresses', async () => {
    await start({ changesPerAddress: 2 })
    const key = await newKey()
    expect(await statuses(3, (index) => activate(A, key, `host-${index}`))).toEqual([200, 200, 429])
    expect((await activate(A, key, 'host-0')).status).toBe(200)
    expect((await validate(A, key)).status).toBe(200)
    expect((await activate(B, key, 'host-3')).status).toBe(200)
    const body = named(fixture, key, { hostId: 'by the vendor' })
    expect((await from(A, 'POST', '/key/activate', { token: fixture.secret, body })).status).toBe(200)
  })
})

describe('what apps have us keep of one license', () => {
  it('is bounded, from however many addresses', async () => {
    await start({ changesPerLicenseKey: 3 })
    const [key, other] = [await newKey(), await newKey()]
    const anew = (index: number) => activate(`198.51.100.${index}`, key, `host-${index}`)
    expect(await statuses(5, anew)).toEqual([200, 200, 200, 429, 429])
    expect((await activate(A, key, 'host-0')).status).toBe(200)
    expect((await activate(A, other, 'host-0')).status).toBe(200)
  })
})

describe('trials that begin', () => {
  const tryOut = (address: string, hostId: string) =>
    post(address, '/key/trial', { productId: fixture.productId, hostId })
  const offerTrials = () => fixture.licensing.products.update(fixture.productId, { trialSeconds: 86_400 })

  it('are limited per address, while those that have begun go on', async () => {
    await start({ trialsPerAddress: 3 })
    await offerTrials()
    expect(await statuses(5, (index) => tryOut(A, `made-up-${index}`))).toEqual([200, 200, 200, 429, 429])
    expect((await tryOut(A, 'made-up-0')).status).toBe(200)
    expect((await tryOut(B, 'made-up-5')).status).toBe(200)
    const refused = await tryOut(A, 'made-up-6')
    expect(Number(refused.headers.get('retry-after'))).toBeGreaterThan(3600)
    expect((await activate(A, await newKey(), 'paid')).status).toBe(200)
  })

  it('are limited per product, from however many addresses', async () => {
    await start({ trialsPerProduct: 3 })
    await offerTrials()
    const anew = (index: number) => tryOut(`198.51.100.${index}`, `made-up-${index}`)
    expect(await statuses(4, anew)).toEqual([200, 200, 200, 429])
  })
})
