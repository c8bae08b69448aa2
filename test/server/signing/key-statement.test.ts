import { compactVerify, decodeJwt, decodeProtectedHeader, importJWK, jwtVerify } from 'jose'
import {
  createKeyring,
  isLicenseError,
  type Keyring,
  type LicensingOptions,
  revokeKey,
  rotateKeyring,
  type SigningKey,
} from 'keyslot/server'
import { memoryStorage } from 'keyslot/storage'
import { describe, expect, it } from 'vitest'
import { parseKeyring, serializeKeyring } from '../../../src/server/signing/keyring'
import { expectAnswer, makeKey, named, PLAIN_MOUNT, post } from '../http/actions'
import { bodyValidator, fetchDocument } from '../http/documented'
import { type Fixture, send, startFixture } from '../http/harness'

const at = (day: number) => new Date(Date.UTC(2026, 0, day))
const one = createKeyring(at(1))
const two = rotateKeyring(one, at(2))
const three = rotateKeyring(two, at(3))
const leaked = revokeKey(three, one.current.kid, at(4))

async function withFixture<T>(options: Partial<LicensingOptions>, work: (fixture: Fixture) => Promise<T>): Promise<T> {
  const fixture = await startFixture(PLAIN_MOUNT, options)
  return await work(fixture).finally(() => fixture.close())
}

interface Published {
  readonly keys: readonly { readonly kid: string }[]
  readonly statements?: readonly string[]
}

function publishedBy(keyring: Keyring): Promise<Published> {
  return withFixture({ keyring }, async ({ url }) => (await send(url, 'GET', '/.well-known/jwks.json')).body)
}

/** As somebody else would verify it, by jose alone. */
async function verifyBy(key: SigningKey, statements: readonly string[] = []) {
  const own = statements.filter((statement) => decodeProtectedHeader(statement).kid === key.kid)
  expect(own).toHaveLength(1)
  const { kty, crv, x } = key.publicJwk
  const options = { issuer: 'keyslot', typ: 'keyslot-keys+jwt', algorithms: ['EdDSA'] }
  const { payload, protectedHeader } = await jwtVerify(own[0] ?? '', await importJWK({ kty, crv, x }, 'EdDSA'), options)
  expect(protectedHeader).toEqual({ alg: 'EdDSA', kid: key.kid, typ: 'keyslot-keys+jwt' })
  return payload
}

const bare = ({ publicJwk: { kty, crv, x } }: SigningKey) => ({ kty, crv, x })

describe('the statements of the key set', () => {
  it('are absent while there is nothing to say', async () => {
    expect(await publishedBy(one)).not.toHaveProperty('statements')
  })

  it('say the same once by each key, as another library verifies', async () => {
    const { statements } = await publishedBy(three)
    expect(statements).toHaveLength(3)
    for (const key of [one.current, two.current, three.current]) {
      expect(await verifyBy(key, statements)).toEqual({
        iss: 'keyslot',
        iat: at(3).getTime() / 1000,
        version: at(3).getTime(),
        keys: [three.current, two.current, one.current].map(bare),
        revoked: [],
      })
    }
  })

  it('name a revoked key, which has the last word of its own and is in the key set no more', async () => {
    const { keys, statements } = await publishedBy(leaked)
    expect(keys.map(({ kid }) => kid)).toEqual([three.current.kid, two.current.kid])
    for (const key of [three.current, two.current, one.current]) {
      expect(await verifyBy(key, statements)).toEqual({
        iss: 'keyslot',
        iat: at(4).getTime() / 1000,
        version: at(4).getTime(),
        keys: [three.current, two.current].map(bare),
        revoked: [one.current.kid],
      })
    }
  })

  it('are the same text on every instance with the same keyring, at any time', async () => {
    const copy = parseKeyring(serializeKeyring(leaked), 'a copy')
    const clock = { now: () => at(300) }
    const [here, there] = [
      await publishedBy(leaked),
      await withFixture({ keyring: copy, ...clock }, async ({ licensing }) => licensing.jwks),
    ]
    expect(there).toEqual(here)
  })

  it('carry the issuer of the option', async () => {
    await withFixture({ keyring: two, issuer: 'acme' }, async ({ licensing }) => {
      for (const statement of licensing.jwks.statements ?? []) expect(decodeJwt(statement).iss).toBe('acme')
    })
  })

  it('hold no private part, and fit what the API description says', async () => {
    await withFixture({ keyring: leaked }, async (fixture) => {
      const { body } = await send(fixture.url, 'GET', '/.well-known/jwks.json')
      const payloads = body.statements.map((statement: string) => decodeJwt(statement))
      expect(JSON.stringify([body, payloads])).not.toContain('"d"')
      const check = bodyValidator(await fetchDocument(fixture))
      expect(check(['components', 'schemas', 'JwkSet'], body)).toBe('')
      for (const payload of payloads) expect(check(['components', 'schemas', 'KeyStatementClaims'], payload)).toBe('')
    })
  })

  it('stay small enough to carry, however often a keyring is rotated', async () => {
    let keyring = one
    for (let day = 2; day <= 60; day++) keyring = rotateKeyring(keyring, at(day))
    keyring = revokeKey(keyring, keyring.retired[0]?.kid ?? '', at(61))
    const { keys, statements = [] } = await publishedBy(keyring)
    expect(keys).toHaveLength(59)
    expect(statements).toHaveLength(24)
    expect(JSON.stringify(statements).length).toBeLessThan(80_000)
    const stolen = keyring.revoked[0] ?? expect.fail('revoked')
    expect((await verifyBy(stolen, statements)).revoked).toEqual([stolen.kid])
  })

  it('go with license files too', async () => {
    const storage = memoryStorage()
    await withFixture({ keyring: two, storage }, async (fixture) => {
      const key = await makeKey(fixture)
      const answer = await post(fixture, '/key/sign', named(fixture, key, { hostId: 'host' }))
      const { statements } = fixture.licensing.jwks
      expectAnswer(answer, 200, {
        code: 0,
        file: expect.objectContaining({ keyId: two.current.kid, keyStatements: statements }),
      })
      expect(statements).toHaveLength(2)
      const check = bodyValidator(await fetchDocument(fixture))
      expect(check(['components', 'schemas', 'LicenseFile'], answer.body.file)).toBe('')
    })
  })
})

