import { existsSync, readFileSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { beforeAll, describe, expect, it } from 'vitest'
import { RECORD_KINDS } from '../../../src/storage/records'
import { scratchFolder } from '../scratch-folder'
import { fillStore } from './full-store'
import { exported, type Line, run, runJson } from './run-command'

const folder = scratchFolder()
const store = `sqlite:${join(folder, 'licenses.db')}`
let records: readonly Line[]

beforeAll(async () => {
  await fillStore(store)
  records = await exported(store)
})

describe('keyslot export', () => {
  it('writes every kind, what others belong to first, and an import of it gives the same store', async () => {
    const kinds = [...new Set(records.map(({ kind }) => kind))]
    expect(kinds).toEqual(RECORD_KINDS)
    // Accounts come by their ids, which are random.
    const [license] = records.filter(({ kind, blocked }) => kind === 'license' && blocked === true)
    expect(license).toMatchObject({
      expiresAt: '+012345-06-07T08:09:10.123Z',
      metadata: { order: { id: 4711, lines: [1, null, 'ü'] } },
      externalId: 'order \u{1F9FE} 4711',
      activationCount: 1,
      blocked: true,
      stampFloor: expect.any(Number),
    })

    const [file, copy] = [join(folder, 'backup.jsonl'), `sqlite:${join(folder, 'copy.db')}`]
    const told = await runJson<{ records: Record<string, number> }>('export', '--storage', store, '--out', file)
    expect(told.records).toMatchObject({ license: 3, activation: 1, session: 1, account: 2, revocation: 1 })
    expect(statSync(file).mode & 0o777).toBe(0o600)
    expect(existsSync(`${file}.partial`)).toBe(false)

    const taken = await runJson<Record<string, number>>('import', file, '--storage', copy)
    expect(taken).toMatchObject({ lines: records.length, refused: 0, conflict: 0, orphan: 0 })
    expect(await exported(copy)).toEqual(records)
    expect(readFileSync(file, 'utf8').trimEnd().split('\n')).toHaveLength(records.length)
    // A store alone is no server: its keyring is not made anew.
    expect(existsSync(join(folder, 'copy.db.keys.json'))).toBe(false)
    expect((await run('license', 'create', '--storage', copy)).stderr).toContain('copy.db.keys.json is missing')
  })

  it('leaves out other kinds, and other accounts, when told', async () => {
    const customers = await exported(store, 'customer')
    expect(customers).toEqual(records.filter(({ kind }) => kind === 'customer'))

    const other = records.find(({ kind, name }) => kind === 'account' && name === 'Another vendor')
    const { stdout } = await run('export', '--storage', store, '--account', String(other?.id))
    const theirs = stdout
      .trimEnd()
      .split('\n')
      .map((line) => JSON.parse(line) as Line)
    expect(theirs.filter(({ kind }) => kind !== 'event').map(({ kind }) => kind)).toEqual([
      'account',
      'product',
      'customer',
      'license',
      'stamp-ceiling',
    ])
    expect(stdout).not.toContain('session-secret')

    const ours = await run('export', '--storage', store, '--account', 'acct_default0000000000000')
    const kinds = ours.stdout
      .trimEnd()
      .split('\n')
      .map((line) => (JSON.parse(line) as Line).kind)
    expect(kinds).toEqual(expect.arrayContaining(['product-version', 'activation', 'session', 'delivery']))
    expect(kinds).not.toContain('signing-key')
  })

  it('says that it holds secrets, and what is wrong', async () => {
    const { stderr } = await run('export', '--storage', store)
    expect(stderr).toMatch(/^keyslot: What is printed holds license keys/)
    expect(await run('export', '--storage', `sqlite:${join(folder, 'none.db')}`)).toMatchObject({
      code: 1,
      stderr: `keyslot: there is no store at ${join(folder, 'none.db')}\n`,
    })
    const nowhere = join(folder, 'no', 'such', 'folder.jsonl')
    const failed = await run('export', '--storage', store, '--out', nowhere)
    expect(failed.stderr).toContain(`keyslot: ${nowhere} cannot be written (ENOENT)\n`)
    expect((await run('export', '--storage', store, '--kinds', 'licenses')).code).toBe(2)
  })
})
