import type { LicenseErrorCode } from '../protocol'
import type { CheckReason } from './license-check'

type Sentences = { readonly [code in CheckReason | LicenseErrorCode]?: string }

/** One sentence a person can be shown for each reason and code. They hold nothing of the request or the answer. */
const SENTENCES: Sentences & Record<CheckReason, string> = {
  OK: 'The license is valid.',
  NO_LICENSE: 'No license is activated on this computer.',
  CACHE_CORRUPT: 'The stored license was damaged. Please activate again.',
  CACHE_UNREADABLE: 'The stored license cannot be read. Please check the permissions of the data folder.',
  CACHE_NEWER: 'The stored license was written by a newer version of this app. Please activate again.',
  TOKEN_EXPIRED: 'The license has not been confirmed online for too long. Please connect to the internet.',
  TOKEN_WRONG_HOST: 'The stored license belongs to another computer. Please activate on this one.',
  TOKEN_WRONG_PRODUCT: 'The license is for another product.',
  TOKEN_MALFORMED: 'The license data is damaged or not genuine.',
  TOKEN_ALGORITHM: 'The license data is not genuine.',
  TOKEN_KEY_UNKNOWN: 'The license is signed with a key this app does not know. An update of the app may help.',
  TOKEN_SIGNATURE: 'The license data was altered or is not genuine.',
  TOKEN_CLAIMS: 'The license data is incomplete or not meant for this app.',
  TOKEN_NOT_YET_VALID: 'The license is not valid yet. Please check the date and time of this computer.',
  CLOCK_BEHIND: 'The clock of this computer is behind. Please correct date and time.',
  REVOKED: 'The license is no longer valid.',
  LICENSE_BLOCKED: 'The license has been blocked by the vendor.',
  LICENSE_EXPIRED: 'The license has expired.',
  LICENSE_NOT_FOUND: 'The license key is not valid for this product.',
  CUSTOMER_INACTIVE: 'The customer account of this license is disabled.',
  ACTIVATION_NOT_FOUND: 'The license is no longer activated on this computer.',
  ACTIVATION_LIMIT_REACHED: 'The license is already in use on as many computers as it allows.',
  HOST_NOT_ALLOWED: 'The license does not allow this computer.',
  WRONG_LICENSE_TYPE: 'The license is of another type and cannot be activated this way.',
  INVALID_REQUEST: 'The license key is not written correctly.',
  MISSING_PARAMS: 'The license server misses information from this app.',
  INVALID_ACCESS_TOKEN: 'This app is not accepted by the license server. An update of the app may help.',
  INSUFFICIENT_PERMISSIONS: 'This app may not do that at the license server.',
  RATE_LIMITED: 'Too many attempts. Please try again later.',
  IDEMPOTENCY_IN_FLIGHT: 'The license server is still busy with this request. Please try again.',
  IDEMPOTENCY_MISMATCH: 'The license server refused the request.',
  SERVER_UNREACHABLE: 'The license server cannot be reached. Please check the internet connection and try again.',
  SERVER_REFUSED: 'The license server refused the request.',
  SESSION_NOT_FOUND: 'The seat of the floating license was given up or has lapsed.',
  INVALID_SESSION_SIGNATURE: 'The seat of the floating license is in use by another process.',
  FILE_UNREADABLE: 'The file cannot be read.',
  FILE_UNWRITABLE: 'The file cannot be written.',
  LICENSE_FILE_MALFORMED: 'The file is no license file, or was altered.',
  LICENSE_REVOKED: 'The license file is no longer valid. Please ask the vendor for a new one.',
  REVOCATION_LIST_MALFORMED: 'The file is no revocation list of this vendor.',
  REVOCATION_LIST_UNTRUSTED: 'The revocation list is not genuine, or signed with a key this app does not know.',
  REVOCATION_LIST_OUTDATED: 'The revocation list is older than the one already known.',
  HOST_ID_UNAVAILABLE:
    'This computer cannot be identified: it has no usable machine id, and the data folder cannot be written.',
}

const GRACE = 'The license could not be confirmed online lately. Please connect to the internet soon.'

export function sentenceFor(code: CheckReason | LicenseErrorCode): string {
  return SENTENCES[code] ?? 'The license could not be checked.'
}

/** In grace the same reason, TOKEN_EXPIRED, is a warning rather than a refusal. */
export function graceSentence(): string {
  return GRACE
}
