import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { afterEach, describe, expect, it, vi } from 'vitest'
import { type ScratchSchema, scratchSchema } from '../postgres/scratch-schema'
import { keyslot, keyslotJson, keyslotUntil, type ServeLine, serve } from './keyslot-process'
import { scratchFolder } from './scratch-folder'

interface LicenseJson {
  readonly key: string
  readonly activationCount: number
}

interface PageJson {
  readonly total: number
  readonly items: readonly { readonly id: string }[]
}

const schemas: ScratchSchema[] = []

afterEach(async () => {
  vi.unstubAllEnvs()
  for (const schema of schemas.splice(0)) await schema.drop()
})

/** A store of one's own in a schema that is not there yet, and a keyring file that is not either. */
async function scratchPostgres() {
  const scratch = await scratchSchema()
  schemas.push(scratch)
  const storage = `${scratch.url}?schema=${scratch.schema}`
  const keyring = join(scratchFolder(), 'keys.json')
  return { ...scratch, storage, keyring, args: ['--storage', storage, '--keys', keyring] }
}

/** What must be in nothing a command prints. */
function passwordsOf(storage: string): readonly string[] {
  const { password } = new URL(storage)
  expect(password).not.toBe('')
  return [password, decodeURIComponent(password)]
}

function expectNoPassword(storage: string, printed: string) {
  for (const password of passwordsOf(storage)) expect(printed).not.toContain(password)
}

async function post(line: ServeLine, path: string, body: Record<string, unknown>, token: string) {
  const response = await fetch(line.url + path, {
    method: 'POST',
    headers: { Authorization: `Bearer ${token}`, 'Content-Type': 'application/json' },
    body: JSON.stringify({ productId: line.productId, ...body }),
  })
  return { status: response.status, body: (await response.json()) as Record<string, unknown> }
}

describe('keyslot serve --storage postgres://…', () => {
  it('serves one store from two servers, which accept tokens, licenses and signatures of each other', async () => {
    const { args, storage } = await scratchPostgres()
    const [first, second] = await Promise.all([serve(...args), serve(...args)])
    expect(second.line).toMatchObject({ productId: first.line.productId, packageId: 1 })
    expect(second.line.accountId).toBe(first.line.accountId)
    expect(second.line.secretToken).not.toBe(first.line.secretToken)
    const keySets = [first, second].map(async ({ line }) => (await fetch(line.jwks)).json())
    expect(await keySets[1]).toEqual(await keySets[0])

    const made = await post(first.line, '/key', { maxActivations: '1' }, second.line.secretToken)
    expect(made.status).toBe(200)
    const activate = ({ line }: typeof first, hostId: string) =>
      post(line, '/key/activate', { licenseKey: made.body.key, hostId }, first.line.publishableToken)
    expect(await activate(second, 'host-1')).toMatchObject({ status: 200 })
    expect(await activate(first, 'host-1')).toMatchObject({ status: 200 })
    expect(await activate(first, 'host-2')).toMatchObject({ status: 403 })

    expect(await first.stop()).toBe(0)
    expect(await activate(second, 'host-1')).toMatchObject({ status: 200 })
    expect(await second.stop()).toBe(0)
    const third = await serve(...args)
    expect(third.line.productId).toBe(first.line.productId)
    const released = { licenseKey: made.body.key, hostId: 'host-1' }
    expect(await post(third.line, '/key/deactivate', released, second.line.publishableToken)).toMatchObject({
      status: 200,
    })
    expect(await third.stop()).toBe(0)
    for (const { stdout, stderr } of [first, second, third]) expectNoPassword(storage, stdout() + stderr())
  })

  it('shows a person where the store is, without the password', async () => {
    const { storage, keyring, schema } = await scratchPostgres()
    vi.stubEnv('KEYSLOT_STORAGE', storage)
    const printed = await keyslotUntil('Ctrl+C', 'serve', '--port', '0', '--keys', keyring)
    expect(printed).toMatch(new RegExp(`^Store +postgres://127\\.0\\.0\\.1:\\d+/postgres\\?schema=${schema}$`, 'm'))
    expect(printed).toContain(keyring)
    expectNoPassword(storage, printed)
  })
})

