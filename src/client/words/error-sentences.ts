import type { LicenseErrorCode } from '../../protocol'
import { CHECK_SENTENCES } from './check-sentences'

type Sentences = { readonly [code in LicenseErrorCode]?: string }

/** The sentences of the errors that no check finds. A start of an app that only checks does not load this file. */
const ERROR_SENTENCES: Sentences = {
  NOT_ACTIVATED: CHECK_SENTENCES.NO_LICENSE,
  // A check says this about this computer, a call about the device that it named.
  ACTIVATION_NOT_FOUND: 'The license is not in use on that device.',
  ACTIVATION_LIMIT_REACHED: 'The license is already in use on as many computers as it allows.',
  INVALID_REQUEST: 'The license key is not written correctly.',
  MISSING_PARAMS: 'The license server misses information from this app.',
  INVALID_ACCESS_TOKEN: 'This app is not accepted by the license server. An update of the app may help.',
  INSUFFICIENT_PERMISSIONS: 'This app may not do that at the license server.',
  RATE_LIMITED: 'Too many attempts. Please try again later.',
  IDEMPOTENCY_IN_FLIGHT: 'The license server is still busy with this request. Please try again.',
  IDEMPOTENCY_MISMATCH: 'The license server refused the request.',
  SERVER_UNREACHABLE: 'The license server cannot be reached. Please check the internet connection and try again.',
  CONNECTION_INTERCEPTED:
    'Something on the way opens the secure connection to the license server. Please ask whoever looks after this network.',
  ANSWER_ALTERED:
    'Something on the way alters what the license server says, a proxy most likely. Please ask whoever looks after this network.',
  SERVER_REFUSED: 'The license server refused the request.',
  PROOF_INVALID: 'The license server cannot tell which computer is asking.',
  TRIAL_NOT_OFFERED: 'There is no trial of this product.',
  SESSION_NOT_FOUND: 'The seat of the floating license was given up or has lapsed.',
  INVALID_SESSION_SIGNATURE: 'The seat of the floating license is in use by another process.',
  HOST_KEY_DROPPED: 'The vendor has taken the license from you on this computer.',
  HOST_NOT_KEPT:
    'Each new container would be another computer: a floating license suits it better, or it needs a volume for its data folder, or a hostId and a proofSecret.',
  FILE_UNREADABLE: 'The file cannot be read.',
  FILE_UNWRITABLE: 'The file cannot be written.',
  LICENSE_FILE_MALFORMED: 'The file is no license file, or was altered.',
  LICENSE_REVOKED: 'The license file is no longer valid. Please ask the vendor for a new one.',
}

const ALL: Sentences = { ...CHECK_SENTENCES, ...ERROR_SENTENCES }

/** The sentence that a person can be shown for an error. */
export function errorSentence(code: LicenseErrorCode): string {
  return ALL[code] ?? 'The license could not be checked.'
}

/** A server's code, where this version has a sentence for it; a newer server may have codes of its own. */
export function knownCode(code: LicenseErrorCode): LicenseErrorCode {
  // That a further proof would have been taken is no news to a person.
  if (code === 'PROOF_STALE') return 'PROOF_INVALID'
  return Object.hasOwn(ALL, code) ? code : 'SERVER_REFUSED'
}
