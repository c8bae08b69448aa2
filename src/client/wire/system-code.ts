/**
 * The system's name for what went wrong with a request, e.g. ECONNREFUSED. Only the name is taken: the error of an app's own
 * `fetch` may carry the request, and with it the access token and the license key.
 */
export function systemCodeOf(error: unknown): { systemCode?: string } {
  const { cause, code: own, name } = (error ?? {}) as { cause?: { code?: unknown }; code?: unknown; name?: unknown }
  const code = cause?.code ?? own
  if (typeof code === 'string' && /^[A-Z0-9_]{1,64}$/.test(code)) return { systemCode: code }
  return name === 'TimeoutError' ? { systemCode: 'ETIMEDOUT' } : {}
}
