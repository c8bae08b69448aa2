import type { Activation, Takeover } from '../../domain/activation'
import type { HostLicense } from '../../domain/authtool-login'
import type { ClaimOutcome } from '../../domain/decide-claim'
import type { UserDrop, UserDropOutcome } from '../../domain/decide-drop-user'
import type {
  DeviceOutcome,
  DeviceRelease,
  Release,
  ReleaseAllOutcome,
  ReleaseOutcome,
} from '../../domain/decide-release'
import type { ValidateOutcome, Validation } from '../../domain/decide-validate'
import type { SlotRequest } from '../../domain/slot-request'
import type {
  ActivationTarget,
  FindActivationOutcome,
  LicenseTarget,
  Page,
  PageRequest,
  Step,
  StepResult,
} from './outcomes'

export interface ActivationVerbs {
  /**
   * Claims an activation slot for a host, in the way that `decideClaim` says, by the rules that the request names. What the
   * slot costs is spent in the same step: a claim that is refused spends nothing, and of simultaneous claims no more are let
   * through than an allowance has room for. `rate-limited`, a device that cannot be replaced and `end-needed` are not kept
   * under an idempotency key.
   *
   * Two simultaneous claims for one host: one is `created`, the other `existing`, one slot is taken. For different
   * hosts at the last slot: one is `created`, the other `limit-reached`.
   *
   * `existing` writes nothing but what `seeActivation` changes, and that only when `isLastSeenStale`, what a license file needs,
   * or that it is a login by AuthTool's client API.
   *
   * A takeover: the activation becomes what `takeOver` makes of it, the tokens of the host or key before are revoked (see
   * {@link listRevocations}), and the counter stays. When `moved`, from the first of `previousHostIds`, in their order,
   * that holds a slot of this very license which may be taken over, the previous host holds none any more. `refuseClaim`
   * is asked with that activation and the claiming host: one whose own time has run out is `expired` and stays where it
   * is. Of two hosts that name the same previous one at once, one is `moved`; the other is `created`, or `limit-reached`.
   * Of two claims that would rebind one host to two keys, both are `rebound`, and the later one's key is bound.
   */
  claimActivation(
    accountId: string,
    target: ActivationTarget,
    claim: SlotRequest,
    step: Step<'created' | 'existing' | Takeover>,
  ): StepResult<ClaimOutcome>
  /**
   * Frees a host's slot, of whatever product where the target names none; the counter goes one down. In this order: `gone`; `blocked` when the license is blocked, while
   * expiry and a disabled customer do not matter; what `refuseRelease` says of the stored row. Where the rules of the request
   * let it change hands no more, or the license has `MAX_LIVE_ENTRIES`, the row stays, and the counter: it becomes what
   * `surrenderActivation` makes of it, and the outcome is `surrendered`. Of two simultaneous releases one is `released`, or `surrendered`;
   * the other `not-active`. Where a user is dropped, `not-covered` where the license is (see `Step.products`).
   */
  releaseActivation(
    accountId: string,
    target: LicenseTarget & { readonly hostId: string } & Release,
    step: Step<'released' | 'surrendered' | 'dropped'>,
  ): StepResult<ReleaseOutcome>
  /**
   * Frees the slot of a device for whoever has the license key, in the way that `decideFreeDevice` says. `no-self-service` and
   * `rate-limited` are not kept under an idempotency key.
   */
  releaseDevice(
    accountId: string,
    target: ActivationTarget & DeviceRelease,
    step: Step<'released' | 'surrendered'>,
  ): StepResult<DeviceOutcome>
  /**
   * Drops a user of a device, in the way that `decideDropUser` says. `no-self-service`, `proof-required`, `older-user` and
   * `rate-limited` are not kept under an idempotency key.
   */
  dropDeviceUser(
    accountId: string,
    target: ActivationTarget & UserDrop,
    step: Step<'dropped'>,
  ): StepResult<UserDropOutcome>
  /** Frees every slot, resting ones too; the counter becomes 0. `count` tells how many there were, 0 included. */
  releaseAllActivations(
    accountId: string,
    target: ActivationTarget,
    step: Step<'released'>,
  ): StepResult<ReleaseAllOutcome>
  /** A license, its product and a host's activation, read at one instant. */
  findActivation(
    accountId: string,
    target: ActivationTarget & { readonly hostId: string },
  ): Promise<FindActivationOutcome>
  /** The licenses whose slot on this host an app of the product took by AuthTool's login; the newest 64. */
  findAuthtoolLogins(productId: string, hostId: string): Promise<readonly HostLicense[]>
  /** Newest first, by `activatedAt`, then by `hostId`; those whose slot rests among them. */
  listActivations(accountId: string, licenseId: string, page: PageRequest): Promise<Page<Activation>>
  /**
   * Whether a license serves on a host, as `decideValidate` says. Mostly a mere look, at one instant; where the host is to
   * be marked as seen, or is given the next number, all is decided anew in the step that does so. Only then its plan is asked for.
   */
  validateActivation(
    accountId: string,
    target: ActivationTarget & Validation,
    now: Date,
    plan?: () => Step<'cloned' | 'ended-now' | 'shared'>,
  ): StepResult<ValidateOutcome>
}
