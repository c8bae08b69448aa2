import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { HOSTILE_JSON, PROPERTY_NAMES as NAMES } from '../../hostile-json'
import { PLAIN_MOUNT } from './actions'
import { type Fixture, startFixture } from './harness'
import { AUTHENTICATED_ROUTES, sendRoute } from './requests'
import { makeSubject, type Subject } from './subject'

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
