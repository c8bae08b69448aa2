import { ERRORS } from './errors'

/** A stable error code; see {@link LICENSE_ERROR_CODES}. */
export type LicenseErrorCode = keyof typeof ERRORS

/**
 * Every code a {@link LicenseError} can carry, server and client half together. Codes are stable: switch on them,
 * never on messages.
 */
export const LICENSE_ERROR_CODES = /* @__PURE__ */ Object.keys(ERRORS) as readonly LicenseErrorCode[]

/** The header with the code of a refusal, in every wire family. A refusal without it comes from somebody else. */
export const ERROR_HEADER = 'Keyslot-Error'
