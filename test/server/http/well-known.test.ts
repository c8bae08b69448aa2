import { createKeyring, rotateKeyring } from 'keyslot/server'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { expectAnswer, PLAIN_MOUNT } from './actions'
import { type FaultyStorage, faultyStorage } from './faulty-storage'
import { type Fixture, MOUNTS, send, startFixture } from './harness'

describe.each(MOUNTS)('open routes, mounted $name', (mount) => {
  let fixture: Fixture
  let faults: FaultyStorage

  beforeAll(async () => {
    faults = faultyStorage()
    fixture = await startFixture(mount, { storage: faults.storage })
  })
  afterAll(() => fixture.close())

  it('GET /.well-known/jwks.json publishes the keys and may be cached for five minutes', async () => {
    const answer = await send(fixture.url, 'GET', '/.well-known/jwks.json')
    expectAnswer(answer, 200, {
      keys: [
        {
          kty: 'OKP',
          crv: 'Ed25519',
          x: expect.stringMatching(/^[\w-]{43}$/),
          kid: expect.stringMatching(/^[\w-]{43}$/),
          alg: 'EdDSA',
          use: 'sig',
        },
      ],
    })
    expect(answer.body).toEqual(fixture.licensing.jwks)
    expect(answer.headers.get('cache-control')).toBe('public, max-age=300')
    expect(answer.headers.get('content-type')).toBe('application/json; charset=utf-8')
  })

  it('GET /healthz tells whether storage answers, and nothing else', async () => {
    expectAnswer(await send(fixture.url, 'GET', '/healthz'), 200, { status: 'ok' })
    for (const fault of [
      async () => {
        throw new Error('connect ECONNREFUSED db.internal:5432')
      },
      () => {
        throw new Error('thrown at once')
      },
    ]) {
      faults.breakPing(fault)
      const answer = await send(fixture.url, 'GET', '/healthz')
      expectAnswer(answer, 503, { status: 'unavailable' })
      expect(Number(answer.headers.get('retry-after'))).toBeGreaterThan(0)
    }
    faults.heal()
    expect((await send(fixture.url, 'GET', '/healthz')).status).toBe(200)
  })

  it('HEAD answers as GET does, without a body', async () => {
    for (const path of ['/healthz', '/.well-known/jwks.json']) {
      const answer = await send(fixture.url, 'HEAD', path)
      expect({ status: answer.status, body: answer.body }).toEqual({ status: 200, body: undefined })
    }
  })
})

describe('after a rotation', () => {
  it('the key set holds the current key first and the retired one still', async () => {
    const first = createKeyring(new Date('2026-01-01'))
    const rotated = rotateKeyring(first, new Date('2026-02-01'))
    const fixture = await startFixture(PLAIN_MOUNT, { keyring: rotated })
    const { body } = await send(fixture.url, 'GET', '/.well-known/jwks.json')
    expect(body.keys.map((key: { kid: string }) => key.kid)).toEqual([rotated.current.kid, first.current.kid])
    expect(JSON.stringify(body)).not.toContain('"d"')
    await fixture.close()
  })
})
