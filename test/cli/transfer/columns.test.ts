import { existsSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { scratchFolder } from '../scratch-folder'
import { exported, run, runJson } from './run-command'

/** A store with a product, and a table to be imported. */
async function table(text: string) {
  const folder = scratchFolder()
  const [file, store] = [join(folder, 'sold.csv'), join(folder, 'store.db')]
  const storage = `sqlite:${store}`
  await runJson('product', 'create', 'Editor', '--storage', storage)
  writeFileSync(file, text)
  const load = (...more: string[]) =>
    run('import', file, '--map', 'csv', '--product', 'Editor', '--storage', storage, ...more)
  return { folder, storage, load, licenses: () => exported(storage, 'license') }
}

describe('a column that nobody reads', () => {
  it.each([
    ['Support ends', 'support_ends'],
    ['Max users', 'max_users'],
    ['Licence state', 'licence_state'],
    ['Refunded at', 'refunded_at'],
    ['Contact e-mail', 'contact_e_mail'],
    ['Valid', 'valid'],
    ['Activations left', 'activations_left'],
  ])('%s is refused before anything is stored, unless it is said to be of no use', async (heading, shown) => {
    const { load, licenses } = await table(`Key,${heading}\nABCDE-FGHIJ,2001-01-01\n`)
    for (const more of [[], ['--dry-run']]) {
      const refused = await load(...more)
      expect(refused).toMatchObject({ code: 2, stdout: '' })
      expect(refused.stderr).toContain(`--ignore-columns ${shown}`)
    }
    expect(await licenses()).toEqual([])
    const taken = await load('--ignore-columns', heading)
    expect(taken).toMatchObject({ code: 0, stderr: expect.stringContaining(`not read are ${shown}`) })
    expect(await licenses()).toHaveLength(1)
  })

  it('with a name that promises nothing is told, and no more', async () => {
    const { load } = await table('Key,Salesperson,Email\nABCDE-FGHIJ,Bob,ada@example.com\n')
    expect(await load()).toMatchObject({
      code: 0,
      stderr: expect.stringMatching(/sold\.csv: read are key, email; not read are salesperson$/m),
    })
  })
})

it.each([
  ['Expiration', '2001-01-01', { expiresAt: '2001-01-01T23:59:59.999Z' }],
  ['Valid to', '2001-01-01', { expiresAt: '2001-01-01T23:59:59.999Z' }],
  ['State', 'revoked', { blocked: true }],
  ['Status', 'refunded', { blocked: true }],
  ['times_activated_max', '3', { maxActivations: 3 }],
])('%s %s is what it says', async (heading, value, expected) => {
  const { load, licenses } = await table(`Key,${heading}\nABCDE-FGHIJ,${value}\n`)
  expect(await load()).toMatchObject({ code: 0 })
  expect(await licenses()).toMatchObject([expected])
})

it('a status that may mean either refuses its line', async () => {
  const { load, licenses } = await table('Key,Status\nABCDE-FGHIJ,1\n')
  expect(await load()).toMatchObject({ code: 1, stderr: expect.stringContaining('does not list') })
  expect(await licenses()).toEqual([])
})

it('E-Mail names who holds it', async () => {
  const { load, storage } = await table('Key,E-Mail\nABCDE-FGHIJ,ada@example.com\n')
  expect(await load()).toMatchObject({ code: 0 })
  expect(await exported(storage, 'customer')).toMatchObject([{ email: 'ada@example.com' }])
})

it('a heading that is there twice is refused', async () => {
  const { folder, load } = await table('Key,Limit,limit\nABCDE-FGHIJ,1,99\n')
  expect(await load()).toMatchObject({ code: 2, stderr: expect.stringContaining('the column limit twice') })
  expect(existsSync(join(folder, 'sold.csv.keyslot-import.json'))).toBe(false)
})
