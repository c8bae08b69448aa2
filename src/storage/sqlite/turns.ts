import type { Storage } from '../contract'
import { retryWhileBusy, shortPauseMs, toStorageError } from './failures'
import type { Reader } from './read'
import type { Writer } from './write'

type Work = Parameters<NonNullable<Storage['locked']>>[1]

/** Who has the connection: a step that has locked the file has it for itself, all others share it. */
export interface Turns {
  /** Does `work` once no step holds the lock, and again while another process does. */
  take<T>(work: () => T): Promise<T>
  /** Takes the lock of the file before anything is read: rows have no locks of their own. */
  whileLocked(on: { readonly reader: Reader; readonly writer: Writer }, work: Work): Promise<void>
}

/** @param patienceMs how long to wait for the lock of another process */
export function createTurns(patienceMs: number): Turns {
  /** Resolves when the lock is given back. */
  let held: Promise<void> | undefined

  async function apart<T>(work: () => T): Promise<T> {
    while (held !== undefined) await held
    return work()
  }

  return {
    take: (work) => retryWhileBusy(() => apart(work), patienceMs),

    async whileLocked({ reader, writer: { transaction } }, work) {
      let letGo = () => {}
      const hold = () => {
        transaction.begin()
        held = new Promise((resolve) => {
          letGo = resolve
        })
      }
      await retryWhileBusy(() => apart(hold), patienceMs, shortPauseMs)
      try {
        await work({
          read: async (queries) => reader.read(queries),
          write: async (sets) => transaction.write(sets),
        })
        transaction.commit()
      } catch (error) {
        transaction.undo()
        throw toStorageError(error)
      } finally {
        held = undefined
        letGo()
      }
    },
  }
}
