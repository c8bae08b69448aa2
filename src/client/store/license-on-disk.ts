import { existsSync } from 'node:fs'
import { rename, rm } from 'node:fs/promises'
import path from 'node:path'
import { type FileCalls, removePatiently, writeAtomically } from '../../files/atomic-file'
import { stampOf } from '../files/file-stamp'
import { readSmallFile } from '../files/read-small-file'
import { type CacheState, NOTHING, parseState, type Refusal, serializeState, type WritableState } from './cache-record'
import type { SecretStore } from './secret-store'

/** The state, and whether it is on disk or in this process's memory only. */
export interface Snapshot {
  readonly state: CacheState
  readonly persisted: boolean
}

/** A snapshot with the name of the file's version that it was read from. */
interface StampedSnapshot extends Snapshot {
  readonly stamp: string
}

/**
 * Decides what follows the state found: returns the state that replaces it (`none` forgets everything), or undefined to
 * leave it. It is called again when another process was faster.
 */
type Change = (found: CacheState) => CacheState | undefined

/** The cache file of the license token, which all processes of the app share. No method throws when the disk fails. */
export interface TokenCache {
  /**
   * The current state. One `stat` call (microseconds) tells whether the file's inode, size or modification time has changed;
   * only then the file is read again. So a change by another process is seen at once.
   */
  read(): Promise<Snapshot>
  /**
   * Changes the state. Changes of this process run one after the other, and none replaces what another process has written
   * since the file was read. When the disk refuses the new state (a full disk, no permission), it is kept in memory.
   * @returns false when the disk still holds another state, which the next start finds
   */
  update(change: Change): Promise<boolean>
}

export const CACHE_FILE = 'license.json'

/** No process writes often enough to be faster this many times. */
const MAX_ATTEMPTS = 5

/**
 * @param dataDir undefined: memory only
 * @param secretStore seals an activation in the file, if it works
 */
export function createTokenCache(
  dataDir: string | undefined,
  secretStore?: SecretStore,
  calls?: FileCalls,
): TokenCache {
  const file = dataDir === undefined ? undefined : path.join(dataDir, CACHE_FILE)
  let lastRead: StampedSnapshot | undefined
  /** The state that the disk refused, valid until somebody changes the file after all. */
  let inMemory: StampedSnapshot | undefined
  let lastUpdate = Promise.resolve(true)

  async function read(): Promise<StampedSnapshot> {
    const stamp = stampOf(file)
    if (inMemory?.stamp === stamp) return inMemory
    inMemory = undefined
    if (lastRead?.stamp === stamp) return lastRead
    const state = file === undefined ? NOTHING : await readState(file, secretStore)
    const problem = state.kind === 'none' ? state.reason : undefined
    // A file that was read before is there; what it said holds until it can be read again.
    if (problem === 'CACHE_UNREADABLE' && lastRead !== undefined) return lastRead
    const stampAfter = problem === 'CACHE_CORRUPT' && file !== undefined ? await setAside(file, stamp) : stamp
    const found = { stamp: stampAfter, state, persisted: file !== undefined }
    // A secret store that is locked now may be open the next time, and a file that somebody holds may be free.
    if (problem !== 'CACHE_SEALED' && problem !== 'CACHE_UNREADABLE') lastRead = found
    return found
  }

  async function apply(change: Change): Promise<boolean> {
    for (let attempt = 1; ; attempt++) {
      const found = await read()
      const state = change(found.state)
      if (state === undefined) return true
      const written = state.kind === 'none' ? await remove() : await write(state, found.stamp)
      // A process that is never fast enough keeps the state in memory.
      if (written === 'stale' && attempt < MAX_ATTEMPTS) continue
      // A license that is on disk still is, when only its new time mark could not be written.
      const persisted = found.persisted && sameToken(found.state, state)
      inMemory = written === 'done' ? undefined : { stamp: stampOf(file), state, persisted }
      return written === 'done' || inMemory?.stamp === 'absent'
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
      // Below a plain file there is no folder, and nothing in it.
      ({ code }: NodeJS.ErrnoException) => (code === 'ENOTDIR' ? 'done' : 'failed'),
    )
  }

  function update(change: Change): Promise<boolean> {
    lastUpdate = lastUpdate.catch(() => true).then(() => apply(change))
    return lastUpdate
  }

  return { read, update }
}

async function readState(file: string, secretStore: SecretStore | undefined): Promise<CacheState> {
  try {
    const text = await readSmallFile(file)
    const state = parseState(text)
    if (state.kind === 'refused') return await openRefusal(state, secretStore)
    if (secretStore === undefined || state.kind !== 'none' || state.reason !== 'CACHE_SEALED') return state
    const opened = await (await import('./sealed-record')).unseal(text, secretStore)
    const inside = opened === undefined ? state : parseState(opened)
    return inside.kind === 'activation' ? inside : state
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException
    if (code === 'EFBIG') return { kind: 'none', reason: 'CACHE_CORRUPT' }
    if (code !== 'ENOENT' && code !== 'ENOTDIR') return { kind: 'none', reason: 'CACHE_UNREADABLE' }
    return existsSync(asideName(file)) ? { kind: 'none', reason: 'CACHE_CORRUPT' } : NOTHING
  }
}

/** The text of the file. Of a refusal only what it keeps is sealed: it must be readable without the secret store. */
async function textOf(state: WritableState, secretStore: SecretStore | undefined): Promise<string> {
  if (secretStore === undefined) return serializeState(state)
  const { seal, sealRecovery } = await import('./sealed-record')
  if (state.kind === 'activation') return await seal(serializeState(state), secretStore)
  const { recovery, ...refusal } = state
  const sealed = typeof recovery === 'object' ? await sealRecovery(recovery, secretStore) : recovery
  return serializeState(sealed === undefined ? refusal : { ...refusal, recovery: sealed })
}

async function openRefusal(refusal: Refusal, secretStore: SecretStore | undefined): Promise<Refusal> {
  if (typeof refusal.recovery !== 'string' || secretStore === undefined) return refusal
  const recovery = await (await import('./sealed-record')).openRecovery(refusal.recovery, secretStore)
  return recovery === undefined ? refusal : { ...refusal, recovery }
}

/**
 * Renames a corrupt file, unless another process has mended it meanwhile. The renamed file tells later starts why there is
 * no license.
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
