import { randomUUID } from 'node:crypto'
import { rmSync } from 'node:fs'
import { mkdir, readdir, readFile, stat, truncate, writeFile } from 'node:fs/promises'
import path from 'node:path'
import { describe, expect, it } from 'vitest'
import { releaseSlot } from '../../../src/client/actions/release-slot'
import { readSmallFile } from '../../../src/client/files/read-small-file'
import { type CachedActivation, NOTHING, parseState, serializeState } from '../../../src/client/store/cache-record'
import { CACHE_FILE, createTokenCache, type TokenCache } from '../../../src/client/store/license-on-disk'
import { createTicketStore } from '../../../src/client/store/uninstall-ticket'
import { failing } from '../../files/failing-calls'
import { temporaryDir } from '../temporary-dir'

const ACTIVATION: CachedActivation = {
  serverUrl: 'https://example.test/licensing',
  allowPlainHttp: false,
  productId: 'prod_0123456789abcdefghij',
  accessToken: 'pk_test',
  licenseKey: 'T8XTR-AI21B-2990H-85SB5',
  licenseToken: 'a.b.c',
  hostId: 'host-a',
  highestTimeSeen: 1_772_366_400,
}

function store(cache: TokenCache, activation: CachedActivation): Promise<boolean> {
  return cache.update(() => ({ kind: 'activation', activation }))
}

describe('token cache', () => {
  it('keeps an activation for the next process, in a file for this user only', async () => {
    const dir = path.join(await temporaryDir(), 'deep', 'down')
    await store(createTokenCache(dir), ACTIVATION)
    expect(await createTokenCache(dir).read()).toMatchObject({
      state: { kind: 'activation', activation: ACTIVATION },
      persisted: true,
    })
    expect((await stat(path.join(dir, CACHE_FILE))).mode & 0o777).toBe(0o600)
    expect(await readdir(dir)).toEqual([CACHE_FILE])
  })

  it('forgets key and token on refusal, and remembers why', async () => {
    const dir = await temporaryDir()
    const cache = createTokenCache(dir)
    await store(cache, ACTIVATION)
    await cache.update(() => ({ kind: 'refused', reason: 'LICENSE_BLOCKED' }))
    expect((await createTokenCache(dir).read()).state).toEqual({ kind: 'refused', reason: 'LICENSE_BLOCKED' })
    const text = await readFile(path.join(dir, CACHE_FILE), 'utf8')
    expect(text).not.toContain(ACTIVATION.licenseKey)
    expect(text).not.toContain(ACTIVATION.licenseToken)
  })

  it('sees at once what another process did', async () => {
    const dir = await temporaryDir()
    const [one, other] = [createTokenCache(dir), createTokenCache(dir)]
    expect((await one.read()).state.kind).toBe('none')
    await store(other, ACTIVATION)
    expect((await one.read()).state.kind).toBe('activation')
    await other.update(() => NOTHING)
    expect((await one.read()).state).toEqual({ kind: 'none', reason: 'NO_LICENSE' })
  })

  it('truncated at any byte: corrupt, never a crash, never half a license', () => {
    const text = serializeState({ kind: 'activation', activation: ACTIVATION })
    const read = Array.from({ length: text.trimEnd().length }, (_, length) => parseState(text.slice(0, length)))
    expect(new Set(read.map((state) => JSON.stringify(state)))).toEqual(
      new Set([JSON.stringify({ kind: 'none', reason: 'CACHE_CORRUPT' })]),
    )
  })

  it.each<[string, string | Buffer, string]>([
    ['empty', '', 'CACHE_CORRUPT'],
    ['random bytes', Buffer.from([0, 255, 254, 1, 128]), 'CACHE_CORRUPT'],
    ['another JSON', '[]', 'CACHE_CORRUPT'],
    ['null', 'null', 'CACHE_CORRUPT'],
    ['a missing field', JSON.stringify({ version: 1, ...ACTIVATION, licenseKey: undefined }), 'CACHE_CORRUPT'],
    ['a field of another type', JSON.stringify({ version: 1, ...ACTIVATION, hostId: 7 }), 'CACHE_CORRUPT'],
    ['a huge file', 'x'.repeat(2_000_000), 'CACHE_CORRUPT'],
    ['an older version', JSON.stringify({ ...ACTIVATION, version: 0 }), 'CACHE_CORRUPT'],
    ['a newer version', JSON.stringify({ version: 2, anything: true }), 'CACHE_NEWER'],
  ])('%s: says so, also to the next process, until there is a good file', async (_, content, reason) => {
    const dir = await temporaryDir()
    await writeFile(path.join(dir, CACHE_FILE), content)
    const cache = createTokenCache(dir)
    for (const reader of [cache, cache, createTokenCache(dir)]) {
      expect((await reader.read()).state).toEqual({ kind: 'none', reason })
    }
    if (reason === 'CACHE_CORRUPT') expect(await readdir(dir)).toEqual([`${CACHE_FILE}.bad`])
    await store(cache, ACTIVATION)
    expect((await createTokenCache(dir).read()).state.kind).toBe('activation')
    expect(await readdir(dir)).toEqual([CACHE_FILE])
  })

  it('a folder in the file’s place is unreadable, not a crash', async () => {
    const dir = await temporaryDir()
    await mkdir(path.join(dir, CACHE_FILE))
    expect((await createTokenCache(dir).read()).state).toEqual({ kind: 'none', reason: 'CACHE_UNREADABLE' })
  })

  it('works from memory where there is no folder, or none that can be written', async () => {
    const blocked = path.join(await temporaryDir(), 'a-file')
    await writeFile(blocked, '')
    for (const dir of [undefined, path.join(blocked, 'below')]) {
      const cache = createTokenCache(dir)
      await store(cache, ACTIVATION)
      expect(await cache.read()).toMatchObject({
        state: { kind: 'activation', activation: ACTIVATION },
        persisted: false,
      })
      await cache.update(() => ({ kind: 'refused', reason: 'REVOKED' }))
      expect((await cache.read()).state.kind).toBe('refused')
      await cache.update(() => NOTHING)
      expect((await cache.read()).state.kind).toBe('none')
    }
  })

  it('a license on disk stays persisted when only its time mark cannot be written', async () => {
    const dir = await temporaryDir()
    await store(createTokenCache(dir), ACTIVATION)
    const cache = createTokenCache(dir, undefined, failing('ENOSPC'))
    const marked = { ...ACTIVATION, highestTimeSeen: ACTIVATION.highestTimeSeen + 1 }
    await store(cache, marked)
    expect(await cache.read()).toMatchObject({ state: { kind: 'activation', activation: marked }, persisted: true })
    await store(cache, { ...marked, licenseToken: 'd.e.f' })
    expect((await cache.read()).persisted).toBe(false)
    expect(await readdir(dir)).toEqual([CACHE_FILE])
  })
})

