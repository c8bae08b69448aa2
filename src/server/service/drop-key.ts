import { LicenseError } from '../../protocol/license-error'
import type { ActivationTarget } from '../../storage/verbs/store'
import { type Call, planEvent, planStep, type ServiceContext, settle } from './context'
import { requireReleased } from './deactivate'

/** Names a user of a host. */
export type UserTarget = ActivationTarget & {
  readonly hostId: string
  /** A key of the user's, by its thumbprint or the beginning of it. */
  readonly key: string
}

/**
 * Drops a user of a host for good; see `LicensesApi.dropKey`.
 *
 * @throws {LicenseError} LICENSE_NOT_FOUND, LICENSE_BLOCKED
 * @throws {LicenseError} ACTIVATION_NOT_FOUND when the host is not active, or has no such user
 * @throws {LicenseError} INSUFFICIENT_PERMISSIONS when the license is for a product too that the caller may not act on
 * @throws {LicenseError} INVALID_REQUEST when several users have a key that begins so
 */
export async function dropKey(context: ServiceContext, call: Call, { key, ...host }: UserTarget): Promise<void> {
  const now = context.now()
  const { productId, hostId } = host
  const step = planStep(call, now, {
    dropped: [planEvent(context, call, now, 'license.deactivated', { productId, hostId })],
  })
  const release = { ...host, ...call.proof, drops: key }
  const outcome = await settle(call, context.store.releaseActivation(call.accountId, release, step))
  if (outcome.kind === 'ambiguous-key') {
    const said = 'key: several users of the host have one that begins so'
    throw new LicenseError('INVALID_REQUEST', said, { detail: { field: 'key' } })
  }
  requireReleased(outcome)
}
