import { existsSync, statSync } from 'node:fs'
import { readFile, rename, rm } from 'node:fs/promises'
import path from 'node:path'
import { type FileCalls, removePatiently, writeAtomically } from '../files/atomic-file'
import { type CacheState, NOTHING, parseState, serializeState, type WritableState } from './cache-record'
import type { SecretStore } from './secret-store'

/** The state, and whether it is on disk or only in this process's memory. */
export interface Snapshot {
  readonly state: CacheState
  readonly persisted: boolean
}

/** With the name of the file's version it was read from. */
interface StampedSnapshot extends Snapshot {
  readonly stamp: string
}

/**
 * What to do with the state found: the state to put in its place (`none` forgets everything), or undefined to leave it.
 * May be called again when another process was faster.
 */
export type Change = (found: CacheState) => CacheState | undefined

/** The license token's cache file, shared by all processes of the app. No method throws for what the disk does. */
export interface TokenCache {
  /**
   * The current state. The file is read again only when its inode, size or modification time changed since: one
   * `stat` call (microseconds) per check, so that what another process did is seen at once.
   */
  read(): Promise<Snapshot>
  /**
   * Changes the state, one change after the other within this process, and never over what another process has written
   * since it was read. Where the disk refuses, the new state is kept in memory.
   */
  update(change: Change): Promise<void>
}

export const CACHE_FILE = 'license.json'

const MAX_BYTES = 1_048_576
/** Nobody writes often enough to be faster this many times. */
const MAX_ATTEMPTS = 5

/**
 * @param dataDir undefined: memory only
 * @param secretStore seals what the file says of an activation, where it can
 */
export function createTokenCache(
  dataDir: string | undefined,
  secretStore?: SecretStore,
  calls?: FileCalls,
): TokenCache {
  const file = dataDir === undefined ? undefined : path.join(dataDir, CACHE_FILE)
  let lastRead: StampedSnapshot | undefined
  /** What the disk refused to take, valid until somebody changes the file after all. */
  let inMemory: StampedSnapshot | undefined
  let lastUpdate = Promise.resolve()

  async function read(): Promise<StampedSnapshot> {
    const stamp = stampOf(file)
    if (inMemory?.stamp === stamp) return inMemory
    inMemory = undefined
    if (lastRead?.stamp === stamp) return lastRead
    const state = file === undefined ? NOTHING : await readState(file, secretStore)
    const problem = state.kind === 'none' ? state.reason : undefined
    const stampAfter = problem === 'CACHE_CORRUPT' && file !== undefined ? await setAside(file, stamp) : stamp
    const found = { stamp: stampAfter, state, persisted: file !== undefined }
    // A secret store that is locked now may be open the next time.
    lastRead = problem === 'CACHE_SEALED' ? undefined : found
    return found
  }

  async function apply(change: Change): Promise<void> {
    for (let attempt = 1; ; attempt++) {
      const found = await read()
      const state = change(found.state)
      if (state === undefined) return
      const written = state.kind === 'none' ? await remove() : await write(state, found.stamp)
      // Whoever is never fast enough still has it in memory.
      if (written === 'stale' && attempt < MAX_ATTEMPTS) continue
      // A license that is on disk stays so when only its time mark could not be written.
      const persisted = found.persisted && sameToken(found.state, state)
      inMemory = written === 'done' ? undefined : { stamp: stampOf(file), state, persisted }
      return
    }
  }

  async function write(state: WritableState, stamp: string): Promise<'done' | 'stale' | 'failed'> {
    if (file === undefined) return 'failed'
    try {
      const isCurrent = () => stampOf(file) === stamp
      if (!(await writeAtomically(file, await textOf(state, secretStore), { calls, isCurrent }))) return 'stale'
      await rm(asideName(file), { force: true }).catch(() => undefined)
      return 'done'
    } catch {
      return 'failed'
    }
  }

  async function remove(): Promise<'done' | 'failed'> {
    if (file === undefined) return 'failed'
    await rm(asideName(file), { force: true }).catch(() => undefined)
    return await removePatiently(file, calls).then(
      () => 'done',
      () => 'failed',
    )
  }

  function update(change: Change): Promise<void> {
    lastUpdate = lastUpdate.catch(() => undefined).then(() => apply(change))
    return lastUpdate
  }

  return { read, update }
}

async function readState(file: string, secretStore: SecretStore | undefined): Promise<CacheState> {
  try {
    const bytes = await readFile(file)
    if (bytes.length > MAX_BYTES) return { kind: 'none', reason: 'CACHE_CORRUPT' }
    const text = bytes.toString('utf8')
    const state = parseState(text)
    if (secretStore === undefined || state.kind !== 'none' || state.reason !== 'CACHE_SEALED') return state
    const opened = await (await import('./sealed-record')).unseal(text, secretStore)
    const inside = opened === undefined ? state : parseState(opened)
    return inside.kind === 'activation' ? inside : state
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException
    if (code !== 'ENOENT' && code !== 'ENOTDIR') return { kind: 'none', reason: 'CACHE_UNREADABLE' }
    return existsSync(asideName(file)) ? { kind: 'none', reason: 'CACHE_CORRUPT' } : NOTHING
  }
}

/** A refusal holds no secret, and must be understood where the secret store is out of reach. */
async function textOf(state: WritableState, secretStore: SecretStore | undefined): Promise<string> {
  const text = serializeState(state)
  if (secretStore === undefined || state.kind === 'refused') return text
  return await (await import('./sealed-record')).seal(text, secretStore)
}

/** Names one version of a file: every write of ours makes a new inode. */
export function stampOf(file: string | undefined): string {
  if (file === undefined) return 'absent'
  try {
    const found = statSync(file, { throwIfNoEntry: false })
    return found === undefined ? 'absent' : `${found.ino} ${found.mtimeMs} ${found.size}`
  } catch {
    return 'unreadable'
  }
}

/**
 * Moves a corrupt file out of the way, unless another process has mended it meanwhile. There it is the reason that
 * later starts give.
 */
async function setAside(file: string, stamp: string): Promise<string> {
  if (stamp !== 'absent' && stampOf(file) === stamp) await rename(file, asideName(file)).catch(() => undefined)
  return stampOf(file)
}

function asideName(file: string): string {
  return `${file}.bad`
}

function sameToken(one: CacheState, other: CacheState): boolean {
  return (
    one.kind === 'activation' &&
    other.kind === 'activation' &&
    one.activation.licenseToken === other.activation.licenseToken
  )
}
