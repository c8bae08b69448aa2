import { endOfFile } from '../../domain/file-end'
import { computeFingerprint } from '../../protocol/jwk'
import type { LicenseFile } from '../../protocol/license-file'
import type { ActivationTarget } from '../../storage/verbs/store'
import { licenseFileClaims, signLicenseToken } from '../signing/license-token'
import { claimSlot } from './activate'
import type { Call, ServiceContext } from './context'
import { endNeeded } from './refusals'

export interface SignLicenseFile extends ActivationTarget {
  readonly hostId: string
  /** How long the file is good for, in seconds; needed for a license that never expires. */
  readonly ttlSeconds?: number | undefined
}

/**
 * A license file for a host that cannot be online. Takes an activation slot like `activate`; good until the earlier of
 * the license's expiry and `ttlSeconds` from now.
 *
 * @throws {LicenseError} INVALID_REQUEST when the license never expires and no `ttlSeconds` is given
 * @throws {LicenseError} as `activate`
 */
export async function signLicenseFile(
  context: ServiceContext,
  call: Call,
  { ttlSeconds, ...input }: SignLicenseFile,
): Promise<LicenseFile> {
  const now = context.now()
  const file = { ttlSeconds }
  const rows = await claimSlot(context, call, { ...input, file }, { eventType: 'license.signed', now })
  const { license, activation } = rows
  const signedAt = rows.replayed?.at ?? now
  const endsAt = endOfFile(license, activation, file, signedAt)
  if (endsAt === null) throw endNeeded()
  const key = context.signingKeyFor(rows.replayed?.note)
  const claims = licenseFileClaims(rows, context.issuer, signedAt, endsAt)
  return {
    licenseToken: await signLicenseToken(claims, key),
    signedKey: license.key,
    signedDate: signedAt.toISOString(),
    keyId: key.kid,
    publicKeyFingerprint: computeFingerprint(key.publicJwk),
    ...(context.jwks.statements && { keyStatements: context.jwks.statements }),
  }
}
