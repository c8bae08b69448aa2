import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { beforeAll, describe, expect, it, vi } from 'vitest'
import { keyslot, keyslotJson, type RunningServer, serve } from './keyslot-process'
import { scratchFolder, scratchStore } from './scratch-folder'

interface ProductJson {
  readonly id: string
  readonly packageId: number
  readonly name: string
}

interface LicenseJson {
  readonly key: string
  readonly status: string
  readonly activationCount: number
  readonly maxActivations: number | null
  readonly resetCount: number
}

interface TokenJson {
  readonly lastUsedAt: string | null
  readonly id: string
  readonly token?: string
  readonly status: string
  readonly scopes: readonly string[]
}

interface PageJson<T> {
  readonly total: number
  readonly items: readonly T[]
}

const { args: store } = scratchStore()

/** A server on the same store: what the commands do must be true for it as well. */
let server: RunningServer
beforeAll(async () => {
  server = await serve(...store)
})

async function post(path: string, body: Record<string, unknown>, token = server.line.secretToken) {
  const response = await fetch(server.line.url + path, {
    method: 'POST',
    headers: { Authorization: `Bearer ${token}`, 'Content-Type': 'application/json' },
    body: JSON.stringify({ productId: server.line.productId, ...body }),
  })
  return { status: response.status, body: (await response.json()) as Record<string, unknown> }
}

describe('keyslot product', () => {
  it('creates, lists and updates', async () => {
    const made = await keyslotJson<ProductJson>('product', 'create', ...store, 'Editor', '--grace', '0 days')
    expect(made).toMatchObject({ packageId: 2, name: 'Editor', active: true, graceSeconds: 0, entitlements: [] })

    const changes = ['--offline-lifetime', '30 days', '--entitlements', 'export,sync', '--deactivate']
    expect(await keyslotJson('product', 'update', '2', ...store, ...changes)).toEqual({
      ...made,
      active: false,
      offlineLifetimeSeconds: 2_592_000,
      entitlements: ['export', 'sync'],
    })

    const { code, stdout } = await keyslot('product', 'list', ...store)
    expect(code).toBe(0)
    expect(stdout.trimEnd().split('\n')).toEqual([
      expect.stringMatching(/^PACKAGE {2}ID +NAME +STATUS +OFFLINE +GRACE +PROOF +DEVICES +TRIAL +ENTITLEMENTS$/),
      expect.stringMatching(/^1 +prod_\S+ +My product +active +14 days +7 days +optional +vendor only +none +-$/),
      expect.stringMatching(
        /^2 +prod_\S+ +Editor +inactive +30 days +0 seconds +optional +vendor only +none +export, sync$/,
      ),
    ])
    expect(await keyslot('product', 'update', '9', ...store, '--name', 'x')).toEqual({
      code: 1,
      stdout: '',
      stderr: 'keyslot: There is no product 9; keyslot product list shows those there are\n',
    })
  })
})