describe('commands on a PostgreSQL store', () => {
  it('work beside a server, with the store named by the environment', async () => {
    const { storage, keyring, args } = await scratchPostgres()
    const keys = ['--keys', keyring]
    vi.stubEnv('KEYSLOT_STORAGE', storage)
    const product = await keyslotJson<{ id: string }>('product', 'create', ...keys, 'Editor')
    const server = await serve(...args)
    expect(server.line.productId).toBe(product.id)

    const license = await keyslotJson<LicenseJson>('license', 'create', ...keys, '--max-activations', '2')
    const activation = { licenseKey: license.key, hostId: 'host-1' }
    expect(await post(server.line, '/key/activate', activation, server.line.publishableToken)).toMatchObject({
      status: 200,
    })
    expect(await keyslotJson('license', 'show', ...keys, license.key)).toMatchObject({ activationCount: 1 })
    expect(await keyslotJson('license', 'block', ...keys, license.key)).toMatchObject({ status: 'blocked' })
    expect(await post(server.line, '/key/activate', activation, server.line.publishableToken)).toMatchObject({
      status: 403,
    })

    const token = await keyslotJson<{ id: string; token: string }>('token', 'create', ...keys, 'x', '--scopes', 'all')
    expect((await post(server.line, '/key', {}, token.token)).status).toBe(200)
    expect(await keyslotJson<PageJson>('token', 'list', ...keys)).toMatchObject({ total: 3 })
    expect(await keyslotJson<PageJson>('license', 'list', ...keys)).toMatchObject({ total: 2 })
    expect(await server.stop()).toBe(0)
  })

  it('refuse a store that is used with another keyring, and one that was never made', async () => {
    const { args, storage, keyring, schema } = await scratchPostgres()
    const absent = await keyslot('license', 'list', ...args)
    expect(absent).toMatchObject({ code: 1, stdout: '' })
    expect(absent.stderr).toMatch(
      new RegExp(`^keyslot: there is no store at postgres://[^\\n]+=${schema}; [^\\n]+\\n$`),
    )
    expect(existsSync(keyring)).toBe(false)

    await keyslotJson('product', 'create', ...args, 'Editor')
    const elsewhere = `${keyring}.elsewhere`
    for (const command of [
      ['license', 'create'],
      ['serve', '--port', '0'],
      ['product', 'create', 'Other'],
    ]) {
      const refused = await keyslot(...command, '--storage', storage, '--keys', elsewhere)
      expect(refused).toMatchObject({ code: 1, stdout: '' })
      expect(refused.stderr).toMatch(/^keyslot: [^\n]+elsewhere is missing[^\n]+--keys FILE[^\n]+--adopt-keys[^\n]*\n$/)
      expect(existsSync(elsewhere)).toBe(false)
    }
  })
})

describe('a database that cannot be had', () => {
  it.each([
    ['a wrong password', (url: URL) => Object.assign(url, { password: 'hunter2hunter2' }), /password|user/],
    ['a user there is not', (url: URL) => Object.assign(url, { username: 'nobody-here' }), /password|user/],
    ['a database there is not', (url: URL) => Object.assign(url, { pathname: '/no-such' }), /database/],
    ['nobody listening', (url: URL) => Object.assign(url, { port: '9' }), /ECONNREFUSED/],
    ['an unknown host', (url: URL) => Object.assign(url, { hostname: 'db.invalid' }), /ENOTFOUND|EAI_AGAIN/],
  ])('is one line that says why: %s', async (_, change, why) => {
    const { storage, keyring } = await scratchPostgres()
    const wrong = change(new URL(storage)).href
    for (const command of [
      ['serve', '--port', '0'],
      ['license', 'list'],
      ['product', 'create', 'x'],
    ]) {
      const { code, stdout, stderr } = await keyslot(...command, '--storage', wrong, '--keys', keyring)
      expect({ code, stdout }).toEqual({ code: 1, stdout: '' })
      expect(stderr).toMatch(/^keyslot: [^\n]+\n$/)
      expect(stderr).toMatch(why)
      expectNoPassword(wrong, stderr)
    }
    expect(existsSync(keyring)).toBe(false)
  })
})
