import { findDoubt } from '../check/doubt'
import type { HostIdentity } from '../host/host-id'
import { judgeDoubt } from '../host/judge-doubt'
import type { CachedActivation } from '../store/cache-record'
import { doubtsOf } from '../store/seen-hosts'
import { decodePart } from '../trust/decode-jws'
import { isLicenseTokenClaims } from '../trust/license-token-claims'
import type { LicenseCheck } from '../words/license-check'

/** The host that a stored license is examined on. */
export type ExaminedHost = Omit<HostIdentity, 'hostId'> & { readonly hostId: string | null }

/** How a license is examined whose host is in doubt. */
export interface ExaminedDoubt {
  /** The host that the license token must be for. */
  readonly hostId: string | null
  judge(found: LicenseCheck): LicenseCheck
}

/** Says what `check()` makes of a host that is not surely the one of the activation. Writes nothing. */
export async function examineDoubt(
  dataDir: string | undefined,
  activation: CachedActivation,
  host: ExaminedHost,
  now: Date,
): Promise<ExaminedDoubt | undefined> {
  const claims = decodePart(activation.licenseToken, 1)
  const isKeyed = isLicenseTokenClaims(claims) && claims.cnf !== undefined && activation.proofKey !== undefined
  if (host.hostId !== activation.hostId && !isKeyed) return undefined
  const time = Math.max(Math.floor(now.getTime() / 1000), activation.highestTimeSeen)
  const since = doubtsOf(activation).find((seen) => seen.hostId === host.hostId)?.since ?? time
  const doubt = await findDoubt(dataDir, activation, host, async () => since)
  if (doubt === undefined) return undefined
  return {
    hostId: doubt.kind === 'other' ? host.hostId : activation.hostId,
    judge: (found) => judgeDoubt(found, doubt, time),
  }
}
