import type { LicenseTokenClaims } from '../../protocol'

/** When a license token's grace period ends, Unix seconds: never past the license. */
export function graceEndOf({ exp, license }: LicenseTokenClaims): number {
  return Math.min(exp + license.graceSeconds, licenseEndOf(license))
}

/** When the license, or this host's activation, ends, Unix seconds; infinite for never. */
export function licenseEndOf({ expiresAt }: LicenseTokenClaims['license']): number {
  return expiresAt === null ? Number.POSITIVE_INFINITY : Date.parse(expiresAt) / 1000
}
