import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { recordLineSchema } from '../../../src/protocol/schemas/record-lines'
import { DEEP_JSON, HOSTILE_JSON } from '../../hostile-json'
import { scratchFolder } from '../scratch-folder'
import { fixture, run } from './run-command'

/** JSON with each value in it hostile in turn, down to the values that hold no others. */
function mutantsOf(value: unknown, hostile: string): readonly string[] {
  if (typeof value !== 'object' || value === null) return [hostile]
  const inner = Object.entries(value)
  const around = (index: number, mutant: string) => {
    const parts = inner.map(([name, child], at) => {
      const text = at === index ? mutant : JSON.stringify(child)
      return Array.isArray(value) ? text : `${JSON.stringify(name)}:${text}`
    })
    return Array.isArray(value) ? `[${parts}]` : `{${parts}}`
  }
  return [hostile, ...inner.flatMap(([, child], index) => mutantsOf(child, hostile).map((one) => around(index, one)))]
}

/** Imports lines, and expects each of them to be taken, passed over or refused, and none to end the import. */
async function importAll(lines: readonly string[], ...options: string[]): Promise<void> {
  const folder = scratchFolder()
  const file = join(folder, 'input.jsonl')
  writeFileSync(file, `${lines.join('\n')}\n`)
  const rejects = join(folder, 'rejects.jsonl')
  const store = `sqlite:${join(folder, 'licenses.db')}`
  const { code, stdout, stderr } = await run(
    ...['import', file, '--storage', store, '--rejects', rejects, '--json', ...options],
  )
  expect([0, 1], stderr.slice(-400)).toContain(code)
  const counts = JSON.parse(stdout) as { lines: number; refused: number }
  expect(counts.lines).toBeGreaterThan(0)
  expect(readFileSync(rejects, 'utf8').trimEnd().split('\n').filter(Boolean)).toHaveLength(counts.refused)
}

interface LineSchema {
  readonly properties: Readonly<Record<string, { readonly const?: string }>>
}

describe('lines that are nothing like a record', () => {
  it('are refused one by one, whatever is in which field of which kind', async () => {
    const { oneOf } = recordLineSchema() as { readonly oneOf: readonly LineSchema[] }
    expect(oneOf.length).toBeGreaterThan(10)
    const lines = oneOf.flatMap(({ properties }) => {
      const { const: kind } = properties.kind ?? {}
      const fields = Object.keys(properties).filter((name) => name !== 'kind')
      return fields.flatMap((name) =>
        [...HOSTILE_JSON, ...DEEP_JSON.slice(0, 1)].map(
          (value) => `{"kind":${JSON.stringify(kind)},${JSON.stringify(name)}:${value}}`,
        ),
      )
    })
    await importAll([...lines, ...HOSTILE_JSON, ...DEEP_JSON])
  })

  it.each([
    ['keymint', 'keymint.jsonl'],
    ['authtool', 'authtool.jsonl'],
  ])('are refused one by one by the mapping %s', async (mapping, name) => {
    const rows = readFileSync(fixture(name), 'utf8').trim().split('\n')
    const lines = rows.flatMap((row) => HOSTILE_JSON.flatMap((value) => mutantsOf(JSON.parse(row), value)))
    await importAll(lines, '--map', mapping)
  })

  it.each([
    ['keygen', ['keygen-licenses.json', 'keygen-machines.json', 'keygen-products.json', 'keygen-users.json']],
    ['lemonsqueezy', ['lemonsqueezy-license-keys.json', 'lemonsqueezy-instances.json']],
  ])('are refused one by one by the mapping %s', async (mapping, names) => {
    const pages = names.map((name): unknown => JSON.parse(readFileSync(fixture(name), 'utf8')))
    const lines = pages.flatMap((page) => HOSTILE_JSON.flatMap((value) => mutantsOf(page, value)))
    await importAll(lines, '--map', mapping, '--format', 'jsonl')
  })

  it('are refused by a mapping that reads values in every way there is', async () => {
    const folder = scratchFolder()
    const from = 'x'
    const readings = [
      ...['text', 'number', 'boolean', 'list', 'reference'].map((as) => ({ from, as })),
      ...['iso', 'unix', 'unix-ms', 'YYYY-MM-DD'].map((date) => ({ from, date })),
      ...[
        { from, values: { a: 1 } },
        { from, none: ['-'] },
        { from, template: 'x{}', cut: 3 },
        { from, default: 1 },
      ],
    ]
    for (const [index, key] of readings.entries()) {
      const mapping = join(folder, `${index}.json`)
      const fields = { key, product: { from } }
      const records = [{ kind: 'license', when: { kind: ['x', null] }, fields, customer: { name: key } }]
      writeFileSync(mapping, JSON.stringify({ products: { Editor: 7 }, records }))
      const lines = [...HOSTILE_JSON, ...DEEP_JSON].flatMap((value) => [`{"x":${value}}`, `{"x":1,"kind":${value}}`])
      await importAll(lines, '--map', mapping, '--format', 'jsonl')
    }
  })

  it('do not end the import of a whole document', async () => {
    const folder = scratchFolder()
    const file = join(folder, 'input.json')
    writeFileSync(file, `[${[...HOSTILE_JSON, ...DEEP_JSON].join()}]`)
    const rejects = join(folder, 'rejects')
    const store = `sqlite:${join(folder, 'licenses.db')}`
    const { stdout, stderr } = await run('import', file, '--storage', store, '--rejects', rejects, '--json')
    const lines = HOSTILE_JSON.length + DEEP_JSON.length
    expect(JSON.parse(stdout), stderr).toMatchObject({ lines, refused: lines, bad: lines })
  })
})
