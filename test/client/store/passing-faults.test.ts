import type * as fs from 'node:fs/promises'
import { readFile, writeFile } from 'node:fs/promises'
import path from 'node:path'
import { afterEach, describe, expect, it, vi } from 'vitest'
import { createNewestFile, type Signed } from '../../../src/client/files/newest-file'
import { resolveHostId } from '../../../src/client/host/host-id'
import { ensureInstallationId } from '../../../src/client/host/installation-id'
import { SYSTEM_PROBES } from '../../../src/client/host/machine-id'
import type { WritableState } from '../../../src/client/store/cache-record'
import { ensureKeptKey } from '../../../src/client/store/kept-key'
import { CACHE_FILE, createTokenCache } from '../../../src/client/store/license-on-disk'
import { codeOf } from '../error-code'
import { temporaryDir } from '../temporary-dir'

/** The next so many reads of any file fail with this code. */
const fault = vi.hoisted(() => ({ code: 'EMFILE', left: 0 }))

vi.mock('node:fs/promises', async (importOriginal) => {
  const original = await importOriginal<typeof fs>()
  const failing = (async (...args: Parameters<typeof fs.readFile>) => {
    if (fault.left-- > 0) throw Object.assign(new Error(fault.code), { code: fault.code })
    return await original.readFile(...args)
  }) as typeof fs.readFile
  return { ...original, readFile: failing, default: { ...original, readFile: failing } }
})

function fails(code: string, reads = Number.POSITIVE_INFINITY): void {
  Object.assign(fault, { code, left: reads })
}

afterEach(() => fails('EMFILE', 0))

const PASSING = ['EMFILE', 'ENFILE', 'EBUSY', 'EPERM', 'EACCES', 'EIO']

const refusal = (refusedAt: number): WritableState => ({ kind: 'refused', reason: 'REVOKED', tokenId: 't', refusedAt })

interface Counted extends Signed<Counted> {
  readonly text: string
}

/** Numbers, of which the highest counts. */
function counted(text: string): Counted {
  return { text, join: (other) => counted(String(Math.max(Number(text), Number(other.text)))) }
}

function numbers(file: string) {
  return createNewestFile(
    file,
    async (text) => counted(text),
    () => numbers,
  )
}

describe.each(PASSING)('a read that fails with %s', (code) => {
  it('is no fact about the license: what was read before holds, and the next read counts', async () => {
    const dataDir = await temporaryDir()
    const cache = createTokenCache(dataDir)
    fails(code)
    expect((await cache.read()).state).toMatchObject({ kind: 'none' })
    fails(code, 0)
    await cache.update(() => refusal(1))
    expect((await cache.read()).state).toMatchObject({ refusedAt: 1 })

    await createTokenCache(dataDir).update(() => refusal(2))
    fails(code)
    expect((await cache.read()).state).toMatchObject({ refusedAt: 1 })
    fails(code, 0)
    expect((await cache.read()).state).toMatchObject({ refusedAt: 2 })
  })

  it('at the first start is forgotten, too', async () => {
    const dataDir = await temporaryDir()
    await createTokenCache(dataDir).update(() => refusal(1))
    const cache = createTokenCache(dataDir)
    fails(code)
    expect((await cache.read()).state).toEqual({ kind: 'none', reason: 'CACHE_UNREADABLE' })
    fails(code, 0)
    expect((await cache.read()).state).toMatchObject({ refusedAt: 1 })
  })

  it('replaces no file: not with a state, a key or an id of its own', async () => {
    const dataDir = await temporaryDir()
    const cache = createTokenCache(dataDir)
    await cache.update(() => refusal(1))
    const key = await ensureKeptKey(dataDir, undefined)
    const id = await ensureInstallationId(dataDir)
    const texts = () =>
      Promise.all([CACHE_FILE, 'proof-key.json', 'installation-id'].map((name) => readText(dataDir, name)))
    const before = await texts()

    fails(code)
    expect(await ensureKeptKey(dataDir, undefined)).toBeUndefined()
    expect(await ensureInstallationId(dataDir)).toBeUndefined()
    fails(code, 0)
    expect(await texts()).toEqual(before)
    expect(await ensureKeptKey(dataDir, undefined)).toEqual(key)
    expect(await ensureInstallationId(dataDir)).toBe(id)
  })

  it('makes no other host of this one', async () => {
    const dataDir = await temporaryDir()
    const sources = { appName: 'acme', dataDir, hostId: undefined, probes: { ...SYSTEM_PROBES, exists: () => true } }
    const { hostId } = await resolveHostId(sources)
    fails(code)
    expect(await codeOf(resolveHostId(sources))).toBe('HOST_ID_UNAVAILABLE')
    fails(code, 0)
    expect((await resolveHostId(sources)).hostId).toBe(hostId)
  })

  it('forgets nothing that was signed, and does not write over what it could not read', async () => {
    const file = path.join(await temporaryDir(), 'numbers')
    await writeFile(file, '7')
    const one = numbers(file)
    fails(code)
    expect(await one.newest()).toBeUndefined()
    await one.take(() => counted('5'))
    fails(code, 0)
    expect(await readFile(file, 'utf8')).toBe('7')
    expect((await one.newest())?.text).toBe('7')
  })
})

it.each(['EMFILE', 'EBUSY', 'EACCES'])(
  'a file that two reads in a row find held (%s) is read all the same',
  async (code) => {
    const dataDir = await temporaryDir()
    await createTokenCache(dataDir).update(() => refusal(1))
    fails(code, 2)
    expect((await createTokenCache(dataDir).read()).state).toMatchObject({ refusedAt: 1 })
  },
)

async function readText(dataDir: string, name: string): Promise<string> {
  return await readFile(path.join(dataDir, name), 'utf8')
}