describe('a stored license that cannot be removed', () => {
  it('is told of: the next start finds it', async () => {
    const dir = await temporaryDir()
    await store(createTokenCache(dir), ACTIVATION)
    const cache = createTokenCache(dir, undefined, failing('EACCES'))
    const { proofKey: _, ...activation } = ACTIVATION
    const tickets = createTicketStore(
      dir,
      async () => ({ kind: 'success', body: {}, serverTime: undefined }),
      randomUUID,
    )
    const releaser = { dataDir: dir, cache, tickets, randomId: randomUUID }
    expect(await releaseSlot(releaser, activation, 1_000, {})).toMatchObject({ outcome: 'freed', persisted: false })
    expect((await cache.read()).state.kind).toBe('none')
    expect((await createTokenCache(dir).read()).state.kind).toBe('activation')
    expect(await releaseSlot({ ...releaser, cache: createTokenCache(dir) }, activation, 1_000, {})).toMatchObject({
      outcome: 'freed',
      persisted: true,
    })
  })
})

describe('a file that somebody else has put in its place', () => {
  it('is not read where it is too large, or no plain file', async () => {
    const dir = await temporaryDir()
    const file = path.join(dir, CACHE_FILE)
    await writeFile(file, '')
    // Takes no room on the disk; whoever reads it fills the memory.
    await truncate(file, 8 * 2 ** 30)
    const before = process.memoryUsage.rss()
    expect((await createTokenCache(dir).read()).state).toEqual({ kind: 'none', reason: 'CACHE_CORRUPT' })
    expect(process.memoryUsage.rss() - before).toBeLessThan(2 ** 28)
    await expect(readSmallFile(`${file}.bad`)).rejects.toMatchObject({ code: 'EFBIG' })
    await expect(readSmallFile(dir)).rejects.toMatchObject({ code: 'EINVAL' })
    await writeFile(file, 'four')
    expect(await readSmallFile(file, 4)).toBe('four')
    await expect(readSmallFile(file, 3)).rejects.toMatchObject({ code: 'EFBIG' })
  })
})

describe('update', () => {
  it('changes one after the other, each on what the last left', async () => {
    const cache = createTokenCache(await temporaryDir())
    await store(cache, { ...ACTIVATION, highestTimeSeen: 0 })
    const step = () =>
      cache.update((found) =>
        found.kind === 'activation'
          ? {
              kind: 'activation',
              activation: { ...found.activation, highestTimeSeen: found.activation.highestTimeSeen + 1 },
            }
          : undefined,
      )
    await Promise.all(Array.from({ length: 20 }, step))
    expect((await cache.read()).state).toMatchObject({ activation: { highestTimeSeen: 20 } })
  })

  it('never writes over what another process has written since: the change is decided anew', async () => {
    const dir = await temporaryDir()
    const [one, other] = [createTokenCache(dir), createTokenCache(dir)]
    await store(one, ACTIVATION)
    const seen: string[] = []
    await one.update((found) => {
      seen.push(found.kind)
      // Between our reading and our writing, the other process deactivates.
      if (seen.length === 1) rmSync(path.join(dir, CACHE_FILE))
      return found.kind === 'activation' ? found : undefined
    })
    expect(seen).toEqual(['activation', 'none'])
    expect((await other.read()).state.kind).toBe('none')
  })
})
