/**
 * Waits for work, but not longer than the time given. The wait ends on time even when the work does not heed its signal.
 *
 * @param work is handed a signal that is aborted when the time is up
 * @returns what the work returns
 * @throws what the work throws
 * @throws {DOMException} named `TimeoutError` when the time is up; see {@link isTimeout}
 */
export async function withTimeout<T>(work: (signal: AbortSignal) => Promise<T>, timeoutMs: number): Promise<T> {
  const aborter = new AbortController()
  let timer: NodeJS.Timeout | undefined
  const timeout = new Promise<never>((_, reject) => {
    timer = setTimeout(() => {
      // Rejected before the abort: the error of aborted work must not hide that the time was up.
      reject(new DOMException('timed out', 'TimeoutError'))
      aborter.abort()
    }, timeoutMs)
  })
  try {
    return await Promise.race([work(aborter.signal), timeout])
  } finally {
    clearTimeout(timer)
  }
}

/** Whether an error of {@link withTimeout} says that the time was up. */
export function isTimeout(error: unknown): boolean {
  return (error as Partial<Error> | undefined)?.name === 'TimeoutError'
}
