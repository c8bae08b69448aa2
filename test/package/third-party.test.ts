import { readdir, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { beforeAll, describe, expect, it } from 'vitest'
import { bundledFiles, packageOf, packagesAskedFor } from './bundled-packages'
import { ROOT, readManifest } from './consumer'

let files: readonly string[]
let notices: string

beforeAll(async () => {
  files = await bundledFiles(await readManifest())
  notices = await readFile(join(ROOT, 'dist/THIRD-PARTY.txt'), 'utf8')
})

const bundled = () => [...new Set(files.map(packageOf))].sort()
const modules = (name: string) => join(ROOT, 'node_modules', name)

describe('THIRD-PARTY.txt', () => {
  it('names the packages that are bundled, each with its version, and no other', async () => {
    const manifests = bundled().map((name) => readFile(join(modules(name), 'package.json'), 'utf8'))
    const expected = (await Promise.all(manifests)).map((text) => JSON.parse(text))
    const named = [...notices.matchAll(/^-{80}\n\n(\S+ \d\S*)$/gm)].map(([, title]) => title)
    expect(named.sort()).toEqual(expected.map(({ name, version }) => `${name} ${version}`).sort())
    expect(bundled()).toEqual(expect.arrayContaining(['jose', 'zod']))
  })

  it('holds the licence of each', async () => {
    for (const name of bundled()) {
      const licence = (await readdir(modules(name))).find((file) => /^licen[cs]e/i.test(file)) ?? expect.fail(name)
      expect(notices).toContain((await readFile(join(modules(name), licence), 'utf8')).trim())
    }
  })
})

describe('what is bundled', () => {
  it('is of zod only what is used: `import * as z` leaves its other languages out', () => {
    expect(files.filter((file) => /zod\/v4\/locales\/(?!en\.|index\.)/.test(file))).toEqual([])
  })

  it('asks for no package that an app does not get or choose', async () => {
    const { dependencies, peerDependencies } = await readManifest()
    const known = [...Object.keys(dependencies), ...Object.keys(peerDependencies)]
    const asked = await packagesAskedFor(join(ROOT, 'dist'))
    expect(asked).toEqual(expect.arrayContaining(['jose', 'express', 'better-sqlite3', 'pg']))
    expect(asked.filter((name) => !known.includes(name))).toEqual([])
  })
})