describe('keyslot license', () => {
  it('creates, shows, lists, blocks, unblocks and resets, for a running server too', async () => {
    const product = ['--product', server.line.productId]
    const once = ['--customer-name', 'Ada', '--customer-email', 'ada@example.com', '--idempotency-key', 'payment-1']
    const create = [
      'license',
      'create',
      ...store,
      ...product,
      '--max-activations',
      '2',
      '--valid-for',
      '1 year',
      ...once,
    ]
    const made = await keyslotJson<LicenseJson>(...create)
    expect(made).toMatchObject({ status: 'active', maxActivations: 2, customer: { name: 'Ada' }, activations: [] })
    expect((await keyslotJson<LicenseJson>(...create)).key).toBe(made.key)

    const activation = { licenseKey: made.key, hostId: 'host-1', deviceTag: 'Lab\u001b[2J' }
    expect((await post('/key/activate', activation)).status).toBe(200)
    const shown = await keyslot('license', 'show', ...store, made.key.toLowerCase())
    expect(shown).toMatchObject({ code: 0, stderr: '' })
    expect(shown.stdout).toContain(made.key)
    expect(shown.stdout).toMatch(/^Activations +1 of 2$/m)
    expect(shown.stdout).toMatch(/^host-1 +Lab�\[2J +active +- +127\.0\.0\.1 /m)

    expect(await keyslotJson('license', 'block', ...store, made.key)).toMatchObject({ status: 'blocked' })
    expect((await post('/key/activate', activation)).body).toEqual({ message: 'License not activated', code: 2 })
    expect(await keyslotJson('license', 'unblock', ...store, made.key)).toMatchObject({ status: 'active' })
    expect(await keyslotJson('license', 'reset', ...store, made.key)).toMatchObject({
      activationCount: 0,
      resetCount: 1,
      activations: [],
    })

    const page = await keyslotJson<PageJson<LicenseJson>>('license', 'list', ...store)
    expect(page).toMatchObject({ total: 1, items: [{ key: made.key, status: 'active', activationCount: 0 }] })
    expect((await keyslot('license', 'list', ...store)).stdout).toMatch(
      new RegExp(`^LICENSE KEY.*\n${made.key} +active +0/2 +\\d{4}-`),
    )
  })

  it('says in one line what is wrong', async () => {
    const oneLine = (why: string) => ({ code: 1, stdout: '', stderr: `keyslot: ${why}\n` })
    expect(await keyslot('license', 'show', ...store, 'NO-SUCH-KEY')).toEqual(oneLine('There is no such license'))
    const nowhere = join(scratchFolder(), 'none.db')
    expect(await keyslot('license', 'list', '--storage', `sqlite:${nowhere}`)).toEqual(
      oneLine(`there is no store at ${nowhere}; keyslot serve or keyslot product create makes one`),
    )
    expect(existsSync(nowhere)).toBe(false)
    expect(existsSync(`${nowhere}.keys.json`)).toBe(false)
  })
})

describe('keyslot token', () => {
  it('shows a token once, lists it without its text or hash, revokes it', async () => {
    const made = await keyslotJson<TokenJson>('token', 'create', ...store, 'shop', '--scopes', 'licenses:read')
    expect(made).toMatchObject({ kind: 'secret', scopes: ['licenses:read'], productIds: null, expiresAt: null })
    const token = made.token ?? ''
    expect((await post('/get-key', { licenseKey: 'X'.repeat(23) }, token)).status).toBe(404)
    expect((await post('/key', {}, token)).status).toBe(403)

    const listed = await keyslot('token', 'list', ...store, '--json')
    expect(listed.stdout).not.toContain(token)
    expect(listed.stdout).not.toMatch(/hash|at_|pk_/)
    const { total, items } = JSON.parse(listed.stdout) as PageJson<TokenJson>
    expect(total).toBe(3)
    expect(items.at(-1)).toMatchObject({ id: made.id, status: 'active' })

    // The server writes a use down behind the answer.
    const isUsed = async () => {
      const { items } = await keyslotJson<PageJson<TokenJson>>('token', 'list', ...store)
      return items.at(-1)?.lastUsedAt != null
    }
    await vi.waitFor(async () => expect(await isUsed()).toBe(true), { timeout: 20_000, interval: 100 })
    const revoked = await keyslot('token', 'revoke', ...store, made.id)
    expect(revoked.stdout).toMatch(
      /^tok_\S+ is revoked\.\n\nIt was in use until 20\S+ \S+Z, to within an hour\. What uses it is refused from now on\.\n$/,
    )
    expect(await keyslotJson('token', 'revoke', ...store, made.id)).toMatchObject({ id: made.id, revoked: true })
    const unused = await keyslotJson<TokenJson>('token', 'create', ...store, 'idle', '--scopes', 'licenses:read')
    expect((await keyslot('token', 'revoke', ...store, unused.id)).stdout).toBe(`${unused.id} is revoked.\n`)
    expect((await keyslot('token', 'list', ...store)).stdout).toMatch(
      new RegExp(`^${made.id} +shop +secret +revoked`, 'm'),
    )
    expect(await keyslot('token', 'revoke', ...store, 'tok_none')).toMatchObject({
      code: 1,
      stderr: 'keyslot: There is no such access token\n',
    })
  })

  it('makes a publishable token only for products it is told', async () => {
    const refused = await keyslot('token', 'create', ...store, 'app', '--publishable')
    expect(refused).toMatchObject({ code: 2, stdout: '' })
    expect(refused.stderr).toBe('keyslot: the store has 2 products; say which (keyslot product list)\n')
    const args = ['--publishable', '--product', '1', '--product', '2', '--valid-for', '1 hour']
    const { stdout } = await keyslot('token', 'create', ...store, ...args)
    expect(stdout).toMatch(/^Token +pk_\S{49}$/m)
    expect(stdout).toMatch(/^Name +keyslot token create$/m)
    expect(stdout).toMatch(/^Scopes +licenses:activate$/m)
    expect(stdout).toMatch(/^Products +prod_\S+, prod_\S+$/m)
  })

  it('says in which form of KeyMint`s answers its callers are answered', async () => {
    const options = ['--scopes', 'licenses:read', '--valid-for', '1 day', '--wire', '2026-09'] as const
    const made = await keyslotJson<TokenJson>('token', 'create', ...store, 'newer', ...options)
    const listed = await keyslotJson<PageJson<TokenJson>>('token', 'list', ...store)
    expect(listed.items.at(-1)).toMatchObject({ id: made.id, wire: '2026-09' })
    expect(listed.items[0]).toMatchObject({ wire: null })
    const answer = await post('/key', {}, made.token ?? '')
    expect(answer).toMatchObject({ status: 403, body: { success: false, code: 1 } })
    const unknown = await keyslot('token', 'create', ...store, 'x', '--scopes', 'all', '--wire', '2027')
    expect(unknown).toMatchObject({ code: 2, stderr: expect.stringContaining('2026-09') })
  })
})
