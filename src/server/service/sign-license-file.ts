import { earliest } from '../../domain/calendar'
import { computeFingerprint } from '../../protocol/jwk'
import { LicenseError } from '../../protocol/license-error'
import type { LicenseFile } from '../../protocol/license-file'
import { CLOCK_TOLERANCE_SECONDS } from '../../protocol/license-token'
import type { ActivationTarget } from '../../storage/verbs/store'
import { licenseFileClaims, signLicenseToken } from '../signing/license-token'
import { activateHost } from './activate'
import type { Call, ServiceContext } from './context'

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
  input: SignLicenseFile,
): Promise<LicenseFile> {
  await requireEnd(context, call, input)
  const rows = await activateHost(context, call, input, 'license.signed')
  const { license, activation } = rows
  const signedAt = rows.replayed?.at ?? context.now()
  const ttlEnd = input.ttlSeconds === undefined ? null : new Date(signedAt.getTime() + input.ttlSeconds * 1000)
  const endsAt = earliest(license.expiresAt, activation.expiresAt, ttlEnd)
  if (endsAt === null) throw ttlNeeded()
  // Before it is handed out: should the host be deactivated, the revocation must be listed as long as the file is good.
  const tokensEndAt = new Date(endsAt.getTime() + (rows.product.graceSeconds + CLOCK_TOLERANCE_SECONDS) * 1000)
  await context.store.touchActivation(call.accountId, license.id, activation.hostId, {
    lastSeenAt: activation.lastSeenAt,
    tokensEndAt,
  })
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

/** Asked before a slot is taken. What the license says afterwards still counts. */
async function requireEnd({ store }: ServiceContext, call: Call, input: SignLicenseFile): Promise<void> {
  if (input.ttlSeconds !== undefined) return
  const { canonicalKey, productId, hostId } = input
  const found = await store.findActivation(call.accountId, { canonicalKey, productId, hostId })
  if (found.kind !== 'found') return
  const { expiresAt, activationDuration } = found.license
  if (expiresAt === null && activationDuration === null) throw ttlNeeded()
}

function ttlNeeded(): LicenseError {
  return new LicenseError('INVALID_REQUEST', 'ttl: is needed for a license that never expires', {
    detail: { field: 'ttl' },
  })
}
