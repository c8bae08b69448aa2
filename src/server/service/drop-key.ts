import { LicenseError } from '../../protocol/license-error'
import type { ActivationTarget } from '../../storage/verbs/store'
import { type Call, planEvent, planStep, type ServiceContext, settle } from './context'
import { requireReleased } from './deactivate'
import { activationMissing, licenseMissing } from './refusals'

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
 * @throws {LicenseError} INVALID_REQUEST when several users have a key that begins so
 */
export async function dropKey(
  context: ServiceContext,
  call: Call,
  { key, hostId, ...target }: UserTarget,
): Promise<void> {
  const { store } = context
  const found = await store.findActivation(call.accountId, { ...target, hostId })
  if (found.kind !== 'found') throw licenseMissing()
  const named = (found.activation?.keys ?? []).filter(({ thumbprint, former }) =>
    [thumbprint, ...former].some((one) => one.startsWith(key)),
  )
  const [user] = named
  if (user === undefined) throw activationMissing()
  if (named.length > 1) {
    const said = 'key: several users of the host have one that begins so'
    throw new LicenseError('INVALID_REQUEST', said, { detail: { field: 'key' } })
  }
  if (user.droppedAt !== null) return
  const now = context.now()
  const data = { productId: target.productId, hostId, droppedKey: user.thumbprint }
  const step = planStep(call, now, { dropped: [planEvent(context, call, now, 'license.deactivated', data)] })
  const release = { ...target, hostId, ...call.proof, drops: user.thumbprint }
  requireReleased(await settle(call, store.releaseActivation(call.accountId, release, step)))
}
