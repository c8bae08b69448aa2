/**
 * Calls a listener of the app. A listener that throws or rejects does no harm: the error becomes a process warning. This
 * function never throws and leaves no rejection unhandled.
 *
 * @param name what the listener listens to, for the warning
 */
export function callListener<T>(listener: (event: T) => unknown, event: T, name: string): void {
  // The executor of a promise catches what the listener throws, and waits for the promise that it returns.
  new Promise((resolve) => resolve(listener(event))).catch((error: unknown) => warn(name, error))
}

/** The warning leaves out the error's message, which may hold anything of the app's; its stack is the warning's detail. */
function warn(name: string, error: unknown): void {
  const detail = error instanceof Error && typeof error.stack === 'string' ? { detail: error.stack } : {}
  process.emitWarning(`a listener for ${name} failed`, {
    type: 'KeyslotWarning',
    code: 'KEYSLOT_LISTENER_FAILED',
    ...detail,
  })
}
