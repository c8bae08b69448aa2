import { existsSync } from 'node:fs'
import { readFile } from 'node:fs/promises'
import path from 'node:path'
import { type CacheState, NOTHING, parseState } from '../store/cache-record'
import { CACHE_FILE } from '../store/token-cache'

/** The stored license, read without putting a damaged file aside: that is the app's to do. */
export async function readStored(dataDir: string | undefined): Promise<CacheState> {
  if (dataDir === undefined) return NOTHING
  const file = path.join(dataDir, CACHE_FILE)
  try {
    return parseState(await readFile(file, 'utf8'))
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException
    if (code !== 'ENOENT' && code !== 'ENOTDIR') return { kind: 'none', reason: 'CACHE_UNREADABLE' }
    return existsSync(`${file}.bad`) ? { kind: 'none', reason: 'CACHE_CORRUPT' } : NOTHING
  }
}
