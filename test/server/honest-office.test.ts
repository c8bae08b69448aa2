import { SCOPES } from 'keyslot/server'
import { afterEach, describe, expect, it } from 'vitest'
import { STORAGES } from './api/storages'
import { behind } from './http/actions'
import { type Fixture, send, startFixture, type WireRequest } from './http/harness'

const OFFICE = '198.51.100.1'

let fixture: Fixture
let drop: (() => Promise<void>) | undefined
afterEach(async () => {
  await fixture.close()
  await drop?.()
})

/** How often each status came, of so many requests, twenty at once. */
async function tally(count: number, ask: (index: number) => Promise<{ readonly status: number }>) {
  const seen: Record<number, number> = {}
  let next = 0
  const work = async () => {
    while (next < count) {
      const { status } = await ask(next++)
      seen[status] = (seen[status] ?? 0) + 1
    }
  }
  await Promise.all(Array.from({ length: 20 }, work))
  return seen
}

describe.each(Object.keys(STORAGES))('an office of 300 behind one address, on %s', (name) => {
  it('works, and so does the vendor’s own backend there, beside a colleague who attacks with all there is in the app', async () => {
    const made = await STORAGES[name]?.()
    if (made === undefined) throw new Error(`there is no storage ${name}`)
    drop = made.drop
    // Two fleets: each app has a publishable token of its own.
    fixture = await startFixture(behind(1), { storage: made.storage, rateLimits: {}, webhooks: { deliver: false } })
    const { licensing, productId } = fixture
    const [{ token: fleet }, { token: backend }] = await Promise.all([
      licensing.accessTokens.create({ name: 'fleet', kind: 'publishable', scopes: [], productIds: [productId] }),
      licensing.accessTokens.create({ name: 'backend', kind: 'secret', scopes: SCOPES }),
    ])
    const keys = await Promise.all(
      Array.from({ length: 10 }, async () => (await licensing.licenses.create({ productId, maxActivations: 30 })).key),
    )
    const from = (path: string, body: object, request: WireRequest = {}) =>
      send(fixture.url, 'POST', path, {
        token: fixture.publishable,
        body: { productId, ...body },
        ...request,
        headers: { 'X-Forwarded-For': OFFICE },
      })
    const person = (index: number) => ({ licenseKey: keys[index % 10], hostId: `desk-${index}` })
    const asked = (path: string, token: string) => (index: number) => from(path, person(index), { token })
    expect(await tally(300, asked('/key/activate', fixture.publishable))).toEqual({ 200: 300 })

    const guess = (index: number) => ({
      licenseKey: `GUESS-${String(index).padStart(5, '0')}-AAAAA-BBBBB`,
      hostId: 'x',
    })
    const attack = await tally(400, (index) => from('/key/validate', guess(index)))
    expect(attack[429]).toBeGreaterThanOrEqual(250)
    expect((await tally(400, () => from('/key/validate', guess(0), { token: 'at_nobody' })))[429]).toBeGreaterThan(0)

    expect(await tally(300, asked('/key/validate', fixture.publishable))).toEqual({ 200: 300 })
    expect(await tally(300, asked('/key/validate', fleet))).toEqual({ 200: 300 })
    expect(await tally(300, asked('/key/activate', fleet))).toEqual({ 200: 300 })
    expect(await tally(300, asked('/key/validate', backend))).toEqual({ 200: 300 })
    expect(await tally(50, () => from('/key', {}, { token: backend }))).toEqual({ 200: 50 })
  })
})
