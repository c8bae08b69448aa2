import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { HOSTILE_JSON } from '../../hostile-json'
import { STORAGES } from '../api/storages'
import { PLAIN_MOUNT } from './actions'
import { type Fixture, startFixture } from './harness'
import { ALL_ROUTES, AUTHENTICATED_ROUTES, sendRoute } from './requests'
import { makeSubject, type Subject } from './subject'

const NAMES = ['__proto__', 'constructor', 'toString', 'hasOwnProperty', 'length', 'then']

/** A compact JWS whose header and claims are this. */
function jws(header: string, claims: string): string {
  return [header, claims, 'signature'].map((part) => Buffer.from(part).toString('base64url')).join('.')
}

const SMALL_JSON = HOSTILE_JSON.filter((text) => text.length < 1000)
const HEADERS: Readonly<Record<string, readonly string[]>> = {
  Authorization: [...NAMES, ...NAMES.map((name) => `Bearer ${name}`), 'Bearer', 'Bearer at_', 'Basic Og==', ', ,'],
  'X-API-Key': [...NAMES, ', ,', 'at_'],
  'Idempotency-Key': [...NAMES, '"', '""', '"\\"', '\u00ff', 'x'.repeat(300)],
  'Content-Type': [...NAMES, ';', 'application/json; charset=__proto__', 'application/json; charset="', '*/*'],
  'Content-Encoding': [...NAMES, 'gzip', 'deflate', 'br', 'gzip, gzip'],
  'If-None-Match': [...NAMES, '*', 'W/', '"'],
  'Accept-Encoding': [...NAMES, 'gzip;q=x', ';;,,;'],
  'X-Forwarded-For': [...NAMES, '::1%x', ', ,', '999.1.1.1'],
  DPoP: [
    ...NAMES,
    '..',
    'a.b.c',
    ...SMALL_JSON.flatMap((value) => [
      jws(value, '{}'),
      jws(`{"alg":"EdDSA","typ":"dpop+jwt","jwk":${value}}`, '{}'),
      jws(`{"alg":${value}}`, value),
      jws(`{"alg":"EdDSA","crit":${value},"jwk":{"kty":"OKP","crv":"Ed25519","x":${value}}}`, value),
    ]),
  ],
}

const SEGMENTS = [
  ...NAMES,
  ...['%00', 'a%00b', '%ff', '%', '%ED%A0%80', '%F0%9F%92%A9', '..%2f..', '%2e%2e', '%20', '%0d%0a', "'--", '{key}'],
  'x'.repeat(4000),
]

describe.each(Object.keys(STORAGES))('paths that name nothing there can be, on %s', (name) => {
  let fixture: Fixture
  let drop: (() => Promise<void>) | undefined
  beforeAll(async () => {
    const made = await STORAGES[name]?.()
    if (made === undefined) throw new Error(`there is no storage ${name}`)
    drop = made.drop
    fixture = await startFixture(PLAIN_MOUNT, { storage: made.storage })
  })
  afterAll(async () => {
    await fixture.close()
    await drop?.()
  })

  it.each(ALL_ROUTES.filter(({ route }) => route.path.includes('{')))('are no failure of $title', async ({ route }) => {
    for (const segment of SEGMENTS) {
      const path = route.path.replace(/\{\w+\}/, segment)
      const headers = { 'X-API-Key': fixture.secret, 'Content-Type': 'application/json' }
      const body = route.input === 'body' ? { body: '{"status":0}' } : {}
      const { status } = await fetch(fixture.url + path, { method: route.method, headers, ...body })
      expect([400, 403, 404, 422], `${path.slice(0, 100)}: ${status}`).toContain(status)
    }
    expect(fixture.logged).toEqual([])
  })
})

describe('headers that are nothing like what is asked for', () => {
  let fixture: Fixture
  let subject: Subject
  beforeAll(async () => {
    fixture = await startFixture(PLAIN_MOUNT)
    subject = await makeSubject(fixture)
  })
  afterAll(() => fixture.close())

  it.each(Object.entries(HEADERS))('are no failure in %s', async (header, values) => {
    const routes = AUTHENTICATED_ROUTES.filter(
      ({ name, route }) => name !== 'authtoolDelete' && (header !== 'DPoP' || route.proves),
    )
    for (const route of routes) {
      const requests = values.map((value) => ({ token: fixture.secret, headers: { [header]: value } }))
      const answers = await Promise.all(requests.map((request) => sendRoute(fixture, route, subject, request)))
      for (const [index, { status }] of answers.entries())
        expect(status, `${route.title} ${header}: ${values[index]?.slice(0, 80)}`).toBeLessThan(500)
    }
    expect(fixture.logged).toEqual([])
  })
})
