import { existsSync, statSync } from 'node:fs'
import { readFile, rename, rm } from 'node:fs/promises'
import path from 'node:path'
import { type FileCalls, writeAtomically } from './atomic-file'
import { type CachedActivation, type CacheState, parseState, serializeState } from './cache-record'
import type { RevokedReason } from './license-check'

/** The state, and whether it is on disk or only in this process's memory. */
export interface Snapshot {
  readonly state: CacheState
  readonly persisted: boolean
}

/** The license token's cache file, shared by all processes of the app. No method throws for what the disk does. */
export interface TokenCache {
  /**
   * The current state. The file is read again only when its inode, size or modification time changed since: one
   * `stat` call (microseconds) per check, so that what another process did is seen at once.
   */
  read(): Promise<Snapshot>
  /** Replaces the state. Where the disk refuses, the state is kept in memory. */
  writeActivation(activation: CachedActivation): Promise<void>
  /** Forgets license key and token, and remembers only that, and why, the server refused. */
  writeRefusal(reason: RevokedReason): Promise<void>
  /** Forgets everything. */
  clear(): Promise<void>
}

export const CACHE_FILE = 'license.json'

const NOTHING: CacheState = { kind: 'none', reason: 'NO_LICENSE' }
const MAX_BYTES = 1_048_576

/**
 * @param dataDir undefined: memory only
 */
export function createTokenCache(dataDir: string | undefined, calls?: FileCalls): TokenCache {
  const file = dataDir === undefined ? undefined : path.join(dataDir, CACHE_FILE)
  let lastRead: { readonly stamp: string; readonly snapshot: Snapshot } | undefined
  /** What the disk refused to take, valid until somebody changes the file after all. */
  let inMemory: { readonly stamp: string; readonly snapshot: Snapshot } | undefined

  async function read(): Promise<Snapshot> {
    const stamp = stampOf(file)
    if (inMemory?.stamp === stamp) return inMemory.snapshot
    inMemory = undefined
    if (lastRead?.stamp === stamp) return lastRead.snapshot
    const state = file === undefined ? NOTHING : await readState(file)
    const corrupt = state.kind === 'none' && state.reason === 'CACHE_CORRUPT'
    const stampAfter = corrupt && file !== undefined ? await setAside(file, stamp) : stamp
    lastRead = { stamp: stampAfter, snapshot: { state, persisted: file !== undefined } }
    return lastRead.snapshot
  }

  async function write(state: Exclude<CacheState, { kind: 'none' }>): Promise<void> {
    const before = (await read()).state
    if (await succeeds(file, (name) => writeAtomically(name, serializeState(state), calls))) {
      inMemory = undefined
      await succeeds(file, (name) => rm(asideName(name), { force: true }))
      return
    }
    // A license that is on disk stays so when only its time mark could not be written.
    const persisted = inMemory?.snapshot.persisted ?? file !== undefined
    inMemory = { stamp: stampOf(file), snapshot: { state, persisted: persisted && sameToken(before, state) } }
  }

  async function clear(): Promise<void> {
    await succeeds(file, (name) => rm(asideName(name), { force: true }))
    if (await succeeds(file, (name) => rm(name, { force: true }))) inMemory = undefined
    else inMemory = { stamp: stampOf(file), snapshot: { state: NOTHING, persisted: false } }
    lastRead = undefined
  }

  return {
    read,
    clear,
    writeActivation: (activation) => write({ kind: 'activation', activation }),
    writeRefusal: (reason) => write({ kind: 'refused', reason }),
  }
}

async function readState(file: string): Promise<CacheState> {
  try {
    const bytes = await readFile(file)
    return bytes.length > MAX_BYTES ? { kind: 'none', reason: 'CACHE_CORRUPT' } : parseState(bytes.toString('utf8'))
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException
    if (code !== 'ENOENT' && code !== 'ENOTDIR') return { kind: 'none', reason: 'CACHE_UNREADABLE' }
    return existsSync(asideName(file)) ? { kind: 'none', reason: 'CACHE_CORRUPT' } : NOTHING
  }
}

/** Names one version of the file: every write makes a new inode. */
function stampOf(file: string | undefined): string {
  if (file === undefined) return 'absent'
  try {
    const found = statSync(file, { throwIfNoEntry: false })
    return found === undefined ? 'absent' : `${found.ino} ${found.mtimeMs} ${found.size}`
  } catch {
    return 'unreadable'
  }
}

/** Moves a corrupt file out of the way, unless another process has mended it meanwhile. Its presence is the reason later starts give. */
async function setAside(file: string, stamp: string): Promise<string> {
  if (stamp !== 'absent' && stampOf(file) === stamp) await rename(file, asideName(file)).catch(() => undefined)
  return stampOf(file)
}

function asideName(file: string): string {
  return `${file}.bad`
}

async function succeeds(file: string | undefined, act: (file: string) => Promise<void>): Promise<boolean> {
  if (file === undefined) return false
  return await act(file).then(
    () => true,
    () => false,
  )
}

function sameToken(one: CacheState, other: CacheState): boolean {
  return (
    one.kind === 'activation' &&
    other.kind === 'activation' &&
    one.activation.licenseToken === other.activation.licenseToken
  )
}
