import type { AccessToken } from '../../domain/access-token'
import { LicenseError } from '../../protocol/license-error'

/**
 * A publishable token can be read by everyone who has the app: with one, deactivating must name its host.
 * @throws {LicenseError} MISSING_PARAMS when it does not
 */
export function requireHostFromPublishable(
  { hostId }: { readonly hostId?: string | undefined },
  token: AccessToken,
): void {
  if (token.kind === 'publishable' && hostId === undefined) {
    throw new LicenseError('MISSING_PARAMS', 'hostId is required', { detail: { field: 'hostId' } })
  }
}
