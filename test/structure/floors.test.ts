import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join, relative } from 'node:path'
import { fileURLToPath } from 'node:url'
import { cruise, type ICruiseResult } from 'dependency-cruiser'
import extractDepcruiseConfig from 'dependency-cruiser/config-utl/extract-depcruise-config'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'

const CONFIG = fileURLToPath(new URL('../../.dependency-cruiser.cjs', import.meta.url))

/** For each rule an import that breaks it: the file below `src`, and what the file imports. All import types alone. */
const VIOLATIONS: Readonly<Record<string, readonly [file: string, imported: string]>> = {
  'no-imports-into-the-void': ['cli/void.ts', './not-there'],
  'no-other-folders': ['utils/stray.ts', 'protocol/routes.ts'],
  'protocol-imports-nothing-of-ours': ['protocol/claims.ts', 'domain/license.ts'],
  'files-imports-nothing-of-ours': ['files/write.ts', 'protocol/routes.ts'],
  'waiting-imports-nothing-of-ours': ['waiting/retry.ts', 'files/write.ts'],
  'domain-imports-only-protocol': ['domain/license.ts', 'storage/contract.ts'],
  'storage-imports-only-domain-protocol-files-waiting': ['storage/contract.ts', 'server/service/activate.ts'],
  'testing-imports-only-storage-protocol-client': ['testing/claims.ts', 'domain/license.ts'],
  'server-imports-only-storage-domain-protocol-files-waiting': [
    'server/service/activate.ts',
    'storage/sqlite/write.ts',
  ],
  'client-imports-only-protocol-files-waiting': ['client/wire/post.ts', 'server/http/router.ts'],
  'adapters-do-not-import-each-other': ['storage/sqlite/write.ts', 'storage/memory/table.ts'],
  'the-contract-knows-no-adapter': ['storage/records.ts', 'storage/memory/table.ts'],
  'the-ground-is-pure': ['domain/clock.ts', 'node:timers'],
  'the-ground-needs-no-package': ['domain/keys.ts', 'jose'],
  'the-client-needs-no-schemas': ['client/wire/post.ts', 'protocol/schemas/keymint.ts'],
  'every-file-of-storage-has-a-floor': ['storage/index.ts', 'storage/attic/box.ts'],
  'every-file-of-client-has-a-floor': ['client/index.ts', 'client/attic/box.ts'],
  'every-file-of-server-has-a-floor': ['server/index.ts', 'server/attic/box.ts'],
  'client-words-imports-nothing-from-above': ['client/words/says.ts', 'client/wire/post.ts'],
  'client-kit-context-imports-nothing-from-above': ['client/kit-context.ts', 'client/license-kit.ts'],
  'storage-memory-sqlite-postgres-stepper-tables-draws-records-imports-nothing-from-above': [
    'storage/tables.ts',
    'storage/verbs/store.ts',
  ],
  'server-service-imports-nothing-from-above': ['server/service/activate.ts', 'server/http/router.ts'],
  'express-stays-in-its-place': ['server/service/activate.ts', 'express'],
  'zod-stays-in-its-place': ['server/service/activate.ts', 'zod'],
  'commander-stays-in-its-place': ['server/service/activate.ts', 'commander'],
  'better-sqlite3-stays-in-its-place': ['storage/postgres/driver.ts', 'better-sqlite3'],
  'pg-stays-in-its-place': ['storage/sqlite/write.ts', 'pg'],
  'node-machine-id-stays-in-its-place': ['client/wire/post.ts', 'node-machine-id'],
}

/** Imports that keep every rule. */
const ALLOWED: readonly (readonly [file: string, imported: string])[] = [
  ['server/service/deactivate.ts', 'storage/contract.ts'],
  ['server/service/deactivate.ts', 'storage/verbs/store.ts'],
  ['storage/postgres/driver.ts', 'pg'],
  ['storage/sqlite/write.ts', 'storage/sqlite/driver.ts'],
  ['testing/kit.ts', 'storage/contract.ts'],
  ['client/license-kit.ts', 'client/words/says.ts'],
  ['testing/scene.ts', 'client/index.ts'],
  ['cli/start.ts', 'server/index.ts'],
]

let root = ''
let found: ICruiseResult

