export {
  type ActivationRequest,
  isLicenseError,
  LicenseError,
  type LicenseErrorCode,
  type LicenseErrorDetail,
  type LicenseStatus,
  type PublicJwk,
} from '../protocol'
export type { ActivateOptions, TrialOptions } from './actions/activate'
export type { Device, DeviceUser, LicenseDevices } from './actions/devices'
export type { LicenseWatch } from './check/watch'
export { diagnose } from './diagnosis/diagnose'
export type { DiagnoseOptions } from './diagnosis/diagnose-options'
export type {
  Diagnosis,
  FolderFinding,
  HostFinding,
  LicenseFinding,
  RouteFinding,
  RuntimeFinding,
  ServerFinding,
} from './diagnosis/diagnosis'
export type {
  CheckinResult,
  CheckoutOptions,
  Floating,
  FloatingSession,
  SessionEvents,
  SessionStatus,
} from './floating/floating-session'
export type { HostIdentity } from './host/host-id'
export type { MachineIdProblem } from './host/machine-id'
export { createLicenseKit, type LicenseKit } from './license-kit'
export type { LicenseKitOptions } from './options'
export type { SecretStore } from './store/secret-store'
export type { KeySetStatus, RevocationListStatus } from './trust/describe-trust'
export { runUninstall, UNINSTALL_ARGUMENT, type UninstallResult } from './uninstall/uninstall'
export type { UninstallOptions } from './uninstall/uninstall-options'
export type { Fetch, FetchAnswer, FetchInit } from './wire/fetch'
export type { DeactivateOptions, DeactivateResult } from './words/deactivate-result'
export type {
  CheckReason,
  ClockTamperedCheck,
  ExpiredCheck,
  GraceCheck,
  LastContact,
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
} from './words/license-check'
export type { WaitOptions } from './words/wait-options'
