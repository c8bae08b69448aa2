import { memoryStorage, type Storage } from 'keyslot/storage'
import { sqliteStorage } from 'keyslot/storage/sqlite'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { scratchStore } from '../../cli/scratch-folder'
import { ask, makeKey, named, PLAIN_MOUNT, post, storedLicense } from './actions'
import { type Fixture, startFixture } from './harness'

/** The ends of what a date can be, and what lies a product's grace before the latest. */
const ENDS = [
  '+275760-09-13T00:00:00Z',
  '+275760-09-12T23:59:59.999Z',
  '+275760-09-05T23:54:00Z',
  '+275760-09-06',
  '-271821-04-20',
  '-000001-01-01',
] as const
const HUNDRED_YEARS = 100 * 31_536_000

const STORES: readonly [string, () => Storage][] = [
  ['memory', memoryStorage],
  ['SQLite', () => sqliteStorage({ file: scratchStore().file })],
]

describe.each(STORES)('dates at the end of what there is, on %s', (_, makeStorage) => {
  let fixture: Fixture

  beforeAll(async () => {
    fixture = await startFixture(PLAIN_MOUNT, { storage: makeStorage() })
    await fixture.licensing.products.update(fixture.productId, { graceSeconds: 10 * 31_536_000 })
  })
  afterAll(() => fixture.close())

  it.each(ENDS)('%s: every route answers, and stores nothing it refuses', async (expiryDate) => {
    const key = await makeKey(fixture, { expiryDate })
    const floating = await makeKey(fixture, { expiryDate, licenseType: 'floating' })
    const about = named(fixture, key)
    const requests: readonly (readonly [string, string, object])[] = [
      ['PATCH', '/key', { ...about, expiryDate }],
      ['POST', '/key/sign', { ...about, hostId: 'host-1' }],
      ['POST', '/key/sign', { ...about, hostId: 'host-2', ttl: HUNDRED_YEARS }],
      ['POST', '/key/sign', { ...about, hostId: 'host-1' }],
      ['POST', '/key/activate', { ...about, hostId: 'host-3' }],
      ['POST', '/activate-key', { ...about, hostId: 'host-4' }],
      ['POST', '/key/validate', { ...about, hostId: 'host-1' }],
      ['POST', '/key/devices', { ...about }],
      ['POST', '/get-key', { ...about }],
      ['POST', '/key/checkout', named(fixture, floating, { hostId: 'seat' })],
      ['POST', '/key/deactivate', { ...about, hostId: 'host-1' }],
      ['POST', '/key/block', about],
      ['POST', '/key/unblock', about],
      ['POST', '/key/deactivate', about],
      [
        'POST',
        '/public/v1/key/multiple-activate',
        {
          quantity: 1,
          packageIds: [fixture.packageId],
          duration: 9999,
          unit: 'year',
          activateCount: 2,
          endDate: expiryDate,
        },
      ],
      ['PATCH', `/public/v1/key/${key}/reset`, {}],
      ['DELETE', `/public/v1/key/${key}`, {}],
    ]
    for (const [method, path, body] of requests) {
      const before = path.startsWith('/public') ? 0 : (await storedLicense(fixture, key)).activationCount
      const answer = await ask(fixture, method, path, body)
      expect([path, answer.status], JSON.stringify(answer.body)).toEqual([
        path,
        expect.toSatisfy((status) => status < 500),
      ])
      if (answer.status >= 400 && !path.startsWith('/public')) {
        expect((await storedLicense(fixture, key)).activationCount).toBe(before)
      }
    }
    await fixture.licensing.runHousekeeping()
    expect(fixture.logged).toEqual([])
  })

  // Before, the entry ended with the host's last license token: from then on the file was good again.
  it.each(ENDS.slice(0, 4))('%s: a file that is good until then is revoked until then', async (expiryDate) => {
    const key = await makeKey(fixture, { expiryDate })
    const signed = await post(fixture, '/key/sign', named(fixture, key, { hostId: 'host' }))
    expect(signed.status).toBe(200)
    const [, claims = ''] = signed.body.file.licenseToken.split('.')
    const { exp } = JSON.parse(Buffer.from(claims, 'base64url').toString())
    expect(exp).toBe(Math.floor(new Date(expiryDate).getTime() / 1000))
    expect((await post(fixture, '/key/block', named(fixture, key))).status).toBe(200)
    const { id } = await storedLicense(fixture, key)
    const listed = await fixture.store.listRevocations(fixture.clock.now, fixture.productId)
    expect(listed?.filter(({ licenseId }) => licenseId === id)).toMatchObject([{ endsAt: new Date(8.64e15) }])
    const list = await fetch(`${fixture.url}/.well-known/revocations/${fixture.productId}.jws`)
    expect(list.status).toBe(200)
  })

  it('are good in calls in process', async () => {
    const { licenses, accessTokens } = fixture.licensing
    for (const time of [8.64e15, 8.64e15 - 1, -8.64e15]) {
      const expiresAt = new Date(time)
      const { key } = await licenses.create({ productId: fixture.productId, expiresAt })
      expect((await licenses.update(key, { expiresAt })).expiresAt).toEqual(expiresAt)
      const sign = licenses.sign(key, { productId: fixture.productId, hostId: 'host' })
      if (time < 0) await expect(sign).rejects.toMatchObject({ code: 'LICENSE_EXPIRED' })
      else expect((await sign).signedKey).toBe(key)
      await licenses.block(key)
      await licenses.reset(key)
      await licenses.delete(key)
      const made = await accessTokens.create({ name: 'token', kind: 'secret', scopes: [], expiresAt })
      expect(made.accessToken.expiresAt).toEqual(expiresAt)
    }
    const longest = { amount: 9999, unit: 'year' } as const
    const { key } = await licenses.create({
      productId: fixture.productId,
      validFor: longest,
    })
    expect((await licenses.sign(key, { productId: fixture.productId, hostId: 'host' })).signedKey).toBe(key)
  })
})
