import type { CheckoutOutcome as ClaimSessionOutcome } from '../../domain/decide-checkout'
import type { SessionRefusal } from '../../domain/decide-heartbeat'
import type { License } from '../../domain/license'
import type { NewSession, Session } from '../../domain/session'
import type {
  ActivationTarget,
  FindSessionOutcome,
  LicenseTarget,
  Page,
  PageRequest,
  SessionTarget,
  Step,
  StepResult,
} from './outcomes'

export interface SessionVerbs {
  /**
   * Takes a seat of a floating license. In this order: `gone` unless the license is sold for the product; what
   * `refuseCheckout` says of the stored rows; `existing` when this seat (host and user) has a live session, which
   * becomes what `resumeSession` makes of it, whatever the limit; `limit-reached` unless `hasFreeSeat` for the
   * sessions that are live at `step.now`; else `created`, with the row `startSession` makes.
   *
   * A lapsed session holds no seat, whether or not it was removed; its seat's next checkout makes a new one. Of
   * simultaneous checkouts of the last seat one is `created`; of simultaneous checkouts of one seat, one is `created`
   * and the others `existing`, each with secret and nonce of its own, of which the last stored count.
   */
  claimSession(
    accountId: string,
    target: ActivationTarget,
    session: NewSession,
    step: Step<'created' | 'existing'>,
  ): StepResult<ClaimSessionOutcome>
  /** A live session of a license, with its secret. `not-found` when it has lapsed, too. */
  findSession(accountId: string, target: SessionTarget, now: Date): Promise<FindSessionOutcome>
  /**
   * Uses up a nonce and renews the lease: the stored row becomes what `extendSession` makes of it. Else, in this order:
   * `gone`, `not-found`, `bad-nonce` unless `nonce` is the stored one, `blocked` when the license is blocked. Of two
   * simultaneous renewals with one nonce one is `renewed`.
   */
  renewSession(
    accountId: string,
    target: SessionTarget,
    nonces: { readonly nonce: string; readonly nextNonce: string },
    step: Step<'renewed'>,
  ): StepResult<{ kind: 'renewed'; license: License; session: Session } | SessionRefusal>
  /** Uses up a nonce and frees the seat, in whatever state the license is; without one (null) for the vendor. */
  releaseSession(
    accountId: string,
    target: LicenseTarget & Pick<SessionTarget, 'sessionId'>,
    nonce: string | null,
    step: Step<'released'>,
  ): StepResult<{ kind: 'released'; license: License; session: Session } | SessionRefusal>
  /** The sessions live at `now`, oldest first. */
  listSessions(accountId: string, licenseId: string, now: Date, page: PageRequest): Promise<Page<Session>>
}
