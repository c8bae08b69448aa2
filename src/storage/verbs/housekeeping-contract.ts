import type { Activation, UnseenSince } from '../../domain/activation'
import type { Revocation } from '../../domain/decision'
import type { AuditEvent, EventFilter } from '../../domain/event'
import type { License } from '../../domain/license'
import type { JudgedTime } from '../../domain/vouched-time'
import type {
  FoundPage,
  Idempotency,
  PageRequest,
  Purged,
  Step,
  StepResult,
  UnseenHost,
  UnseenHosts,
  WalkRequest,
} from './outcomes'

/** The revocation list, the audit log, idempotency records and housekeeping. */
export interface HousekeepingVerbs {
  /**
   * The entries of the revocation list of a product, or of all products: null for a product that there is not. Each is
   * listed once, until the second in which the last token it concerns can be of use.
   *
   * Whoever revokes, in the same step, takes the ceiling of stamps as its stamp, raises the ceiling above that, and leaves
   * the stamp as the floor of the license (`stampFloor`) where all its tokens are meant: blocking, resetting, releasing all.
   * One entry stands for a license that was blocked, reset, released or deleted (with its customer, or by `purgeExpired`),
   * however many hosts it has; one for an activation that was released or moved; one for a proof key that was replaced.
   * Nothing is listed of tokens that have ended.
   *
   * @param productId null for all products
   */
  listRevocations(now: Date, productId: string | null): Promise<readonly Revocation[] | null>
  /** The events that all that is given is true of, in the order they were stored or against it. */
  listEvents(accountId: string, filter: EventFilter, page: PageRequest | WalkRequest): Promise<FoundPage<AuditEvent>>
  /**
   * What the step with this idempotency came to, as the step itself would tell it; null where there was none, or it is not
   * kept any more. For who would refuse by now to begin it.
   */
  findReplay<O extends { readonly kind: string }>(
    accountId: string,
    idempotency: Idempotency,
    now: Date,
  ): Promise<Awaited<StepResult<O>> | null>
  /**
   * Deletes events that happened at or before an instant, the oldest first, at most `limit` of each account in one call. Deliveries
   * of such events that are still pending are given up, all of them. Resolves with how many events went.
   */
  purgeEvents(before: Date, limit: number): Promise<number>
  /** Judges the clock by which `purgeExpired` is to be called, and keeps what comes of it: see `judgeTime`. */
  judgeClock(now: Date): Promise<JudgedTime>
  /**
   * Deletes what has had its day, at most `limit` of each kind in one call: licenses whose `cleanableAt` is at or
   * before `now`, with their activations and sessions; idempotency records, lapsed sessions and revocations by their time
   * likewise; deliveries that were `delivered`, or given up, and whose last attempt is `DELIVERED_KEPT_MS`, or `DEAD_KEPT_MS`,
   * or more before `now`. Clears
   * away all that big steps have left behind, which is not counted.
   */
  purgeExpired(now: Date, limit: number): Promise<Purged>
  /**
   * The hosts that `isUnseen` among the next activations, of all accounts, whatever their licenses' state. At most `limit`
   * activations are looked at, unseen or not, so that a call costs the same however many there are, without an index that
   * every claim would pay for. Begins after `after`: null for the first, then the `next` of the call before, which is
   * null at the end. The order is the adapter's own; what changes meanwhile may be missed, what stays may not.
   */
  findUnseen(since: UnseenSince, after: string | null, limit: number): Promise<UnseenHosts>
  /**
   * Frees a host's slot as `releaseActivation` does, in whatever state the license is, if on the stored row the host
   * still `isUnseen`; else `kept`, as where it holds no slot. Of simultaneous calls one is `released`; a host that is
   * seen at the same time keeps its slot, or loses it and claims anew.
   */
  releaseUnseen(
    accountId: string,
    host: Pick<UnseenHost, 'licenseId' | 'hostId'>,
    since: UnseenSince,
    step: Step<'released'>,
  ): StepResult<{ kind: 'released'; license: License; activation: Activation } | { kind: 'kept' }>
}
