import { SIGNED_LEASE_TYP } from '../../protocol'
import { isRecord, isText } from '../../protocol/json'
import { withServerKeys } from '../actions/with-server-keys'
import type { OnlineContext } from '../kit-context'
import { verifySignedPayload } from '../trust/signed-payload'
import type { SeatRenewal, Success } from './seat-requests'

const MAX_LENGTH = 4096

/**
 * How long a seat is good beyond its lease while nobody answers, in milliseconds: never past the end of the license. 0 where the
 * lease is not signed by the license server for this very request: then anybody may have granted it.
 *
 * @param sessionId the session that the answer is about
 */
export async function outageMsOf(
  context: OnlineContext,
  { body, nonce }: Success,
  { expiresAt }: SeatRenewal,
  ...[sessionId, graceSeconds]: [string, number]
): Promise<number> {
  const { lease } = body
  if (!isText(lease) || graceSeconds === 0) return 0
  const shape = { typ: SIGNED_LEASE_TYP, issuer: context.config.issuer, maxLength: MAX_LENGTH }
  const verify = async () => await verifySignedPayload(lease, await context.trustedKeys.current(), shape)
  const asking = { totalTimeoutMs: context.config.tryTimeoutMs, maxTries: 1 }
  const claims = await withServerKeys(context, lease, verify, asking).catch(() => undefined)
  if (!isRecord(claims) || claims.nonce !== nonce || claims.session !== sessionId) return 0
  const exp = Math.floor(expiresAt.getTime() / 1000)
  if (claims.exp !== exp) return 0
  const untilEnd = typeof claims.end === 'number' ? Math.max(0, claims.end - exp) : graceSeconds
  return Math.min(graceSeconds, untilEnd) * 1000
}
