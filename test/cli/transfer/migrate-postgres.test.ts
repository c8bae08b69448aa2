import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, describe, expect, it } from 'vitest'
import { type ScratchSchema, scratchSchema } from '../../postgres/scratch-schema'
import { scratchFolder } from '../scratch-folder'
import { fillStore } from './full-store'
import { exported, run, runJson } from './run-command'

const schemas: ScratchSchema[] = []

afterAll(async () => {
  for (const schema of schemas) await schema.drop()
})

async function scratchPostgres(): Promise<string> {
  const scratch = await scratchSchema()
  schemas.push(scratch)
  return `${scratch.url}?schema=${scratch.schema}`
}

describe('a store in PostgreSQL', () => {
  it('is migrated to from SQLite and back without a difference, and never shows its password', async () => {
    const folder = scratchFolder()
    const [source, back] = [`sqlite:${join(folder, 'source.db')}`, `sqlite:${join(folder, 'back.db')}`]
    const postgres = await scratchPostgres()
    await fillStore(source)
    const records = await exported(source)

    const there = await run('migrate', '--from', source, '--to', postgres)
    expect(there).toMatchObject({ code: 0 })
    expect(there.stdout + there.stderr).not.toContain(new URL(postgres).password)
    expect(await exported(postgres)).toEqual(records)
    expect(await runJson('migrate', '--from', source, '--to', postgres)).toMatchObject({ complete: true, stored: 0 })

    expect(await runJson('migrate', '--from', postgres, '--to', back)).toMatchObject({ complete: true, conflict: 0 })
    expect(await exported(back)).toEqual(records)
  })

  it('takes an import, and takes it again', async () => {
    const lines = join(scratchFolder(), 'lines.jsonl')
    const postgres = await scratchPostgres()
    const licenses = Array.from({ length: 2500 }, (_, index) => ({
      kind: 'license',
      key: `k${index}`,
      product: 'Editor',
      customer: { name: 'Ada', email: `ada-${index % 10}@example.com` },
      activations: [{ hostId: 'host-1' }],
    }))
    writeFileSync(
      lines,
      [{ kind: 'product', name: 'Editor' }, ...licenses].map((line) => JSON.stringify(line)).join('\n'),
    )
    const stored = 1 + 2 * licenses.length + 10
    expect(await runJson('import', lines, '--storage', postgres)).toMatchObject({ stored, refused: 0 })
    expect(await runJson('import', lines, '--storage', postgres)).toMatchObject({ stored: 0, refused: 0 })
    const activated = await exported(postgres, 'license')
    expect(activated.filter(({ activationCount }) => activationCount === 1)).toHaveLength(licenses.length)
  })
})
