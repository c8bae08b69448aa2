import type { LicenseErrorCode } from './error-codes'

/** What a {@link LicenseError} can say beyond its code. Never holds a license key, a token or a secret. */
export interface LicenseErrorDetail {
  /** The request field at fault. */
  readonly field?: string
  /** Seconds after which trying again makes sense. */
  readonly retryAfterSeconds?: number
  /** HTTP status of the answer that led to this error (client half). */
  readonly status?: number
  /** Who issued a certificate that nothing on this computer trusts, as it says itself (client half). */
  readonly issuer?: string
  /** What the next proof of possession is to carry as its `nonce`. */
  readonly nonce?: string
}

/**
 * The one error class of both halves. Recognise it with {@link isLicenseError} rather than `instanceof`: two copies of
 * the package may meet in one program.
 */
export class LicenseError extends Error {
  override readonly name = 'LicenseError'
  /** Stable code to switch on. */
  readonly code: LicenseErrorCode
  readonly detail: LicenseErrorDetail

  /**
   * @param code stable code
   * @param message a sentence that may be shown to a person; holds no secret and no full license key
   */
  constructor(code: LicenseErrorCode, message: string, options: { detail?: LicenseErrorDetail; cause?: unknown } = {}) {
    super(message, options.cause === undefined ? undefined : { cause: options.cause })
    this.code = code
    this.detail = options.detail ?? {}
  }
}

/** True for a {@link LicenseError} of any copy of the package, optionally with one of the given codes. */
export function isLicenseError(error: unknown, ...codes: LicenseErrorCode[]): error is LicenseError {
  const { name, code } = (error ?? {}) as Partial<LicenseError>
  return name === 'LicenseError' && code !== undefined && (codes.length === 0 || codes.includes(code))
}
