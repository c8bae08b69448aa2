import { readFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import { SHIPPED_MAPPINGS } from '../../../src/cli/transfer/mapping-file'
import { recordLineSchema } from '../../../src/protocol/schemas/record-lines'
import { RECORD_KINDS } from '../../../src/storage/records'

const document = readFileSync(new URL('../../../docs/import-export.md', import.meta.url), 'utf8')

interface KindSchema {
  readonly properties: Readonly<Record<string, { readonly const?: string }>>
}

describe('docs/import-export.md', () => {
  it('names every kind and every field of the lines', () => {
    const { oneOf } = recordLineSchema() as { readonly oneOf: readonly KindSchema[] }
    expect(oneOf.map(({ properties }) => properties.kind?.const)).toEqual(RECORD_KINDS)
    const names = new Set([...RECORD_KINDS, ...oneOf.flatMap(({ properties }) => Object.keys(properties))])
    expect([...names].filter((name) => !document.includes(`\`${name}\``))).toEqual([])
  })

  it('names every mapping', () => {
    expect(
      SHIPPED_MAPPINGS.filter((name) => !document.includes(`--map ${name}`) && !document.includes(`\`${name}\``)),
    ).toEqual([])
  })
})
