import path from 'node:path'
import { writeAtomically } from '../../files/atomic-file'
import { stampOf } from './file-stamp'
import { readSmallFileIfAny } from './read-small-file'

/** What signed texts say that were verified. */
export interface Signed<T> {
  /** The signed texts. The file holds exactly this text. */
  readonly text: string
  /** What both say together: this very object when the other adds nothing. */
  join(other: T): T
}

/**
 * The newest that is known from signed texts of one kind, kept in a file that all processes of the app share. The file
 * holds the texts as they were signed, and every process verifies them when it loads them: editing the file only destroys
 * it. A text that cannot be written to the file is kept in memory.
 */
export interface NewestFile<T> {
  /**
   * The newest on disk or seen by this process; undefined when there is none. Costs one `stat` call when nothing has
   * changed.
   */
  newest(): Promise<T | undefined>
  /**
   * Asks `offer` for what is new beside the newest known, and keeps both joined. `offer` is asked again when another
   * process was faster.
   * @throws what `offer` throws
   */
  take(offer: (known: T | undefined) => T | Promise<T>): Promise<void>
}

/** Another process that is faster has the same text, or lets this one pass at the next attempt. */
const MAX_ATTEMPTS = 20
/** Stands for the version of a file that could not be read. */
const UNREAD = 'unread'
/** Room for four revocation lists of the largest size. */
const MAX_BYTES = 33_554_432

/**
 * @param file undefined: memory only
 * @param judge verifies a text; a text that it refuses counts as none
 * @param judgedBy returns what the verdicts depend on: as long as it returns the same object, they stand
 */
export function createNewestFile<T extends Signed<T>>(
  file: string | undefined,
  judge: (text: string) => Promise<T>,
  judgedBy: () => object | Promise<object>,
): NewestFile<T> {
  let stored: { readonly stamp: string; readonly by: object; readonly found: T | undefined } | undefined
  /** Survives while this process runs, also when somebody removes the file or puts an older one in its place. */
  let seen: T | undefined

  async function read(): Promise<NonNullable<typeof stored>> {
    const by = await judgedBy()
    const stamp = stampOf(file)
    if (stored?.stamp === stamp && stored.by === by) return stored
    if (stored !== undefined && stored.by !== by) await judgeSeen()
    const text =
      file === undefined || stamp === 'absent' ? '' : await readSmallFileIfAny(file, MAX_BYTES).catch(() => undefined)
    // What cannot be read at present is read the next time.
    if (text === undefined) return { stamp: UNREAD, by, found: undefined }
    const found = text === '' ? undefined : await judged(text)
    if (found !== undefined) see(found)
    stored = { stamp, by, found }
    return stored
  }

  async function judgeSeen(): Promise<void> {
    const before = seen
    const after = before && (await judge(before.text).catch(() => undefined))
    if (seen === before) seen = after
  }

  async function judged(text: string): Promise<T | undefined> {
    return text === seen?.text ? seen : await judge(text).catch(() => undefined)
  }

  function see(found: T): T {
    seen = seen?.join(found) ?? found
    return seen
  }

  /**
   * Never replaces what another process has written since the file was read.
   * @returns false when the disk refuses: then the text is in memory only
   */
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
    async take(offer) {
      for (let attempt = 1; ; attempt++) {
        const { stamp, found } = await read()
        const taken = see(await offer(seen))
        // The loop reads again after it has written: a slower process with an older text may have written last.
        if (found !== undefined && found.join(taken) === found) return
        // It may hold more than is known here.
        if (stamp === UNREAD) return
        if (!(await write(taken, stamp)) || attempt === MAX_ATTEMPTS) return
      }
    },
  }
}

/** Where a file of this name is; undefined for memory only. */
export function fileIn(dataDir: string | undefined, name: string): string | undefined {
  return dataDir && path.join(dataDir, name)
}
