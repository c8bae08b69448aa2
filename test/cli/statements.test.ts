import { readFileSync, statSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { jwtVerify } from 'jose'
import { importJWK } from 'jose/key/import'
import { createKeyring, type Keyring, loadKeyring } from 'keyslot/server'
import { describe, expect, it } from 'vitest'
import { BRIDGE_TYP, KEY_STATEMENT_TYP, MOVED_TYP } from '../../src/protocol'
import { signRevocationList } from '../../src/server/signing/revocation-list'
import { keyslot, keyslotJson } from './keyslot-process'
import { scratchFolder } from './scratch-folder'

const DAY = 86_400

/** A keyring alone, as it is left when a server is lost. */
async function leftKeyring() {
  const folder = scratchFolder()
  const file = join(folder, 'keys.json')
  return { folder, file, keyring: await loadKeyring(file), keys: ['--keys', file] }
}

async function claimsOf(text: string, { current }: Keyring, typ: string) {
  const line = text.trim().split('\n').at(-1) ?? ''
  const { payload } = await jwtVerify(line, await importJWK(current.publicJwk, 'EdDSA'), { typ })
  return payload
}

describe('keyslot keys bridge', () => {
  it('signs with the current key, from the keyring alone, and says what it does', async () => {
    const { folder, keys, keyring } = await leftKeyring()
    const out = join(folder, 'statements.jws')
    const made = await keyslot('keys', 'bridge', '--days', '30', '--lost-at', 'now', '--out', out, ...keys)
    expect(made).toMatchObject({ code: 0, stderr: '' })
    expect(made.stdout).toContain('go on until')
    expect(made.stdout).toContain('statementsUrl')
    expect(statSync(out).mode & 0o777).toBe(0o644)
    const claims = await claimsOf(readFileSync(out, 'utf8'), keyring, BRIDGE_TYP)
    expect(claims).toEqual({
      iss: 'keyslot',
      iat: expect.any(Number),
      product: null,
      lostAt: expect.any(Number),
      until: Number(claims.lostAt) + 30 * DAY,
    })
  })

  it('prints the text alone where it can be redirected, and takes every option', async () => {
    const { folder, keys, keyring } = await leftKeyring()
    const entries = [['license', 1, 2]] as const
    const list = await signRevocationList({ issuer: 'acme', product: null, entries }, new Date(), keyring.current)
    const file = join(folder, 'revocations.jws')
    writeFileSync(file, `${list}\n`)
    const lost = new Date(Date.now() - 2 * DAY * 1000)
    const options = ['--lost-at', lost.toISOString(), '--past-end', '--product', 'prod_1', '--issuer', 'acme']
    const made = await keyslot('keys', 'bridge', '--days', '5', ...options, '--revocation-list', file, ...keys)
    expect(made.code).toBe(0)
    expect(made.stdout).toMatch(/^eyJ[\w.-]+\n$/)
    expect(made.stderr).toContain('kit.importStatement()')
    const lostAt = Math.floor(lost.getTime() / 1000)
    expect(await claimsOf(made.stdout, keyring, BRIDGE_TYP)).toMatchObject({
      iss: 'acme',
      product: 'prod_1',
      lostAt,
      until: lostAt + 5 * DAY,
      pastEnd: true,
      revocations: [list],
    })
  })

  it.each([['0'], ['91'], ['1.5'], ['-3']])('refuses %s days', async (days) => {
    const { keys } = await leftKeyring()
    const refused = await keyslot('keys', 'bridge', '--days', days, '--lost-at', 'now', ...keys)
    expect(refused).toMatchObject({ code: 2, stdout: '' })
    expect(refused.stderr).toContain('from 1 to 90')
  })

  it('refuses a loss to come, an end that has passed, a list of strangers, and a keyring that is not there', async () => {
    const { folder, file, keys } = await leftKeyring()
    const bridge = (...options: string[]) => keyslot('keys', 'bridge', '--days', '3', '--lost-at', 'now', ...options)
    expect(await bridge('--lost-at', '2999-01-01', ...keys)).toMatchObject({ code: 2, stdout: '' })
    expect(await bridge('--lost-at', '2020-01-01', ...keys)).toMatchObject({
      code: 2,
      stderr: expect.stringContaining('already'),
    })
    const { current } = createKeyring(new Date())
    const list = await signRevocationList({ issuer: 'keyslot', product: null, entries: [] }, new Date(), current)
    const strangers = join(folder, 'strangers.jws')
    writeFileSync(strangers, list)
    for (const path of [strangers, file, join(folder, 'none')]) {
      expect(await bridge('--revocation-list', path, ...keys)).toMatchObject({ code: 1, stdout: '' })
    }
    expect(await bridge('--keys', join(folder, 'none'))).toMatchObject({ code: 1, stdout: '' })
  })
})

describe('the date of loss', () => {
  it('must be said: a bridge that is made later, to extend another, would carry nobody over', async () => {
    const { keys } = await leftKeyring()
    for (const lost of [[], ['--lost-at', 'today']]) {
      const refused = await keyslot('keys', 'bridge', '--days', '3', ...lost, ...keys)
      expect(refused).toMatchObject({ code: 2, stdout: '', stderr: expect.stringContaining('--lost-at') })
    }
  })
})

describe('keyslot keys moved', () => {
  it('signs the new address, with what the keys say of each other where there are several', async () => {
    const { keys, file } = await leftKeyring()
    await keyslotJson('keys', 'rotate', ...keys)
    const { statement, serverUrl } = await keyslotJson<{ statement: string; serverUrl: string }>(
      'keys',
      'moved',
      '--to',
      'https://new.example.com/licensing/',
      ...keys,
    )
    expect(serverUrl).toBe('https://new.example.com/licensing')
    const types = statement.split('\n').map((line) => {
      const [header = ''] = line.split('.')
      return JSON.parse(Buffer.from(header, 'base64url').toString()).typ
    })
    expect(types).toEqual([KEY_STATEMENT_TYP, KEY_STATEMENT_TYP, MOVED_TYP])
    expect(await claimsOf(statement, await loadKeyring(file), MOVED_TYP)).toMatchObject({ serverUrl })
  })

  it('refuses an old address that is none, or is the new one', async () => {
    const { keys } = await leftKeyring()
    for (const from of ['old.example.com', 'https://new.example.com/']) {
      const refused = await keyslot('keys', 'moved', '--to', 'https://new.example.com', '--from', from, ...keys)
      expect(refused).toMatchObject({ code: 2, stdout: '', stderr: expect.stringContaining('--from') })
    }
  })

  it.each([
    ['http://new.example.com'],
    ['ftp://new.example.com'],
    ['new.example.com'],
    ['https://new.example.com/?a=b'],
    ['https://u:p@new.example.com'],
  ])('refuses %s', async (url) => {
    const { keys } = await leftKeyring()
    expect(await keyslot('keys', 'moved', '--to', url, ...keys)).toMatchObject({
      code: 2,
      stdout: '',
      stderr: expect.stringContaining('--to: '),
    })
  })
})
