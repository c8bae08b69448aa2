import { createPublicKey } from 'node:crypto'
import { copyFileSync, existsSync, readFileSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { computeKid, type PublicJwk } from '../../src/protocol'
import { keyslot, keyslotJson, serve } from './keyslot-process'
import { scratchFolder, scratchStore } from './scratch-folder'

interface KeysJson {
  readonly keys: readonly {
    readonly kid: string
    readonly status: string
    readonly revokedAt: string | null
    readonly jwk?: PublicJwk
    readonly pem?: string
  }[]
}

describe('keyslot keys', () => {
  it('shows public keys only, rotates, and a store goes on with the rotated file but not with the one before', async () => {
    const { file, args } = scratchStore()
    const keyring = `${file}.keys.json`
    await keyslotJson('product', 'create', ...args, 'Editor')
    expect(statSync(keyring).mode & 0o777).toBe(0o600)
    const copy = join(scratchFolder(), 'before.json')
    copyFileSync(keyring, copy)

    const before = await keyslotJson<KeysJson>('keys', 'show', '--keys', keyring)
    const [current] = before.keys
    expect(before.keys).toHaveLength(1)
    expect(current).toMatchObject({ status: 'current', retiredAt: null, jwk: { kty: 'OKP', crv: 'Ed25519' } })
    expect(current?.jwk && computeKid(current.jwk)).toBe(current?.kid)

    const rotated = await keyslot('keys', 'rotate', '--keys', keyring)
    expect(rotated).toMatchObject({ code: 0, stderr: '' })
    expect(rotated.stdout).toContain('apps follow by themselves')
    expect(rotated.stdout).toContain('need the new key before you restart')
    expect(statSync(keyring).mode & 0o777).toBe(0o600)
    const after = await keyslotJson<KeysJson>('keys', 'show', '--keys', keyring, '--format', 'pem')
    expect(after.keys.map(({ status }) => status)).toEqual(['current', 'retired'])
    expect(after.keys[1]?.kid).toBe(current?.kid)
    const published = createPublicKey(after.keys[1]?.pem ?? '').export({ format: 'jwk' })
    expect(published.x).toBe(current?.jwk?.x)

    const shown = await keyslot('keys', 'show', '--keys', keyring)
    const secrets = [...readFileSync(keyring, 'utf8').matchAll(/"d": *"([^"]+)"/g)].map(([, secret]) => secret ?? '')
    expect(secrets).toHaveLength(2)
    for (const secret of secrets) expect(shown.stdout + JSON.stringify(after)).not.toContain(secret)

    await (await serve(...args)).stop()
    const refused = await keyslot('serve', '--port', '0', ...args, '--keys', copy)
    expect(refused).toMatchObject({
      code: 1,
      stdout: '',
      stderr: expect.stringMatching(/^keyslot: [^\n]+--keys FILE[^\n]+--adopt-keys[^\n]*\n$/),
    })
    const adopted = await serve(...args, '--keys', copy, '--adopt-keys')
    expect(await adopted.stop()).toBe(0)
  })

  it('revokes a retired key: named as such, shown and published no more', async () => {
    const { file, args } = scratchStore()
    const keyring = `${file}.keys.json`
    await keyslotJson('product', 'create', ...args, 'Editor')
    const { keys } = await keyslotJson<KeysJson>('keys', 'rotate', ...args)
    const [current = '', leaked = ''] = keys.map(({ kid }) => kid)

    const tooEarly = await keyslot('keys', 'revoke', ...args, '--', current)
    expect(tooEarly).toEqual({
      code: 1,
      stdout: '',
      stderr: `keyslot: the key ${current} is the current one: rotate the keyring first, then revoke it (${keyring})\n`,
    })
    expect(await keyslot('keys', 'revoke', ...args, 'nobody')).toMatchObject({
      code: 1,
      stderr: `keyslot: the keyring holds no key nobody (${keyring})\n`,
    })

    const revoked = await keyslot('keys', 'revoke', ...args, '--', leaked)
    expect(revoked).toMatchObject({ code: 0, stderr: '' })
    expect(revoked.stdout).toContain('Restart every server now')
    expect(statSync(keyring).mode & 0o777).toBe(0o600)
    const after = await keyslotJson<KeysJson>('keys', 'show', ...args)
    expect(after.keys).toMatchObject([
      { kid: current, status: 'current', revokedAt: null },
      { kid: leaked, status: 'revoked', revokedAt: expect.stringMatching(/Z$/) },
    ])
    expect(after.keys[1]).not.toHaveProperty('jwk')
    const shown = await keyslot('keys', 'show', ...args)
    expect(shown.stdout).toMatch(/^Status +revoked$/m)
    expect(shown.stdout.match(/"kty"/g)).toHaveLength(1)
    // Once more is once.
    const again = await keyslot('keys', 'revoke', ...args, '--json', '--', leaked)
    expect(JSON.parse(again.stdout)).toEqual(after)

    const server = await serve(...args)
    const published = (await (await fetch(server.line.jwks)).json()) as {
      keys: { kid: string }[]
      statements: string[]
    }
    expect(published.keys.map(({ kid }) => kid)).toEqual([current])
    const claims = published.statements.map((statement) =>
      JSON.parse(Buffer.from(statement.split('.')[1] ?? '', 'base64url').toString()),
    )
    expect(claims).toMatchObject([{ revoked: [leaked] }, { revoked: [leaked] }])
    expect(await server.stop()).toBe(0)
  })

  it('makes no keyring by looking for one', async () => {
    const missing = join(scratchFolder(), 'none.json')
    for (const command of [['show'], ['rotate'], ['revoke', 'nobody']]) {
      expect(await keyslot('keys', ...command, '--keys', missing)).toEqual({
        code: 1,
        stdout: '',
        stderr: `keyslot: there is no keyring in ${missing}; keyslot serve makes one\n`,
      })
    }
    expect(existsSync(missing)).toBe(false)
  })
})
