import type { LicenseTokenClaims } from '../../protocol'
import type { KitContext } from '../kit-context'
import { knownTime, type StoredTimes } from '../store/clock-marks'
import type { KnownTime } from '../trust/known-time'

/** The judged time, as far as this process knows it, Unix seconds; else the wall clock. */
export function timeNow({ config, boot }: Pick<KitContext, 'config' | 'boot'>): number {
  const { wall, uptime } = config.readClocks()
  return boot.startedAt === undefined ? wall : boot.startedAt + uptime
}

/** What is known of the time for a license token that was verified. */
export function timeKnownTo(
  { boot, trustedKeys }: KitContext,
  activation: StoredTimes,
  claims: LicenseTokenClaims,
): KnownTime {
  return { ...knownTime(activation, claims, trustedKeys.known), startedAt: boot.startedAt }
}
