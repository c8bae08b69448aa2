import { readFileSync, statSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { scratchFolder } from '../scratch-folder'
import { exported, openService, run, runJson } from './run-command'

interface Counts {
  readonly lines: number
  readonly refused: number
  readonly bad: number
  readonly stored: number
  readonly existing: number
  readonly conflict: number
  readonly orphan: number
}

function scratch(...lines: readonly unknown[]): {
  readonly file: string
  readonly folder: string
  readonly store: string
} {
  const folder = scratchFolder()
  const file = join(folder, 'input.jsonl')
  writeFileSync(file, lines.map((line) => (typeof line === 'string' ? line : JSON.stringify(line))).join('\n'))
  return { file, folder, store: `sqlite:${join(folder, 'licenses.db')}` }
}

const PRODUCT = { kind: 'product', name: 'Editor', packageId: 7 }
const ADA = { name: 'Ada', email: 'ada@example.com' }
const KEY = 'AAAA-BBBB-CCCC-1234'

describe('keyslot import', () => {
  it('takes lines that say little, completes them, and takes them again without changing anything', async () => {
    const { file, store } = scratch(
      PRODUCT,
      { kind: 'license', key: 'MiXed-1', product: 'Editor', maxActivations: 2, customer: ADA },
      {
        kind: 'license',
        key: 'x',
        product: 7,
        customer: { name: 'Nobody' },
        activations: [{ hostId: 'h1', deviceTag: 'Lab' }],
      },
      { kind: 'activation', licenseKey: 'mixed-1', hostId: 'h2', activatedAt: '2025-01-02' },
    )
    const first = await runJson<Counts>('import', file, '--storage', store)
    expect(first).toMatchObject({ lines: 4, refused: 0, stored: 7, existing: 0 })
    const records = await exported(store)
    const licenses = records.filter(({ kind }) => kind === 'license')
    expect(licenses).toMatchObject([
      {
        key: 'MiXed-1',
        canonicalKey: 'MIXED-1',
        maxActivations: 2,
        activationCount: 1,
        expiresAt: null,
        blocked: false,
      },
      { key: 'x', canonicalKey: 'X', maxActivations: null, activationCount: 1 },
    ])
    expect(records.find(({ hostId }) => hostId === 'h2')).toMatchObject({
      licenseId: licenses[0]?.id,
      activatedAt: '2025-01-02T00:00:00.000Z',
      lastSeenAt: '2025-01-02T00:00:00.000Z',
    })

    expect(await runJson('import', file, '--storage', store)).toMatchObject({ stored: 0, existing: 7, refused: 0 })
    expect(await exported(store)).toEqual(records)
  })

  it('tells of each refused line where and why, without its key, takes the others, and ends with 1', async () => {
    const { file, folder, store } = scratch(
      PRODUCT,
      'no json at all',
      { kind: 'license', key: KEY, product: 'Editor', maxActivation: 3 },
      { kind: 'license', key: KEY, product: 'Editor', maxActivations: 0 },
      { kind: 'license', key: KEY, product: 'Viewer' },
      { kind: 'license', key: KEY, product: 'Editor', expiresAt: '2025-02-30' },
      { kind: 'license', key: 'ключ', product: 'Editor' },
      { kind: 'license', key: KEY },
      { kind: 'lisence', key: KEY },
      { kind: 'activation', licenseKey: 'NO-SUCH-KEY', hostId: 'h' },
      { kind: 'license', key: KEY, product: 'Editor' },
      { kind: 'license', key: KEY.toLowerCase(), product: 'Editor', id: 'lic_another' },
    )
    const rejects = join(folder, 'rejects.jsonl')
    const { code, stdout, stderr } = await run('import', file, '--storage', store, '--rejects', rejects, '--json')
    expect(code).toBe(1)
    expect(JSON.parse(stdout)).toMatchObject({ lines: 12, refused: 10, bad: 7, orphan: 2, conflict: 1, stored: 2 })
    const told = stderr.replaceAll(`${file}:`, '').trimEnd().split('\n')
    expect(told).toEqual([
      '2: bad: is no JSON',
      '3: license …1234 bad: maxActivation: is not a known field',
      '4: license …1234 bad: maxActivations: must be at least 1',
      '5: license …1234 orphan: product: there is no such product in the store',
      '6: license …1234 bad: expiresAt: must be a date (YYYY-MM-DD) or a date-time with Z or an offset',
      '7: license … bad: key: must be 1 to 256 characters of printable ASCII',
      '8: license …1234 bad: product: is required, or give --product',
      '9: license …1234 bad: kind: must be one of the kinds of record',
      '10: orphan: activation: belongs to something that is not in the store',
      '12: license …1234 conflict: license: has what another one in the store has already',
      'keyslot: 10 of 12 lines were not taken',
    ])
    expect(stderr).not.toContain(KEY)
    const kept = readFileSync(rejects, 'utf8').trimEnd().split('\n')
    expect(kept).toHaveLength(10)
    expect(kept[0]).toBe('no json at all')
    expect(statSync(rejects).mode & 0o777).toBe(0o600)
  })

  it('takes every line, whatever it says of people, and nobody twice', async () => {
    const people: readonly (object | null)[] = [
      { email: 'jörg@example.de' },
      { name: 'Jörg', email: 'JO\u0308RG@example.de' },
      { name: null, email: 'a..b@docomo.ne.jp' },
      { name: 'x'.repeat(257), email: 'no email' },
      { name: 'Other', email: 'no email' },
      { name: '', email: '' },
      null,
    ]
    const { file, store } = scratch(
      PRODUCT,
      ...people.map((customer, index) => ({
        kind: 'license',
        key: `${KEY}-${index}`,
        product: 'Editor',
        customer,
        activations: [{ hostId: 'h', licensee: customer }],
      })),
      { kind: 'customer', id: 'cust_0000000000000000000000' },
      { kind: 'customer', email: 'alone@example.com' },
    )
    expect(await runJson('import', file, '--storage', store)).toMatchObject({ refused: 0 })
    const records = await exported(store)
    const kept = records.filter(({ kind }) => kind === 'customer').map(({ name, email }) => ({ name, email }))
    expect(kept).toHaveLength(6)
    expect(kept).toEqual(
      expect.arrayContaining([
        { name: 'jörg@example.de', email: 'jörg@example.de' },
        { name: 'a..b@docomo.ne.jp', email: 'a..b@docomo.ne.jp' },
        { name: 'x'.repeat(256), email: 'no email' },
        { name: 'Other', email: 'no email' },
        { name: 'cust_0000000000000000000000', email: null },
        { name: 'alone@example.com', email: 'alone@example.com' },
      ]),
    )
    expect(records.filter(({ kind }) => kind === 'license')).toHaveLength(people.length)
    const nobody = { kind: 'customer', active: false }
    const refused = scratch(nobody)
    expect((await run('import', refused.file, '--storage', refused.store)).stderr).toContain(
      'name: is required, or an email',
    )
  })

  it('checks without writing when it is a dry run, and makes no store', async () => {
    const { file, store } = scratch(PRODUCT, { kind: 'license', key: KEY, product: 'Editor' })
    const nowhere = await run('import', file, '--storage', store, '--dry-run')
    expect(nowhere).toMatchObject({ code: 1, stdout: '' })
    expect(nowhere.stderr).toMatch(/^keyslot: there is no store at /)

    const other = scratch(PRODUCT)
    await run('import', other.file, '--storage', other.store)
    expect(await run('import', file, '--storage', other.store, '--dry-run')).toEqual({
      code: 0,
      stdout: '2 lines read, 2 of them right; nothing was stored.\n',
      stderr: '',
    })
    expect(await exported(other.store, 'license')).toEqual([])
  })

  it('stops at the first refused line when it is strict, and goes on from there once the file is mended', async () => {
    const line = (key: string) => ({ kind: 'license', key, product: 'Editor' })
    const { file, store } = scratch(PRODUCT, line('ONE'), { ...line('TWO'), seats: 1 }, line('THREE'))
    const stopped = await run('import', file, '--storage', store, '--strict')
    expect(stopped.code).toBe(1)
    expect((await exported(store, 'license')).map(({ key }) => key)).toEqual(['ONE'])

    writeFileSync(file, [PRODUCT, line('ONE'), line('TWO'), line('THREE')].map((l) => JSON.stringify(l)).join('\n'))
    const mended = await runJson<Counts>('import', file, '--storage', store, '--strict')
    expect(mended).toMatchObject({ refused: 0, stored: 2, existing: 2 })
  })

  it('finds the customer and the license a server made before, whatever their ids', async () => {
    const { file, store } = scratch(
      { kind: 'license', key: 'NEW', customer: { name: 'Another spelling', email: 'ADA@example.com' } },
      { kind: 'activation', licenseKey: 'placeholder', hostId: 'h1' },
    )
    const { licensing } = await openService(store)
    const { id: productId } = await licensing.products.create({ name: 'Editor' })
    const made = await licensing.licenses.create({ productId, customer: ADA })
    await licensing.close()
    writeFileSync(file, readFileSync(file, 'utf8').replace('placeholder', made.key.toLowerCase()))

    expect(await runJson('import', file, '--storage', store, '--product', '1')).toMatchObject({ refused: 0, stored: 2 })
    const customers = await exported(store, 'customer')
    expect(customers).toMatchObject([{ name: 'Ada', email: 'ada@example.com' }])
    const licenses = await exported(store, 'license')
    expect(licenses).toMatchObject([
      { key: made.key, activationCount: 1, customerId: customers[0]?.id },
      { key: 'NEW', activationCount: 0, customerId: customers[0]?.id },
    ])
  })

  it('prints its schema and its mappings', async () => {
    const schema = JSON.parse((await run('import', '--print-schema')).stdout) as { oneOf: readonly unknown[] }
    expect(schema.oneOf).toHaveLength(14)
    const mapping = await run('import', '--print-mapping', 'keygen')
    expect(JSON.parse(mapping.stdout)).toMatchObject({ rows: ['data'] })
    expect(await run('import', '--print-mapping', 'other')).toMatchObject({ code: 2, stdout: '' })
  })

  it.each([
    [['nowhere.jsonl'], 1, /^keyslot: nowhere\.jsonl cannot be read \(ENOENT\)\n$/],
    [[], 2, /^keyslot: which file is to be imported\?/],
    [['x.jsonl', '--map', 'unknown'], 2, /^keyslot: --map must be one of keymint, authtool, keygen, lemonsqueezy, csv/],
    [['x.jsonl', '--product', '9'], 1, /^keyslot: there is no product 9/],
    [['x.jsonl', '--account', 'acct_none'], 1, /^keyslot: there is no account acct_none\n$/],
    [['x.jsonl', '--storage', 'memory'], 2, /^keyslot: a store in memory is inside its server/],
  ])('says in one line what is wrong with %j', async (args, code, why) => {
    const { store } = scratch()
    const storage = args.includes('--storage') ? [] : ['--storage', store]
    const result = await run('import', ...args, ...storage)
    expect(result).toMatchObject({ code, stdout: '' })
    expect(result.stderr).toMatch(why)
  })
})