/** Writes a source file that imports what it is said to import. */
function write(path: string, imported: readonly string[], kind = 'import type'): void {
  const lines = imported.map((name) => {
    const target = name.endsWith('.ts') ? relative(dirname(path), name).replace(/^(?!\.)/, './') : name
    return `${kind} { Thing } from '${target.replace(/\.ts$/, '')}'\n`
  })
  mkdirSync(dirname(join(root, path)), { recursive: true })
  writeFileSync(join(root, path), `${lines.join('')}export type Thing = string\n`)
}

function writePackage(name: string): void {
  const folder = join(root, 'node_modules', name)
  mkdirSync(folder, { recursive: true })
  writeFileSync(join(folder, 'package.json'), JSON.stringify({ name, version: '1.0.0', main: 'index.js' }))
  writeFileSync(join(folder, 'index.js'), '')
}

beforeAll(async () => {
  root = mkdtempSync(join(tmpdir(), 'keyslot-floors-'))
  const imports = new Map<string, string[]>()
  for (const [file, imported] of [...Object.values(VIOLATIONS), ...ALLOWED]) {
    imports.set(file, [...(imports.get(file) ?? []), imported])
    if (imported.endsWith('.ts')) imports.set(imported, imports.get(imported) ?? [])
    else if (/^\w/.test(imported) && !imported.startsWith('node:')) writePackage(imported)
  }
  for (const [file, imported] of imports) {
    write(
      `src/${file}`,
      imported.map((name) => (name.endsWith('.ts') ? `src/${name}` : name)),
    )
  }
  write('src/cli/alone.ts', [])
  write('src/cli/this.ts', ['src/cli/that.ts'])
  write('src/cli/that.ts', ['src/cli/this.ts'])
  write('src/testing/values.ts', ['src/client/index.ts'], 'import')
  writeFileSync(join(root, 'package.json'), JSON.stringify({ name: 'fixture', type: 'module' }))

  const { forbidden = [], options = {} } = await extractDepcruiseConfig(CONFIG)
  const { output } = await cruise(
    ['src'],
    { ...options, baseDir: root, validate: true, ruleSet: { forbidden } },
    { bustTheCache: true, ...(options.enhancedResolveOptions ?? {}) },
  )
  if (typeof output === 'string') throw new Error('expected the result itself, not a report of it')
  found = output
})

afterAll(() => rmSync(root, { recursive: true, force: true }))

/** An import as a violation gives it. */
const arrow = (from: string, to: string) => `${from} → ${to.replace(/^node_modules\/(.*)\/index\.js$/, '$1')}`

/** The violations of a rule, each as `file → import`. */
function violationsOf(name: string): string[] {
  return found.summary.violations.filter(({ rule }) => rule.name === name).map(({ from, to }) => arrow(from, to))
}

describe('the rules of the linter about imports', () => {
  it.each(Object.entries(VIOLATIONS))('%s', (name, [file, imported]) => {
    const target = imported.replace(/^node:/, '').replace(/^(\w.*\.ts)$/, 'src/$1')
    expect(violationsOf(name)).toContain(`src/${file} → ${target}`)
  })

  it('no-circles', () => {
    expect(violationsOf('no-circles')).toContain('src/cli/that.ts → src/cli/this.ts')
  })

  it('no-orphans', () => {
    expect(violationsOf('no-orphans')).toEqual(['src/cli/alone.ts → src/cli/alone.ts'])
  })

  it('testing-takes-only-types-from-the-client', () => {
    expect(violationsOf('testing-takes-only-types-from-the-client')).toEqual([
      'src/testing/values.ts → src/client/index.ts',
    ])
  })

  it('leave alone what keeps them', () => {
    const broken = new Set(found.summary.violations.map(({ from, to }) => arrow(from, to)))
    const allowed = ALLOWED.map(
      ([file, imported]) => `src/${file} → ${imported.endsWith('.ts') ? 'src/' : ''}${imported}`,
    )
    expect(allowed.filter((line) => broken.has(line))).toEqual([])
  })

  it('are all tried here, but for the floors that are like those tried', async () => {
    const { forbidden = [] } = await extractDepcruiseConfig(CONFIG)
    const elsewhere = ['no-circles', 'no-orphans', 'testing-takes-only-types-from-the-client']
    const tried = new Set([...Object.keys(VIOLATIONS), ...elsewhere])
    const untried = forbidden.map(({ name = '' }) => name).filter((name) => !tried.has(name))
    expect(untried.filter((name) => !name.endsWith('-imports-nothing-from-above'))).toEqual([])
    expect([...tried].filter((name) => !forbidden.some((rule) => rule.name === name))).toEqual([])
  })
})
