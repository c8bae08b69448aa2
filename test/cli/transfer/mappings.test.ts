import { copyFileSync, readFileSync, writeFileSync } from 'node:fs'
import { basename, join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { scratchFolder } from '../scratch-folder'
import { exported, fixture, type Line, run, runJson } from './run-command'

/** Imports fixtures by a mapping into a fresh store that has the products given. */
async function importBy(
  mapping: string,
  fixtures: readonly string[],
  products: readonly object[],
  ...options: string[]
): Promise<{ readonly store: string; readonly of: (kind: string) => readonly Line[] }> {
  const folder = scratchFolder()
  const store = `sqlite:${join(folder, 'licenses.db')}`
  const catalogue = join(folder, 'products.jsonl')
  writeFileSync(catalogue, products.map((product) => `${JSON.stringify({ kind: 'product', ...product })}\n`).join(''))
  if (products.length > 0) await runJson('import', catalogue, '--storage', store)
  const files = fixtures.map((name) => {
    const file = join(folder, basename(name))
    copyFileSync(fixture(name), file)
    return file
  })
  const args = ['import', '--map', mapping, ...files, '--storage', store, ...options]
  expect(await runJson(...args)).toMatchObject({ refused: 0 })
  const records = await exported(store)
  expect(await runJson(...args)).toMatchObject({ refused: 0, stored: 0 })
  expect(await exported(store)).toEqual(records)
  return { store, of: (kind) => records.filter((record) => record.kind === kind) }
}

describe('mappings', () => {
  it('keymint: answers of both versions, and lists of a customer', async () => {
    const product = { id: 'prod_keymint_editor_0001', name: 'Editor' }
    const { of } = await importBy('keymint', ['keymint.jsonl'], [product])
    expect(of('license')).toMatchObject([
      {
        key: 'T8XTR-AI21B-2990H-85SB5',
        productIds: [product.id],
        customerId: 'cust_keymint_ada_00000001',
        maxActivations: 3,
        activationCount: 2,
        expiresAt: '2027-03-01T00:00:00.000Z',
        blocked: false,
        metadata: { order: 4711 },
      },
      { key: 'Z9ZZZ-QQ21B-2990H-85SB6', maxActivations: null, activationCount: 1, expiresAt: null, blocked: true },
      { key: 'LISTD-AI21B-2990H-85SB7', maxActivations: 1, allowedHosts: ['only-host'], customerId: null },
    ])
    expect(of('customer')).toMatchObject([
      { id: 'cust_keymint_ada_00000001', name: 'Ada Lovelace', active: true },
      { name: 'Bob', email: 'bob@example.com', active: false },
    ])
    expect(of('activation')).toContainEqual(
      expect.objectContaining({
        hostId: 'a1:b2:c3:d4:e5:f6-hashed',
        deviceTag: "Ada's laptop",
        address: '203.0.113.7',
        activatedAt: '2025-03-01T09:15:00.000Z',
      }),
    )
    expect(of('activation').map(({ hostId }) => hostId)).toContain('server-7')
  })

  it('authtool: single and multiple activation keys, with their devices', async () => {
    const products = [
      { name: 'Basic', packageId: 7 },
      { name: 'Extra', packageId: 8 },
    ]
    const { of } = await importBy('authtool', ['authtool.jsonl'], products)
    const ids = of('product').map(({ id }) => id)
    expect(of('license')).toMatchObject([
      {
        key: 'KEY1-AAAA-BBBB-CCCC',
        productIds: [ids[0]],
        maxActivations: 1,
        soldFor: { amount: 30, unit: 'day' },
        activationDuration: null,
        expiresAt: '2026-12-31T10:00:00.000Z',
        blocked: false,
      },
      {
        key: 'KEY2-AAAA-BBBB-CCCC',
        productIds: ids,
        maxActivations: 50,
        activationCount: 2,
        soldFor: null,
        activationDuration: { amount: 6, unit: 'month' },
        blocked: true,
      },
    ])
    expect(of('activation')).toContainEqual(
      expect.objectContaining({
        hostId: 'pc-2',
        activatedAt: '2026-07-01T00:00:00.000Z',
        expiresAt: '2027-01-01T00:00:00.000Z',
      }),
    )
  })

  it('keygen: pages of products, users, licenses and machines', async () => {
    const files = ['products', 'users', 'licenses', 'machines'].map((name) => `keygen-${name}.json`)
    const { of } = await importBy('keygen', files, [])
    expect(of('product')).toMatchObject([
      { id: '22b78db6-6a2e-4a7f-9369-157976148c4c', name: 'Mesh Editor', packageId: 1 },
    ])
    expect(of('customer')).toMatchObject([{ name: 'Grace Hopper', email: 'grace@example.com', active: true }])
    expect(of('license')).toMatchObject([
      {
        id: '4097d726-6cc5-4156-8575-3a96387e19b4',
        key: '7P4C-JX7W-3LXN-HC9J',
        productIds: ['22b78db6-6a2e-4a7f-9369-157976148c4c'],
        customerId: '15ad7012-b570-48b7-88c1-fbab68be9d05',
        maxActivations: 5,
        activationCount: 1,
        expiresAt: '2027-05-05T00:00:00.000Z',
        blocked: false,
        metadata: { storeName: 'Monte' },
        createdAt: '2022-03-07T01:11:03.188Z',
      },
      { key: 'SUSP-END2', maxActivations: null, expiresAt: null, blocked: true, customerId: null },
    ])
    expect(of('activation')).toMatchObject([
      {
        licenseId: '4097d726-6cc5-4156-8575-3a96387e19b4',
        hostId: '4d:Eq:UV:D3:XZ:tL:WN:Bz:mA:Eg:E6:Mk:YX:dK:NC',
        deviceTag: 'Office MacBook Pro',
        address: '192.0.2.9',
        lastSeenAt: '2022-04-03T20:26:53.464Z',
      },
    ])
  })

  it('lemonsqueezy: pages of license keys and of their instances, all for one product', async () => {
    const files = ['lemonsqueezy-license-keys.json', 'lemonsqueezy-instances.json']
    const { of } = await importBy('lemonsqueezy', files, [{ name: 'Editor' }], '--product', 'Editor')
    expect(of('license')).toMatchObject([
      {
        key: '80e15db5-c796-436b-850c-8f9c98a48abe',
        maxActivations: 5,
        activationCount: 1,
        expiresAt: '2027-11-14T11:45:39.000Z',
        blocked: false,
        metadata: { lemonSqueezyOrderId: 9001 },
      },
      { maxActivations: null, expiresAt: null, blocked: true },
    ])
    // One person with two licenses is one customer, by the name of the first.
    expect(of('customer')).toMatchObject([{ name: 'Luke Skywalker', email: 'luke@example.com' }])
    expect(new Set(of('license').map(({ customerId }) => customerId)).size).toBe(1)
    expect(of('activation')).toMatchObject([
      { hostId: 'f70a79fa-6054-433e-9c1b-6075344292e4', deviceTag: 'luke-desktop' },
    ])
  })

  it('csv: as a spreadsheet writes it', async () => {
    const { of } = await importBy('csv', ['sold.csv'], [{ name: 'Editor', packageId: 7 }])
    expect(of('license')).toMatchObject([
      { key: 'S1', maxActivations: 2, activationCount: 2, expiresAt: '2027-01-01T23:59:59.999Z', blocked: false },
      { key: 'LONG-KEY-1', maxActivations: null, expiresAt: null, blocked: true, metadata: { note: 'two\nlines' } },
    ])
    expect(of('customer')).toMatchObject([{ name: 'Müller; Söhne "GmbH"', email: 'mueller@example.com' }])
    expect(of('activation').map(({ hostId }) => hostId)).toEqual(expect.arrayContaining(['pc-1', 'pc-2']))
  })

  it('are copied and changed: other headings, dates, states and products', async () => {
    const folder = scratchFolder()
    const store = `sqlite:${join(folder, 'licenses.db')}`
    const [table, mapping] = [join(folder, 'old.csv'), join(folder, 'mine.json')]
    writeFileSync(table, 'Serial,App,Until,State\nOLD-1,ed,31.12.2027,ok\nOLD-2,ed,01.02.2026,gone\nOLD-3,ed,,lost\n')
    const { stdout } = await run('import', '--print-mapping', 'csv')
    const shipped = JSON.parse(stdout) as { records: [{ fields: object }] }
    shipped.records[0].fields = {
      ...shipped.records[0].fields,
      product: 'app',
      expiresAt: { from: 'until', date: 'DD.MM.YYYY' },
      blocked: { from: 'state', values: { ok: false, gone: true } },
    }
    writeFileSync(mapping, JSON.stringify({ ...shipped, products: { ed: 3 } }))
    writeFileSync(join(folder, 'products.jsonl'), '{"kind":"product","name":"Editor","packageId":3}')
    await runJson('import', join(folder, 'products.jsonl'), '--storage', store)

    const rejects = join(folder, 'rejects.csv')
    const result = await run('import', '--map', mapping, table, '--storage', store, '--rejects', rejects)
    expect(result.stderr).toContain(`${table}:4: bad: blocked: is a value the mapping does not list\n`)
    expect(readFileSync(rejects, 'utf8')).toBe('Serial,App,Until,State\nOLD-3,ed,,lost\n')
    expect(await exported(store, 'license')).toMatchObject([
      { key: 'OLD-1', expiresAt: '2027-12-31T00:00:00.000Z', blocked: false },
      { key: 'OLD-2', expiresAt: '2026-02-01T00:00:00.000Z', blocked: true },
    ])
  })

  it('that are wrong say where', async () => {
    const folder = scratchFolder()
    const mapping = join(folder, 'mine.json')
    writeFileSync(mapping, JSON.stringify({ records: [{ kind: 'license', fields: { key: { form: 'serial' } } }] }))
    const result = await run('import', '--map', mapping, 'x.csv', '--storage', `sqlite:${join(folder, 'a.db')}`)
    expect(result).toMatchObject({ code: 2, stdout: '' })
    expect(result.stderr).toContain(`the mapping ${mapping} is wrong at records.0.fields.key`)
  })
})
