export {
  ACTIVATION_REQUEST_TYPE,
  ACTIVATION_REQUEST_VERSION,
  type ActivationRequest,
  parseActivationRequest,
  serializeActivationRequest,
} from './activation-request'
export { LICENSE_ERROR_CODES, type LicenseErrorCode } from './error-codes'
export { computeFingerprint, computeKid, type JwkSet, type PublicJwk, toSpki } from './jwk'
export { KEY_STATEMENT_TYP, type KeyStatementClaims } from './key-statement'
export { isLicenseError, LicenseError, type LicenseErrorDetail } from './license-error'
export type { LicenseFile } from './license-file'
export { LICENSE_STATUSES, type LicenseStatus } from './license-status'
export {
  CLOCK_TOLERANCE_SECONDS,
  DEFAULT_ISSUER,
  type KeyConfirmation,
  LICENSE_TOKEN_ALGORITHM,
  LICENSE_TOKEN_TYP,
  LICENSE_TOKEN_TYPE,
  type LicenseGrant,
  type LicenseTokenClaims,
  SIGNS_ANSWERS,
} from './license-token'
export {
  PROOF_AGE_SECONDS,
  PROOF_ALGORITHM,
  PROOF_HEADER,
  PROOF_NONCE_HEADER,
  PROOF_TYP,
  type ProofClaims,
} from './proof'
export {
  MAX_REVOCATIONS,
  REVOCATION_LIST_TYP,
  type RevocationEntry,
  type RevocationListClaims,
  type RevocationSubject,
  revocationId,
} from './revocation-list'
export {
  type Authentication,
  ROUTES,
  type RouteDefinition,
  type RouteName,
  SCOPES,
  type Scope,
  type WireFamily,
} from './routes'
export {
  BRIDGE_TYP,
  type BridgeClaims,
  MAX_BRIDGE_DAYS,
  MAX_STATEMENTS_LENGTH,
  MOVED_TYP,
  type MovedClaims,
} from './server-statement'
export {
  ANSWER_HEADER,
  type AnswerSubject,
  askedLicense,
  isNonce,
  NONCE_FIELD,
  NONCE_HEADER,
  SIGNED_ANSWER_TYP,
  SIGNED_TIME_TYP,
  type SignedAnswerClaims,
  type SignedTimeClaims,
  subjectOf,
} from './signed-answer'
export { SIGNED_LEASE_TYP, type SignedLeaseClaims } from './signed-lease'
