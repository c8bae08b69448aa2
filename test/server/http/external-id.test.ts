import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { named, PLAIN_MOUNT, post } from './actions'
import { type Fixture, startFixture } from './harness'
import { AUTHENTICATED_ROUTES, sendRoute } from './requests'
import { makeSubject, type Subject } from './subject'

const SENTINEL = 'order-4711-of-nobody-else'

let fixture: Fixture
let subject: Subject
beforeAll(async () => {
  fixture = await startFixture(PLAIN_MOUNT, { webhooks: { deliver: false } })
  subject = await makeSubject(fixture)
  for (const key of [subject.licenseKey, subject.floatingKey, subject.usedKey]) {
    await fixture.licensing.licenses.update(key, { externalId: SENTINEL, metadata: { order: 'for the app' } })
  }
})
afterAll(() => fixture.close())

/** The text with what is signed in it beside it, decoded. */
function decoded(text: string): string {
  const parts = text.match(/[\w-]{20,}/g) ?? []
  return [text, ...parts.map((part) => Buffer.from(part, 'base64url').toString('utf8'))].join('\n')
}

describe('the external id of a license', () => {
  it('is in no answer over HTTP, nor in a token in one, whoever asks', async () => {
    const answers: string[] = []
    // What deletes comes last.
    const routes = AUTHENTICATED_ROUTES.toSorted(
      (a, b) => Number(/delete/i.test(a.name)) - Number(/delete/i.test(b.name)),
    )
    for (const route of routes) {
      for (const token of [fixture.publishable, fixture.secret]) {
        const { status, body, headers } = await sendRoute(fixture, route, subject, { token })
        expect(status, route.title).toBeLessThan(500)
        answers.push(decoded(JSON.stringify([body, [...headers]])))
      }
    }
    const text = answers.join('\n')
    expect(text).toContain('for the app')
    expect(text).not.toContain(SENTINEL)
    expect(text).not.toMatch(/external_?id/i)
  })

  it('is in no event, and so in no webhook', async () => {
    const { items } = await fixture.licensing.events.list({}, { limit: 1_000 })
    expect(items.map(({ type }) => type)).toContain('license.updated')
    expect(JSON.stringify(items)).not.toContain(SENTINEL)
  })

  it('cannot be set over HTTP: the field is ignored, as all that the protocol does not know', async () => {
    const { key } = await fixture.licensing.licenses.create({ productId: fixture.productId, externalId: SENTINEL })
    const update = await fetch(`${fixture.url}/key`, {
      method: 'PATCH',
      headers: { Authorization: `Bearer ${fixture.secret}`, 'Content-Type': 'application/json' },
      body: JSON.stringify(named(fixture, key, { externalId: null, maxActivations: 7 })),
    })
    expect(update.status).toBe(200)
    const { license } = await fixture.licensing.licenses.get(key)
    expect(license).toMatchObject({ externalId: SENTINEL, maxActivations: 7 })
    const made = await post(fixture, '/key', { productId: fixture.productId, externalId: SENTINEL })
    expect((await fixture.licensing.licenses.get(made.body.key)).license.externalId).toBeNull()
  })
})
