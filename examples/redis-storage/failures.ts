import { isLicenseError, LicenseError } from 'keyslot/server'
import { ErrorReply } from 'redis'

/**
 * What passes: starting up, a replica, memory or disk full, a long script, a failover. In older servers the word comes
 * inside the message of a script.
 */
const PASSING = /(?:^|: -)(LOADING|READONLY|OOM|BUSY|MISCONF|NOREPLICAS|MASTERDOWN|CLUSTERDOWN|TRYAGAIN)\b/

/**
 * What to throw for an error of the client's: STORAGE_UNAVAILABLE where trying again may help, else the error itself.
 * All that is no reply is about the connection. Whether a step whose answer was lost has happened is not known; asked
 * again with the same idempotency key, it happens once.
 */
export function toStorageError(error: unknown): unknown {
  if (isLicenseError(error)) return error
  const isReply = error instanceof ErrorReply
  const passing = isReply ? PASSING.exec(error.message)?.[1] : 'no connection'
  if (passing === undefined) return error
  return new LicenseError('STORAGE_UNAVAILABLE', `Redis cannot answer now (${passing})`, {
    detail: { retryAfterSeconds: 1 },
    cause: error,
  })
}

/** True when the server does not have the script: nothing of it has run. */
export function isUnknownScript(error: unknown): boolean {
  return error instanceof ErrorReply && error.message.startsWith('NOSCRIPT')
}

/** Fails when nothing has come back after `timeoutMs`. What was sent may happen all the same. */
export async function withTimeout<T>(work: Promise<T>, timeoutMs: number): Promise<T> {
  let timer: NodeJS.Timeout | undefined
  const late = new Promise<never>((_resolve, reject) => {
    timer = setTimeout(() => reject(new Error(`no answer in ${timeoutMs} ms`)), timeoutMs)
  })
  try {
    return await Promise.race([work, late])
  } finally {
    clearTimeout(timer)
  }
}
