import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { scratchFolder } from '../scratch-folder'
import { exported, openService, run, runJson } from './run-command'

describe('keyslot housekeeping', () => {
  it('deletes what has had its day, once, and says how much it was', async () => {
    const folder = scratchFolder()
    const store = `sqlite:${join(folder, 'licenses.db')}`
    const { licensing } = await openService(store)
    await licensing.products.create({ name: 'Editor' })
    await licensing.close()
    const lines = join(folder, 'lines.jsonl')
    const past = { kind: 'license', product: 'Editor', cleanable: true, expiresAt: '2020-01-01' }
    writeFileSync(
      lines,
      [
        { ...past, key: 'OLD-1' },
        { ...past, key: 'OLD-2' },
        { ...past, key: 'KEPT', cleanable: false },
      ]
        .map((line) => JSON.stringify(line))
        .join('\n'),
    )
    await runJson('import', lines, '--storage', store)

    expect(await run('housekeeping', '--storage', store)).toEqual({
      code: 0,
      stdout:
        'Deleted: 2 licenses, 0 sessions, 0 revocations, 0 deliveries, 0 events, 0 idempotency records.\n' +
        'Webhooks: 0 delivered, 0 to be tried again, 0 given up.\n',
      stderr: '',
    })
    expect((await exported(store, 'license')).map(({ key }) => key)).toEqual(['KEPT'])
    expect(await runJson('housekeeping', '--storage', store)).toMatchObject({
      purged: { licenses: 0 },
      webhooks: { delivered: 0, failed: 0, dead: 0 },
    })
  })
})
