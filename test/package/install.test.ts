import { mkdtemp, readdir, readFile, rm, stat } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { type Consumer, createConsumer, type Packed, pack, ROOT } from './consumer'

const MAX_PACKAGES = 12
const MAX_INSTALLED_BYTES = 8_000_000
const MAX_UNPACKED_BYTES = 2_950_000

let scratch: string
let packed: Packed
let app: Consumer

beforeAll(async () => {
  scratch = await mkdtemp(join(tmpdir(), 'keyslot-install-'))
  packed = await pack(scratch)
  app = await createConsumer(packed.tarball)
}, 120_000)

afterAll(async () => {
  await app.remove()
  await rm(scratch, { recursive: true, force: true })
})

/** Names of the packages in a `node_modules`, those below other packages included. */
async function packagesIn(folder: string): Promise<readonly string[]> {
  const found: string[] = []
  for (const name of await readdir(folder)) {
    if (name.startsWith('.')) continue
    const inside = await readdir(join(folder, name))
    if (name.startsWith('@')) found.push(...inside.map((scoped) => `${name}/${scoped}`))
    else found.push(name)
    if (inside.includes('node_modules')) found.push(...(await packagesIn(join(folder, name, 'node_modules'))))
  }
  return found
}

/** Size of all files below a folder, those behind links included. */
async function bytesIn(folder: string): Promise<number> {
  let bytes = 0
  for (const name of await readdir(folder)) {
    const path = join(folder, name)
    const found = await stat(path)
    bytes += found.isDirectory() ? await bytesIn(path) : found.size
  }
  return bytes
}

describe('an app that installs keyslot alone', () => {
  it('gets few packages, and no Express', async () => {
    const packages = await packagesIn(join(app.folder, 'node_modules'))
    expect(packages).toContain('keyslot')
    expect(packages.length).toBeLessThanOrEqual(MAX_PACKAGES)
    expect(packages).not.toContain('express')
  })

  it('gets few megabytes', async () => {
    const bytes = await bytesIn(join(app.folder, 'node_modules'))
    expect(bytes).toBeGreaterThan(packed.unpackedBytes)
    expect(bytes).toBeLessThanOrEqual(MAX_INSTALLED_BYTES)
  })
})

describe('the tarball', () => {
  it('unpacks to little', () => {
    expect(packed.unpackedBytes).toBeLessThanOrEqual(MAX_UNPACKED_BYTES)
  })

  it('holds no source map and no source', async () => {
    expect(packed.files.filter((path) => /\.map$|(?<!\.d)\.[cm]?ts$/.test(path))).toEqual([])
    for (const path of packed.files) {
      expect(await readFile(join(ROOT, path), 'utf8'), path).not.toMatch(/sourcesContent|^\/\/# sourceMappingURL=/m)
    }
  })

  it('keeps the names that stack traces show', async () => {
    await app.write('trace.cjs', "require('keyslot/client').createLicenseKit({})")
    await expect(app.exec('node', 'trace.cjs')).rejects.toThrow(
      /at (?:Object\.)?createLicenseKit \(.*index\.cjs:\d+:\d{1,3}\)/,
    )
  })
})
