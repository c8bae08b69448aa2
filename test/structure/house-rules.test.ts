import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { describe, expect, it } from 'vitest'

const SOURCES = fileURLToPath(new URL('../../src/', import.meta.url))

interface SourceFile {
  /** Path below `src/`, without extension. */
  readonly path: string
  readonly text: string
}

const files = readdirSync(SOURCES, { recursive: true, encoding: 'utf8' })
  .filter((name) => name.endsWith('.ts'))
  .map((name): SourceFile => ({ path: name.replace(/\.ts$/, ''), text: readFileSync(join(SOURCES, name), 'utf8') }))

describe('house rules', () => {
  it('reads every source file', () => {
    expect(files.length).toBeGreaterThan(50)
  })

  it('no clock below the composition roots', () => {
    const composition =
      /^(cli\/|server\/(options|signing\/keyring-file|events\/webhook-signature)$|client\/(options|uninstall\/uninstall)$)/
    const reading = files.filter(({ path, text }) => !composition.test(path) && /Date\.now\(\)|new Date\(\)/.test(text))
    expect(reading.map(({ path }) => path)).toEqual([])
  })

  it('barrels name what they export', () => {
    expect(files.filter(({ text }) => /^export \*/m.test(text)).map(({ path }) => path)).toEqual([])
  })

  it('no junk drawers', () => {
    expect(
      files.filter(({ path }) => /(^|\/)(utils?|helpers?|misc|common)(\/|$)/.test(path)).map(({ path }) => path),
    ).toEqual([])
  })

  it('no file outgrows a page of reading without saying why', () => {
    const long = files.filter(({ text }) => text.split('\n').length > 400 && !/longer than other files/.test(text))
    expect(long.map(({ path }) => path)).toEqual([])
  })
})
