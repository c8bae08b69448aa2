import { withTimeout } from '../../waiting/with-timeout'
import type { LicenseCheck } from '../words/license-check'
import { isNo } from './watch-timetable'

interface StartParts {
  readonly startTimeoutMs: number
  readonly check: () => Promise<LicenseCheck>
  readonly refresh: () => Promise<LicenseCheck>
}

/** `start()` itself: checks, and asks the server before it tells of an end; see `LicenseKit.start`. */
export async function start({ startTimeoutMs, check, refresh }: StartParts): Promise<LicenseCheck> {
  const found = await check()
  if (!mayMend(found)) return found
  // What the vendor has stated may have come by then, while the server is still silent.
  return (await within(refresh(), startTimeoutMs)) ?? (await check().catch(() => found))
}

/** Whether contact may make this license a better one. What is merely due for renewal works as it is. */
export function mayMend(license: LicenseCheck): boolean {
  return license.refreshDue && (license.status !== 'valid' || isNo(license))
}

/** Waits for a refresh, but not longer than this. Undefined where it takes longer, or fails by the app's own `now` or `fetch`. */
export async function within(refreshing: Promise<LicenseCheck>, timeoutMs: number): Promise<LicenseCheck | undefined> {
  return await withTimeout(() => refreshing, timeoutMs).catch(() => undefined)
}
