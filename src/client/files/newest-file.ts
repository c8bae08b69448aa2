import { readFile } from 'node:fs/promises'
import { stampOf } from '../store/token-cache'
import { writeAtomically } from './atomic-file'

/** Something signed, once verified, of which only the newest version counts. */
export interface Versioned {
  /** What it was read from: the text that is kept. */
  readonly text: string
  readonly version: number
}

/**
 * The newest of its kind, in a file shared by all processes of the app. It is kept as it was signed and judged anew
 * whenever it is loaded, so that editing the file only destroys it; what cannot be written is kept in memory.
 */
export interface NewestFile<T> {
  /** The newest on disk or seen by this process; undefined when there is none. One `stat` call where nothing changed. */
  newest(): Promise<T | undefined>
  /** The same as of the last time the disk was asked. */
  readonly seen: T | undefined
  /**
   * Takes what `offer` makes of the newest known; asked again where another process was faster.
   * @throws what `offer` throws
   */
  take(offer: (known: T | undefined) => T | Promise<T>): Promise<T>
}

/** Whoever is faster has one as new, or makes way at the next attempt. */
const MAX_ATTEMPTS = 20

/**
 * @param file undefined: memory only
 * @param judge verifies a text; what it refuses is as good as none
 * @param judgedBy what that depends on: while it gives the same object, verdicts stand
 */
export function createNewestFile<T extends Versioned>(
  file: string | undefined,
  judge: (text: string) => Promise<T>,
  judgedBy: () => object | Promise<object>,
): NewestFile<T> {
  let stored: { readonly stamp: string; readonly by: object; readonly found: T | undefined } | undefined
  /** Also when the file was removed, or put back to an older one, while this process runs. */
  let seen: T | undefined

  async function read(): Promise<NonNullable<typeof stored>> {
    const by = await judgedBy()
    const stamp = stampOf(file)
    if (stored?.stamp === stamp && stored.by === by) return stored
    if (stored !== undefined && stored.by !== by) await judgeSeen()
    const found = file === undefined || stamp === 'absent' ? undefined : await load(file)
    see(found)
    stored = { stamp, by, found }
    return stored
  }

  async function judgeSeen(): Promise<void> {
    const before = seen
    const after = before && (await judge(before.text).catch(() => undefined))
    if (seen === before) seen = after
  }

  async function load(from: string): Promise<T | undefined> {
    try {
      const text = await readFile(from, 'utf8')
      return text === seen?.text ? seen : await judge(text)
    } catch {
      return undefined
    }
  }

  function see(found: T | undefined): void {
    if (found !== undefined && found.version >= (seen?.version ?? 0)) seen = found
  }

  /** Not over what another process has written since. False when the disk refuses: memory has to serve. */
  async function write({ text }: T, stamp: string): Promise<boolean> {
    if (file === undefined) return false
    const isCurrent = () => stampOf(file) === stamp
    return await writeAtomically(file, text, { isCurrent }).then(
      () => true,
      () => false,
    )
  }

  return {
    async newest() {
      await read()
      return seen
    },
    get seen() {
      return seen
    },
    async take(offer) {
      for (let attempt = 1; ; attempt++) {
        const { stamp, found } = await read()
        const taken = await offer(seen)
        see(taken)
        // Asked again after writing: a slower process with an older one may have been last.
        if (found !== undefined && found.version >= taken.version) return taken
        if (!(await write(taken, stamp)) || attempt === MAX_ATTEMPTS) return taken
      }
    },
  }
}
