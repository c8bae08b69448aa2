/** What went wrong with a request. */
export interface Fault {
  readonly systemCode?: string
  /** Who issued a certificate that nothing on this computer trusts. */
  readonly issuer?: string
}

/**
 * The system's name for what went wrong with a request, e.g. ECONNREFUSED. Only the name is taken: the error of an app's own
 * `fetch` may carry the request, and with it the access token and the license key.
 */
export function systemCodeOf(error: unknown): Fault {
  const { cause, code: own, name, issuer } = (error ?? {}) as Failed
  const code = cause?.code ?? own
  const shown = typeof issuer === 'string' ? { issuer } : {}
  if (typeof code === 'string' && /^[A-Z0-9_]{1,64}$/.test(code)) return { systemCode: code, ...shown }
  return name === 'TimeoutError' ? { systemCode: 'ETIMEDOUT' } : {}
}

interface Failed {
  readonly cause?: { readonly code?: unknown }
  readonly code?: unknown
  readonly name?: unknown
  readonly issuer?: unknown
}

/** Whether a certificate was refused, and not for its dates only: then the clock of this computer may be at fault. */
export function isCertificateRefused(systemCode = ''): boolean {
  return /CERT|UNABLE_TO_VERIFY/.test(systemCode) && !isCertificateDated(systemCode)
}

export function isCertificateDated(systemCode: string): boolean {
  return /^CERT_(HAS_EXPIRED|NOT_YET_VALID)$/.test(systemCode)
}
