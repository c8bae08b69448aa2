import { SCOPES } from 'keyslot/server'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { named, PLAIN_MOUNT, post } from './actions'
import { type Fixture, START, startFixture } from './harness'
import { MUTATING_ROUTES, type NamedRoute, requestFor, successStatus } from './requests'
import { makeSubject, SUBJECT_HOST, type Subject } from './subject'

const MINUTE_MS = 60_000

/** Everything a vendor can do to what the first request was about. */
const MEANWHILE: readonly [string, (fixture: Fixture, subject: Subject, versionId: string) => Promise<unknown>][] = [
  [
    'the seats are checked out again',
    async (fixture, { floatingKey }) => {
      for (const hostId of [SUBJECT_HOST, `another-${SUBJECT_HOST}`]) {
        await post(fixture, '/key/checkout', named(fixture, floatingKey, { hostId }))
      }
    },
  ],
  [
    'the version has another name, and is inactive',
    ({ licensing: { products } }, { productId }, versionId) =>
      products.updateVersion(productId, versionId, { version: '9.9', active: false }),
  ],
  [
    'the product has other terms',
    ({ licensing: { products } }, { productId }) =>
      products.update(productId, { name: 'Other', offlineLifetimeSeconds: 3600, graceSeconds: 7, trialSeconds: null }),
  ],
  [
    'the customer has another name, and is disabled',
    ({ licensing: { customers } }, { customerId }) =>
      customers.update(customerId, { name: 'Other', email: 'other@example.com', active: false }).catch(gone),
  ],
  [
    'the licenses have other terms',
    ({ licensing: { licenses } }, { licenseKey, floatingKey, usedKey }) =>
      Promise.all(
        [licenseKey, floatingKey, usedKey].map((key) =>
          licenses.update(key, { metadata: { other: true }, versionId: null, maxActivations: 1 }).catch(gone),
        ),
      ),
  ],
  [
    'the licenses are blocked',
    ({ licensing: { licenses } }, { licenseKey, floatingKey, usedKey }) =>
      Promise.all([licenseKey, floatingKey, usedKey].map((key) => licenses.block(key).catch(gone))),
  ],
  [
    'the licenses are deleted',
    ({ licensing: { licenses } }, { licenseKey, floatingKey, usedKey }) =>
      Promise.all([licenseKey, floatingKey, usedKey].map((key) => licenses.delete(key).catch(gone))),
  ],
  [
    'the customer is deleted',
    ({ licensing: { customers } }, { customerId }) => customers.delete(customerId).catch(gone),
  ],
  [
    'the product is inactive',
    ({ licensing: { products } }, { productId }) => products.update(productId, { active: false }),
  ],
  [
    'a day is nearly over',
    async ({ clock }) => {
      clock.now = new Date(START.getTime() + (24 * 60 - 1) * MINUTE_MS)
    },
  ],
  [
    'the clock is set back',
    async ({ clock }) => {
      clock.now = new Date(START.getTime() - 60 * MINUTE_MS)
    },
  ],
]

function gone(): void {
  // What the request itself has deleted cannot change any more.
}

describe('a replay', () => {
  let fixture: Fixture
  let listed: string

  beforeAll(async () => {
    fixture = await startFixture(PLAIN_MOUNT)
    const { accessTokens } = fixture.licensing
    const productIds = [fixture.productId]
    listed = (await accessTokens.create({ name: 'listed', kind: 'secret', scopes: SCOPES, productIds })).token
  })
  afterAll(() => fixture.close())

  async function ask(route: NamedRoute, subject: Subject, token: string, key: string) {
    const { path, body } = requestFor(route, subject)
    const whole = route.name === 'authtoolCreateMultiple' ? { ...body, endDate: '2026-06-15T13:00:00Z' } : body
    const response = await fetch(fixture.url + path, {
      method: route.route.method,
      headers: {
        ...(path.startsWith('/public/') ? { 'X-API-Key': token } : { Authorization: `Bearer ${token}` }),
        'Content-Type': 'application/json',
        'Idempotency-Key': key,
      },
      ...(whole !== undefined && { body: JSON.stringify(whole) }),
    })
    return {
      status: response.status,
      replayed: response.headers.get('Idempotent-Replayed'),
      text: await response.text(),
    }
  }

  async function tiedSubject(): Promise<{ readonly subject: Subject; readonly versionId: string }> {
    fixture.clock.now = START
    const { products, licenses } = fixture.licensing
    await products.update(fixture.productId, { active: true })
    const subject = await makeSubject(fixture)
    const { id: versionId } = await products.createVersion(subject.productId, { version: '1.0' })
    for (const key of [subject.licenseKey, subject.floatingKey, subject.usedKey]) {
      await licenses.update(key, { versionId })
    }
    return { subject, versionId }
  }

  it.each(MUTATING_ROUTES)('of $title is the first answer to the byte, whatever happened since', async (route) => {
    for (const token of [fixture.secret, listed]) {
      const { subject, versionId } = await tiedSubject()
      const key = crypto.randomUUID()
      const first = await ask(route, subject, token, key)
      expect(first).toMatchObject({ status: successStatus(route), replayed: null })
      const differing: object[] = []
      for (const [what, happens] of MEANWHILE) {
        await happens(fixture, subject, versionId)
        const again = await ask(route, subject, token, key)
        if (again.text !== first.text || again.status !== first.status || again.replayed !== 'true') {
          differing.push({ what, again, first })
        }
      }
      expect(differing).toEqual([])
    }
    expect(fixture.logged).toEqual([])
  })
})
