import { access, mkdtemp, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { scratchSchema } from '../postgres/scratch-schema'
import { type Consumer, createConsumer, pack, ROOT, readManifest } from './consumer'
import {
  ENTRIES,
  loadingPrograms,
  MISSING_PEERS,
  specifierOf,
  TOLD_OF_MISSING_PEERS,
  WITHOUT_REQUIRE_OF_ESM,
} from './entries'

/** Kept complete by the first test. */
const entries = Object.entries(ENTRIES)

/** For whoever verifies in another language. */
const VECTORS = 'examples/verify/vectors.json'

let scratch: string
let files: readonly string[]
let bare: Consumer
let full: Consumer

beforeAll(async () => {
  scratch = await mkdtemp(join(tmpdir(), 'keyslot-pack-'))
  const packed = await pack(scratch)
  files = packed.files
  bare = await createConsumer(packed.tarball, { '@types/node': '@types/node' })
  full = await createConsumer(packed.tarball, {
    '@types/node': '@types/node',
    express: 'express',
    'better-sqlite3': 'better-sqlite3',
    pg: 'pg',
  })
}, 120_000)

afterAll(async () => {
  await bare.remove()
  await full.remove()
  await rm(scratch, { recursive: true, force: true })
})

describe('the packed tarball', () => {
  it('has every documented entry, all of them on disk', async () => {
    const { exports } = await readManifest()
    expect(Object.keys(exports).filter((entry) => !entry.endsWith('.json'))).toEqual(Object.keys(ENTRIES))
    const paths = JSON.stringify(exports).match(/\.\/dist\/[^"]+/g) ?? []
    expect(paths.length).toBe(entries.length * 4)
    await Promise.all(paths.map((path) => access(join(full.folder, 'node_modules/keyslot', path))))
  })

  it('holds the build and the papers, nothing else', () => {
    const papers = ['CHANGELOG.md', 'LICENSE', 'README.md', 'SECURITY.md', 'package.json', VECTORS]
    expect(files.filter((path) => !path.startsWith('dist/')).sort()).toEqual(papers.sort())
    expect(files).toContain('dist/THIRD-PARTY.txt')
  })

  it('names no type of a dependency in what it publishes', async () => {
    const declarations = files.filter((path) => /\.d\.c?ts$/.test(path))
    expect(declarations.length).toBeGreaterThanOrEqual(entries.length * 2)
    for (const path of declarations) {
      const text = await readFile(join(ROOT, path), 'utf8')
      const foreign = [...text.matchAll(/^(?:import|export) [^\n]* from '([^.'][^']*)'/gm)].map(([, name = '']) => name)
      expect(
        foreign.filter((name) => !name.startsWith('node:') && !['http', 'crypto'].includes(name)),
        path,
      ).toEqual([])
      expect(text, path).not.toMatch(/\b(?:zod|jose|commander)\b|\bimport\(/)
    }
  })

  it('has no root export: a shipped app cannot import the server by mistake', async () => {
    await full.write('root.mjs', "import 'keyslot'")
    await expect(full.exec('node', 'root.mjs')).rejects.toThrow(/ERR_PACKAGE_PATH_NOT_EXPORTED|No "exports" main/)
  })
})

describe.each(entries)('%s', (entry, name) => {
  const { esm, cjs } = loadingPrograms(entry, name)

  it('is imported from ESM', async () => {
    await full.write('esm.mjs', esm)
    expect((await full.exec('node', 'esm.mjs')).stdout.trim()).toBe('function')
  })

  it('is required from CommonJS where require of ES modules is off', async () => {
    await full.write('cjs.cjs', cjs)
    const { stdout } = await full.exec('node', WITHOUT_REQUIRE_OF_ESM, 'cjs.cjs')
    expect(stdout.trim()).toBe('function')
  })

  it('loads without any peer installed', async () => {
    await bare.write('bare.mjs', esm)
    expect((await bare.exec('node', 'bare.mjs')).stdout.trim()).toBe('function')
  })
})

describe('TypeScript consumers', () => {
  const imports = entries.map(([entry, name]) => `import { ${name} } from '${specifierOf(entry)}'`).join('\n')
  const uses = `export const all: Function[] = [${entries.map(([, name]) => name).join(', ')}]`
  const tsc = (consumer: Consumer, ...args: string[]) =>
    consumer.exec(
      'node',
      join(ROOT, 'node_modules/typescript/bin/tsc'),
      ...['--noEmit', '--strict', '--exactOptionalPropertyTypes', '--module', 'nodenext', '--target', 'es2022'],
      ...args,
    )

  it('type-check every entry as ES module and as CommonJS, library checks on', async () => {
    await bare.write('all.mts', `${imports}\n${uses}`)
    await bare.write('all.cts', `${imports}\n${uses}`)
    await tsc(bare, '--types', 'node', 'all.mts', 'all.cts')
  })

  it.each(['@types/express', '@types/express4'])('mount the router under %s', async (types) => {
    const { tarball } = await pack(scratch)
    const consumer = await createConsumer(tarball, { '@types/express': types, '@types/node': '@types/node' })
    await consumer.write(
      'mount.mts',
      `import type { Express } from 'express'
      import type { Licensing } from 'keyslot/server'
      export function mount(app: Express, licensing: Licensing) {
        app.use('/licensing', licensing.router)
        app.use(licensing.errorHandler)
      }`,
    )
    // Library checks off: the two versions of Express's types are not ours to judge.
    await tsc(consumer, '--skipLibCheck', '--types', 'node', 'mount.mts')
    await consumer.remove()
  })
})

describe('a missing peer', () => {
  it.each([
    ['ESM', 'peer.mjs', MISSING_PEERS.esm],
    ['CommonJS', 'peer.cjs', MISSING_PEERS.cjs],
  ])('is one line with the command that installs it, from %s', async (_, file, program) => {
    await bare.write(file, program)
    const { stdout } = await bare.exec('node', WITHOUT_REQUIRE_OF_ESM, file)
    const told = TOLD_OF_MISSING_PEERS.map((pattern) => expect.stringMatching(pattern))
    expect(stdout.trim().split('\n')).toEqual(told)
  })
})

describe('a driver that is installed', () => {
  it.each([
    ['ESM', 'open.mjs', "import { postgresStorage } from 'keyslot/storage/postgres'"],
    ['CommonJS', 'open.cjs', "const { postgresStorage } = require('keyslot/storage/postgres')"],
  ])('is loaded from %s: pg', async (_, file, load) => {
    const { url, schema, drop } = await scratchSchema()
    const options = JSON.stringify({ connectionString: url, schema })
    await full.write(
      file,
      `${load}
      const storage = postgresStorage(${options})
      storage.open({ version: 1, tables: {} }).then(() => storage.ping()).then(() => storage.close()).then(() => console.log('opened'))`,
    )
    expect((await full.exec('node', file)).stdout.trim()).toBe('opened')
    await drop()
  })
})

describe('the command line', () => {
  it('is installed as keyslot and tells its version', async () => {
    const { version } = await readManifest()
    const { stdout } = await full.exec('node_modules/.bin/keyslot', '--version')
    expect(stdout.trim()).toBe(version)
  })
})

describe('the client half in a bundle', () => {
  it('deactivates without express and without a driver', async () => {
    const { stdout, stderr } = await bare.exec('node_modules/.bin/keyslot', 'deactivate', '--app', 'never-installed')
    expect(stdout + stderr).not.toMatch(/Cannot find/)
  })
})