describe('a revoked key', () => {
  it('signs nothing any more, not even the repetition of what it has signed', async () => {
    const storage = memoryStorage()
    const headers = { 'Idempotency-Key': 'one' }
    await withFixture({ keyring: one, storage }, async (first) => {
      const key = await makeKey(first)
      const body = named(first, key, { hostId: 'host' })
      const activate = (fixture: Fixture) => post(fixture, '/key/activate', body, { headers })
      const signerOf = (answer: { body: { licenseToken: string } }) =>
        decodeProtectedHeader(answer.body.licenseToken).kid
      expect(signerOf(await activate(first))).toBe(one.current.kid)
      // The same store and the same token, served with another keyring.
      const served = async (keyring: Keyring) =>
        await withFixture({ keyring, storage: { ...storage, close: async () => undefined } }, (fixture) =>
          activate({ ...fixture, secret: first.secret }),
        )
      expect(signerOf(await served(two))).toBe(one.current.kid)
      expect(signerOf(await served(leaked))).toBe(three.current.kid)
    })
  })

  it('still counts as known to the store it was used with last', async () => {
    const storage = memoryStorage()
    const open = (keyring: Keyring) =>
      withFixture(
        { keyring, storage: { ...storage, close: async () => undefined } },
        async ({ licensing }) => licensing.jwks,
      )
    await open(one)
    expect((await open(revokeKey(two, one.current.kid, at(3)))).keys).toHaveLength(1)
    const stranger = await open(createKeyring(at(1))).catch((error: unknown) => error)
    expect(isLicenseError(stranger, 'KEYRING_MISMATCH')).toBe(true)
  })
})

describe('a keyring', () => {
  it('reads what was written before keys could be revoked, and writes that as before', () => {
    const { revokedAt, ...before } = JSON.parse(serializeKeyring(two)).keys[1]
    expect(revokedAt).toBeUndefined()
    expect(Object.keys(before)).toEqual(['createdAt', 'retiredAt', 'privateKey'])
    expect(parseKeyring(serializeKeyring(two), 'a file')).toMatchObject({ retired: [{ revokedAt: null }], revoked: [] })
  })

  it('keeps what is revoked, through serializing and rotating', () => {
    const again = rotateKeyring(parseKeyring(serializeKeyring(leaked), 'a file'), at(5))
    expect(again.revoked.map(({ kid, revokedAt }) => [kid, revokedAt])).toEqual([[one.current.kid, at(4)]])
    expect(again.retired.map(({ kid }) => kid)).toEqual([three.current.kid, two.current.kid])
  })

  it('changes forward only, also where the clock was put back: apps refuse what seems older', async () => {
    const back = revokeKey(rotateKeyring(three, at(1)), three.current.kid, at(1))
    const [statement = ''] = (await publishedBy(back)).statements ?? []
    expect(decodeJwt(statement).version).toBe(at(3).getTime() + 2)
    await compactVerify(statement, await importJWK({ ...bare(back.current) }, 'EdDSA'))
  })

  it('revokes no key twice, no current one and none it does not hold', () => {
    expect(revokeKey(leaked, one.current.kid, at(9))).toBe(leaked)
    for (const [kid, said] of [
      [three.current.kid, /rotate the keyring first/],
      ['nobody', /holds no key nobody/],
    ] as const) {
      try {
        revokeKey(three, kid, at(9))
        expect.fail('should have thrown')
      } catch (error) {
        expect(isLicenseError(error, 'INVALID_REQUEST') && error.detail).toEqual({ field: 'kid' })
        expect(String(error)).toMatch(said)
      }
    }
  })

  it('whose current key is revoked is none', () => {
    const stored = JSON.parse(serializeKeyring(two))
    stored.keys[0].revokedAt = at(3).toISOString()
    expect(() => parseKeyring(JSON.stringify(stored), 'a file')).toThrow('the current key in a file is revoked')
  })
})
