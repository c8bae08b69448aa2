import { readdirSync, readFileSync } from 'node:fs'
import { dirname, join, normalize, relative } from 'node:path'
import { fileURLToPath } from 'node:url'
import { describe, expect, it } from 'vitest'

const SOURCES = fileURLToPath(new URL('../../src/', import.meta.url))

interface SourceFile {
  /** Path below `src/`, without extension. */
  readonly path: string
  readonly text: string
  /** Imported modules: files of ours as paths below `src/`, packages by name. */
  readonly imports: readonly string[]
}

const files = readdirSync(SOURCES, { recursive: true, encoding: 'utf8' })
  .filter((name) => name.endsWith('.ts'))
  .map(readSource)

function readSource(name: string): SourceFile {
  const text = readFileSync(join(SOURCES, name), 'utf8')
  const found = text.matchAll(/\b(?:from|import)\s+'([^']+)'|\bimport\('([^']+)'\)/g)
  const specifiers = [...found].map(([, fixed, dynamic]) => fixed ?? dynamic ?? '')
  const imports = specifiers.map((specifier) =>
    specifier.startsWith('.')
      ? relative('.', normalize(join(dirname(name), specifier)))
      : (/^(node:[^']+|(?:@[^/]+\/)?[^/]+)/.exec(specifier)?.[1] ?? specifier),
  )
  return { path: name.replace(/\.ts$/, ''), text, imports }
}

/** What files below `folder` import that is neither below one of `allowed` nor one of them. */
function strayImports(folder: string, allowed: readonly string[]): string[] {
  return files
    .filter(({ path }) => path.startsWith(folder))
    .flatMap(({ path, imports }) =>
      imports
        .filter((name) => !allowed.some((entry) => name === entry || name.startsWith(entry)))
        .map((name) => `${path} imports ${name}`),
    )
}

function importsMatching(folder: string, forbidden: RegExp): string[] {
  return files
    .filter(({ path }) => path.startsWith(folder))
    .flatMap(({ path, imports }) =>
      imports.filter((name) => forbidden.test(name)).map((name) => `${path} imports ${name}`),
    )
}

describe('the house: imports point one way', () => {
  it('reads every source file', () => {
    expect(files.length).toBeGreaterThan(50)
    expect(files.find(({ path }) => path === 'server/service/activate')?.imports).toContain('domain/random')
  })

  it('protocol imports nothing of ours', () => {
    expect(strayImports('protocol/', ['protocol/', 'node:crypto', 'zod'])).toEqual([])
  })

  it('zod stays in the schemas of the protocol', () => {
    expect(importsMatching('protocol/', /^zod$/).filter((line) => !line.startsWith('protocol/schemas/'))).toEqual([])
    expect(importsMatching('client/', /^zod$/)).toEqual([])
  })

  it('client and server never import each other', () => {
    expect(importsMatching('client/', /^(server|cli)\//)).toEqual([])
    expect(importsMatching('server/', /^(client|cli)\//)).toEqual([])
  })

  it('the client takes only what needs no zod from the protocol', () => {
    expect(importsMatching('client/', /^protocol\/schemas/)).toEqual([])
    expect(importsMatching('client/', /^(express|pg|better-sqlite3|commander|axios)$/)).toEqual([])
  })

  it('the domain imports only the protocol', () => {
    expect(strayImports('domain/', ['domain/', 'protocol/', 'node:crypto'])).toEqual([])
  })

  it('services know neither HTTP nor adapters', () => {
    expect(
      strayImports('server/service/', [
        'server/service/',
        'domain/',
        'server/signing/',
        'storage/contract',
        'protocol/',
        'node:',
        'lru-cache',
      ]),
    ).toEqual([])
  })

  it('storage adapters know the contract and the domain, not services or HTTP', () => {
    expect(importsMatching('storage/', /^server\/(http|service|signing|api)\//)).toEqual([])
  })

  it('only the HTTP folder and the loader know Express', () => {
    const knowing = files.filter(({ imports }) => imports.includes('express')).map(({ path }) => path)
    expect(knowing.filter((path) => !/^server\/(http\/|express$|create-licensing$)|^cli\//.test(path))).toEqual([])
  })

  it('drivers are loaded only by their adapter', () => {
    for (const [driver, adapter] of [
      ['better-sqlite3', 'storage/sqlite/'],
      ['pg', 'storage/postgres/'],
    ] as const) {
      const knowing = files.filter(({ imports }) => imports.includes(driver)).map(({ path }) => path)
      expect(knowing.length, driver).toBeGreaterThan(0)
      expect(knowing.filter((path) => !path.startsWith(adapter))).toEqual([])
    }
  })
})

describe('house rules', () => {
  it('no clock below the composition roots', () => {
    const composition = /^(cli\/|server\/(options|signing\/keyring-file)$|client\/(options|uninstall\/uninstall)$)/
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
