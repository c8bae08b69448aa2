import { findDoubt, type HostDoubt, judging, timeOf } from '../check/doubt'
import type { HostIdentity } from '../host/host-id'
import type { CachedActivation } from '../store/cache-record'
import { doubtsOf } from '../store/seen-hosts'
import { decodePart } from '../trust/decode-jws'
import type { Reading } from '../trust/known-time'
import { isLicenseTokenClaims } from '../trust/license-token-claims'

/** The host that a stored license is examined on. */
export type ExaminedHost = Omit<HostIdentity, 'hostId'> & { readonly hostId: string | null }

/** Says what `check()` makes of a host that is not surely the one of the activation. Writes nothing. */
export async function examineDoubt(
  dataDir: string | undefined,
  activation: CachedActivation,
  host: ExaminedHost,
  reading: Reading,
): Promise<HostDoubt<string | null> | undefined> {
  const claims = decodePart(activation.licenseToken, 1)
  const isKeyed = isLicenseTokenClaims(claims) && claims.cnf !== undefined && activation.proofKey !== undefined
  if (host.hostId !== activation.hostId && !isKeyed) return undefined
  const time = timeOf(activation, undefined, reading)
  const since = doubtsOf(activation).find((seen) => seen.hostId === host.hostId)?.since ?? time
  const doubt = await findDoubt(dataDir, activation, host, async () => since)
  return doubt && judging(doubt, host.hostId, activation, time)
}
