import { copyFileSync, existsSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { beforeAll, describe, expect, it } from 'vitest'
import { scratchFolder } from '../scratch-folder'
import { fillStore } from './full-store'
import { exported, type Line, openService, run, runJson } from './run-command'

const folder = scratchFolder()
const storeIn = (name: string) => `sqlite:${join(folder, name)}`
const source = storeIn('source.db')
let records: readonly Line[]

beforeAll(async () => {
  await fillStore(source)
  records = await exported(source)
})

describe('keyslot migrate', () => {
  it('copies everything, counts both, and may be run again', async () => {
    const target = storeIn('target.db')
    const first = await run('migrate', '--from', source, '--to', target)
    expect(first.code).toBe(0)
    expect(first.stdout).toMatch(/^license +3 +3 +same$/m)
    expect(first.stdout).toMatch(/^\d+ stored, [01] there already, 0 in conflict, 0 without what they belong to\.$/m)
    expect(first.stdout).toContain('The target has all of the source.')
    expect(first.stderr).toContain('stop the servers on both stores first')
    expect(first.stderr).toContain('source.db.keys.json')
    expect(await exported(target)).toEqual(records)

    const again = await runJson('migrate', '--from', source, '--to', target)
    expect(again).toMatchObject({ complete: true, stored: 0, existing: records.length, conflict: 0 })
    expect(await exported(target)).toEqual(records)

    copyFileSync(join(folder, 'source.db.keys.json'), join(folder, 'target.db.keys.json'))
    const { licensing } = await openService(target)
    expect((await licensing.licenses.list({}, { limit: 10 })).total).toBe(2)
    expect((await licensing.products.create({ name: 'Next' })).packageId).toBe(3)
    await licensing.close()
  })

  it('fails where the target has others in the place of what is to be copied', async () => {
    const target = storeIn('taken.db')
    // The one with an activation.
    const license = records.find(({ kind, maxActivations }) => kind === 'license' && maxActivations === 2)
    const lines = join(folder, 'taken.jsonl')
    writeFileSync(
      lines,
      `{"kind":"product","name":"Other","packageId":99}\n{"kind":"license","key":"${license?.key}","product":99}\n`,
    )
    await runJson('import', lines, '--storage', target)
    const { code, stdout, stderr } = await run('migrate', '--from', source, '--to', target, '--json')
    expect(code).toBe(1)
    expect(JSON.parse(stdout)).toMatchObject({ complete: false, conflict: 1 })
    expect(stderr).toMatch(/taken\.db has fewer than the source: .*activation \(0 of 1\)/)
    expect(stdout + stderr).not.toContain(String(license?.key))
  })

  it('keeps off a store that signs with other keys, unless told', async () => {
    const target = storeIn('served.db')
    await (await openService(target)).licensing.close()
    const refused = await run('migrate', '--from', source, '--to', target)
    expect(refused).toMatchObject({ code: 1, stdout: '' })
    expect(refused.stderr).toMatch(/^keyslot: \S+served\.db has been used with signing keys the source has not/)
    expect(await exported(target, 'license')).toEqual([])

    const merged = await runJson('migrate', '--from', source, '--to', target, '--merge')
    expect(merged).toMatchObject({ complete: true, conflict: 0 })
  })

  it.each([
    [['--from', source, '--to', source], 2, 'keyslot: --from and --to are the same store\n'],
    [
      ['--from', 'memory', '--to', source],
      2,
      'keyslot: a store in memory is inside its server and cannot be reached; name one that is kept\n',
    ],
    [['--from', storeIn('none.db'), '--to', source], 1, `keyslot: there is no store at ${join(folder, 'none.db')}\n`],
  ])('%j ends with one line that says why', async (args, code, stderr) => {
    expect(await run('migrate', ...args)).toEqual({ code, stdout: '', stderr })
    expect(existsSync(join(folder, 'none.db'))).toBe(false)
  })

  it('never shows a password', async () => {
    const secret = 's3cr3t-p4ss'
    const { code, stdout, stderr } = await run(
      'migrate',
      '--from',
      source,
      '--to',
      `postgres://vendor:${secret}@127.0.0.1:1/x`,
    )
    expect(code).toBe(1)
    expect(stdout + stderr).not.toContain(secret)
  })
})
