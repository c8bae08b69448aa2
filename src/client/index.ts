export {
  type ActivationRequest,
  isLicenseError,
  LicenseError,
  type LicenseErrorCode,
  type LicenseErrorDetail,
  type LicenseStatus,
  type PublicJwk,
} from '../protocol'
export type { ActivateOptions, TrialOptions } from './activate'
export type { DeactivateResult } from './deactivate-result'
export type { Device, LicenseDevices } from './devices'
export { type DiagnoseOptions, diagnose } from './diagnose'
export type {
  Diagnosis,
  FolderFinding,
  HostFinding,
  LicenseFinding,
  RouteFinding,
  RuntimeFinding,
  ServerFinding,
} from './diagnosis/diagnosis'
export type { Fetch, FetchAnswer, FetchInit } from './fetch'
export type {
  CheckinResult,
  CheckoutOptions,
  Floating,
  FloatingSession,
  SessionEvents,
  SessionStatus,
} from './floating/floating-session'
export type { HostIdentity } from './host-id'
export type {
  CheckReason,
  ClockTamperedCheck,
  ExpiredCheck,
  GraceCheck,
  LicenseCheck,
  LicenseDetails,
  NotActivatedCheck,
  NotActivatedReason,
  RevokedCheck,
  RevokedReason,
  UntrustedCheck,
  UntrustedReason,
  ValidCheck,
  WrongHostCheck,
  WrongProductCheck,
} from './license-check'
export { createLicenseKit, type KeySetStatus, type LicenseKit, type RevocationListStatus } from './license-kit'
export type { MachineIdProblem } from './machine-id'
export type { LicenseKitOptions } from './options'
export type { SecretStore } from './secret-store'
export { runUninstall, UNINSTALL_ARGUMENT, type UninstallOptions, type UninstallResult } from './uninstall'
export type { LicenseWatch } from './watch'
