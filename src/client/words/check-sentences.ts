import type { LicenseErrorCode } from '../../protocol'
import type { CheckReason } from './license-check'

/** The codes of what can be wrong with a signed text. */
export type SignedTextCode = Extract<LicenseErrorCode, `TOKEN_${string}`>

/**
 * The sentences that `check()` shows to a person, one for each reason. They repeat nothing of a request or an answer. The
 * sentences of all other errors are in `error-sentences.ts`, which an app loads only with the call that can fail that way.
 */
export const CHECK_SENTENCES: Readonly<Record<CheckReason | SignedTextCode, string>> = {
  OK: 'The license is valid.',
  NO_LICENSE: 'No license is activated on this computer.',
  CACHE_CORRUPT: 'The stored license was damaged. Please activate again.',
  CACHE_UNREADABLE: 'The stored license cannot be read. Please check the permissions of the data folder.',
  CACHE_NEWER: 'The stored license was written by a newer version of this app. Please activate again.',
  CACHE_SEALED: 'The stored license cannot be opened: the key store of this computer refuses. Please activate again.',
  TOKEN_EXPIRED: 'The license has not been confirmed online for too long. Please connect to the internet.',
  SERVER_LOST: 'The license server is lost for now. The license goes on without it.',
  HOST_CHANGED: 'This computer has changed. Please connect to the internet within a few days.',
  TOKEN_WRONG_HOST: 'The stored license belongs to another computer. Please activate on this one.',
  TOKEN_WRONG_PRODUCT: 'The license is for another product.',
  TOKEN_MALFORMED: 'The license data is damaged or not genuine.',
  TOKEN_ALGORITHM: 'The license data is not genuine.',
  TOKEN_KEY_UNKNOWN: 'The license is signed with a key this app does not know. An update of the app may help.',
  TOKEN_SIGNATURE: 'The license data was altered or is not genuine.',
  TOKEN_CLAIMS: 'The license data is incomplete or not meant for this app.',
  TOKEN_NOT_YET_VALID: 'The license is not valid yet. Please correct date and time.',
  CLOCK_BEHIND: 'The clock of this computer is behind. Please correct date and time.',
  REVOKED: 'The license is no longer valid.',
  LICENSE_BLOCKED: 'The license has been blocked by the vendor.',
  LICENSE_EXPIRED: 'The license has expired.',
  LICENSE_NOT_FOUND: 'The license key is not valid for this product.',
  CUSTOMER_INACTIVE: 'The customer account of this license is disabled.',
  ACTIVATION_NOT_FOUND: 'The license is no longer activated on this computer.',
  ACTIVATION_REVOKED: 'The license was taken off this computer. To use it here, please enter the license key again.',
  HOST_NOT_ALLOWED: 'The license does not allow this computer.',
  WRONG_LICENSE_TYPE: 'The license is of another type and cannot be activated this way.',
  PROOF_REQUIRED: 'The license server does not know this installation any more. Please enter the license key again.',
  HOST_USERS_EXCEEDED: 'Too many users of this computer use the license.',
  HOST_CLONED: 'A copy of this computer uses the license too. Please activate again.',
  HOST_ID_UNAVAILABLE:
    'This computer cannot be identified: it has no usable machine id, and the data folder cannot be written.',
}

/** Why a license could not be confirmed; in grace the same reason, TOKEN_EXPIRED, is a warning and no refusal. */
const UNCONFIRMED = {
  grace: 'The license could not be confirmed online lately. Please connect to the internet soon.',
  ended: CHECK_SENTENCES.TOKEN_EXPIRED,
  unknown: 'The license server does not know this computer any more. Please enter the license key again.',
  notAccepted: 'The license server does not accept this app, so the license is not confirmed. An update may help.',
}

/**
 * @param state `unknown`: the license has ended without grace, since the server does not know the host
 * @param answer what came of the last contact
 */
export function unconfirmedSentence(state: 'grace' | 'ended' | 'unknown', answer: string | undefined): string {
  const isAccepted = answer !== 'INVALID_ACCESS_TOKEN' && answer !== 'INSUFFICIENT_PERMISSIONS'
  return UNCONFIRMED[isAccepted ? state : 'notAccepted']
}

/** The sentence for what a check finds. */
export function checkSentence(code: CheckReason | SignedTextCode): string {
  return CHECK_SENTENCES[code]
}
