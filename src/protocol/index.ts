export {
  ACTIVATION_REQUEST_TYPE,
  ACTIVATION_REQUEST_VERSION,
  type ActivationRequest,
  parseActivationRequest,
  serializeActivationRequest,
} from './activation-request'
export { LICENSE_ERROR_CODES, type LicenseErrorCode } from './error-codes'
export { computeFingerprint, computeKid, type JwkSet, type PublicJwk, toSpki } from './jwk'
export { isLicenseError, LicenseError, type LicenseErrorDetail } from './license-error'
export type { LicenseFile } from './license-file'
export { LICENSE_STATUSES, type LicenseStatus } from './license-status'
export {
  CLOCK_TOLERANCE_SECONDS,
  DEFAULT_ISSUER,
  LICENSE_TOKEN_ALGORITHM,
  LICENSE_TOKEN_TYP,
  LICENSE_TOKEN_TYPE,
  type LicenseGrant,
  type LicenseTokenClaims,
} from './license-token'
export { REVOCATION_LIST_TYP, type RevocationListClaims } from './revocation-list'
export {
  type Authentication,
  ROUTES,
  type RouteDefinition,
  type RouteName,
  SCOPES,
  type Scope,
  type WireFamily,
} from './routes'
