import { codeOf } from '../../files/error-code'
import { LicenseError } from '../../protocol/license-error'
import { retry } from '../../waiting/retry'

/** Another connection holds the lock. */
function isBusy(error: unknown): boolean {
  return sqliteCode(error)?.startsWith('SQLITE_BUSY') === true
}

/** Faults that can pass: the lock; a disk that is full, gone or mounted read-only; memory. */
const PASSING_FAULT = /^SQLITE_(BUSY|LOCKED|FULL|IOERR|CANTOPEN|READONLY|NOMEM|PROTOCOL)/

/** What to throw for an error of SQLite's: STORAGE_UNAVAILABLE where trying again may help, else the error itself. */
export function toStorageError(error: unknown): unknown {
  const code = sqliteCode(error)
  if (code === undefined || !PASSING_FAULT.test(code)) return error
  return new LicenseError('STORAGE_UNAVAILABLE', `The SQLite database cannot answer now (${code})`, {
    detail: { retryAfterSeconds: 1 },
    cause: error,
  })
}

function sqliteCode(error: unknown): string | undefined {
  return (error as Error | undefined)?.name === 'SqliteError' ? codeOf(error) : undefined
}

/** How long to stay away from a held lock: uneven, so that waiting processes do not come back together. */
function lockPauseMs(): number {
  return 5 + Math.random() * 25
}

/** How long where the lock is given back and taken again within milliseconds: whoever asks often has his turn. */
export function shortPauseMs(): number {
  return 1 + Math.random() * 3
}

/** Does `work`, again and again while the database is locked; never waits in the way of the event loop. */
export async function retryWhileBusy<T>(
  work: () => T | Promise<T>,
  patienceMs: number,
  pauseMs: () => number = lockPauseMs,
): Promise<T> {
  const giveUpAt = performance.now() + patienceMs
  const isWorthWaiting = (error: unknown) => isBusy(error) && performance.now() < giveUpAt
  return await retry(work, {
    afterError: (error) => (isWorthWaiting(error) ? pauseMs() : undefined),
  }).catch((error: unknown) => {
    throw toStorageError(error)
  })
}
