/**
 * Tells a listener of the app. What it throws or rejects harms nobody: it becomes a process warning, which never throws and
 * leaves no rejection unhandled.
 * @param name what the listener listens to, for the warning
 */
export function callListener<T>(listener: (event: T) => unknown, event: T, name: string): void {
  // A promise's executor catches what the listener throws, and takes over what it returns.
  new Promise((resolve) => resolve(listener(event))).catch((error: unknown) => warn(name, error))
}

/** Without the error's own text, which may hold anything of the app's, but for its stack as detail. */
function warn(name: string, error: unknown): void {
  const detail = error instanceof Error && typeof error.stack === 'string' ? { detail: error.stack } : {}
  process.emitWarning(`a listener for ${name} failed`, {
    type: 'KeyslotWarning',
    code: 'KEYSLOT_LISTENER_FAILED',
    ...detail,
  })
}
