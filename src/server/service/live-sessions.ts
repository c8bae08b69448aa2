import type { Session } from '../../domain/session'
import type { LicenseTarget, Page, PageRequest } from '../../storage/verbs/store'
import { type Call, planEvent, planStep, type ServiceContext, settle } from './context'
import { describeLicense } from './describe-license'
import { settleSession } from './session-proof'

/** A seat that is taken, without the secrets of whoever holds it. */
export type LiveSession = Omit<Session, 'secret' | 'nonce'>

/**
 * The seats of a license that are taken now, oldest first.
 * @throws {LicenseError} LICENSE_NOT_FOUND, LICENSE_FOREIGN
 */
export async function listLiveSessions(
  context: ServiceContext,
  call: Call,
  target: LicenseTarget,
  page: PageRequest,
): Promise<Page<LiveSession>> {
  const { license } = await describeLicense(context, call, target)
  const { items, total } = await context.store.listSessions(call.accountId, license.id, context.now(), page)
  return { items: items.map(({ secret: _, nonce: __, ...session }) => session), total }
}

/**
 * Ends a session in the vendor's name, in any state of the license: its seat is free at once.
 * @throws {LicenseError} LICENSE_NOT_FOUND; SESSION_NOT_FOUND when it is unknown or has lapsed
 */
export async function endSession(
  context: ServiceContext,
  call: Call,
  target: LicenseTarget & { readonly sessionId: string },
): Promise<void> {
  const now = context.now()
  const data = target.productId === undefined ? {} : { productId: target.productId }
  const step = planStep(call, now, {
    released: [planEvent(context, call, now, 'session.ended', { ...data, byVendor: true })],
  })
  settleSession(await settle(call, context.store.releaseSession(call.accountId, target, null, step)), 'released')
}
