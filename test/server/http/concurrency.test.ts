import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import {
  activateHost,
  expectRefusal,
  makeAuthtoolKey,
  makeKey,
  named,
  PLAIN_MOUNT,
  post,
  storedLicense,
} from './actions'
import { type Fixture, send, startFixture, type WireAnswer } from './harness'

describe('requests at once', () => {
  let fixture: Fixture

  beforeAll(async () => {
    fixture = await startFixture(PLAIN_MOUNT)
  })
  afterAll(() => fixture.close())

  const atOnce = (count: number, request: (index: number) => Promise<WireAnswer>) =>
    Promise.all(Array.from({ length: count }, (_, index) => request(index)))
  const tally = (answers: readonly WireAnswer[]) => {
    const counts: Record<number, number> = {}
    for (const { status } of answers) counts[status] = (counts[status] ?? 0) + 1
    return counts
  }

  it('500 hosts for 10 slots: exactly 10 win, the others are told why', async () => {
    const key = await makeKey(fixture, { maxActivations: 10 })
    const answers = await atOnce(500, (index) => activateHost(fixture, key, `host-${index}`))
    expect(tally(answers)).toEqual({ 200: 10, 403: 490 })
    for (const answer of answers.filter(({ status }) => status === 403)) {
      expectRefusal(answer, 403, 2, 'Activation limit reached')
    }
    const { license, activations } = await fixture.licensing.licenses.get(key)
    expect({ counter: license.activationCount, rows: activations.length }).toEqual({ counter: 10, rows: 10 })
  })

  it('one host 200 times: one slot, and one jti', async () => {
    const key = await makeKey(fixture, { maxActivations: 1 })
    const answers = await atOnce(200, () => activateHost(fixture, key, 'same'))
    expect(tally(answers)).toEqual({ 200: 200 })
    expect(new Set(answers.map(({ body }) => body.licenseToken)).size).toBe(1)
    expect((await storedLicense(fixture, key)).activationCount).toBe(1)
  })

  it('every family at one single-activation key: one winner', async () => {
    const key = await makeAuthtoolKey(fixture)
    const paths = ['/key/activate', '/activate-key']
    const answers = await atOnce(100, (index) =>
      post(fixture, paths[index % 2] ?? '', named(fixture, key, { hostId: `host-${index}` })),
    )
    expect(tally(answers)).toEqual({ 200: 1, 403: 99 })
  })

  it('one slot freed 50 times: once', async () => {
    const key = await makeKey(fixture)
    for (const host of ['one', 'two']) await activateHost(fixture, key, host)
    const answers = await atOnce(50, () => post(fixture, '/key/deactivate', named(fixture, key, { hostId: 'one' })))
    expect(tally(answers)).toEqual({ 200: 1, 404: 49 })
    expect((await storedLicense(fixture, key)).activationCount).toBe(1)
  })

  it('50 resets: each counted, each with a count of its own', async () => {
    const key = await makeKey(fixture)
    const { secret, url } = fixture
    const answers = await atOnce(50, () => send(url, 'PATCH', `/public/v1/key/${key}/reset`, { token: secret }))
    const counts = answers.map(({ body }) => body.resetCount).sort((a, b) => a - b)
    expect(counts).toEqual(Array.from({ length: 50 }, (_, index) => index + 1))
  })

  it('50 new customers of one email: one', async () => {
    const newCustomer = { name: 'Ada', email: 'ada@example.com' }
    const answers = await atOnce(50, () => post(fixture, '/key', { productId: fixture.productId, newCustomer }))
    expect(tally(answers)).toEqual({ 200: 1, 409: 49 })
  })
})
