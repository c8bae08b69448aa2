import { LICENSE_TOKEN_TYPE, type LicenseGrant, type LicenseTokenClaims } from '../../protocol'

/** The largest instant a `Date` can hold, in Unix seconds. */
const MAX_SECONDS = 8.64e12

/** Whether a signed payload has the shape of license token claims. Says nothing of whose, or of what time it is. */
export function isLicenseTokenClaims(value: unknown): value is LicenseTokenClaims {
  if (!isRecord(value)) return false
  return (
    isText(value.iss) &&
    isText(value.productId) &&
    isText(value.aud) &&
    isText(value.key) &&
    value.sub === value.key &&
    isText(value.machine) &&
    isText(value.jti) &&
    value.type === LICENSE_TOKEN_TYPE &&
    isSeconds(value.iat) &&
    isSeconds(value.nbf) &&
    isSeconds(value.exp) &&
    (value.cnf === undefined || (isRecord(value.cnf) && isText(value.cnf.jkt))) &&
    isGrant(value.license)
  )
}

function isGrant(value: unknown): value is LicenseGrant {
  if (!isRecord(value)) return false
  return (
    (value.expiresAt === null || isInstant(value.expiresAt)) &&
    Array.isArray(value.entitlements) &&
    value.entitlements.every((entitlement) => typeof entitlement === 'string') &&
    (value.metadata === null || isRecord(value.metadata)) &&
    (value.customerName === null || typeof value.customerName === 'string') &&
    isSeconds(value.refreshAfter) &&
    isSeconds(value.graceSeconds)
  )
}

export function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

export function isCount(value: unknown): value is number {
  return Number.isSafeInteger(value) && (value as number) >= 0
}

export function isTexts(value: unknown): value is string[] {
  return Array.isArray(value) && value.every((entry) => typeof entry === 'string')
}

function isText(value: unknown): value is string {
  return typeof value === 'string' && value.length > 0
}

function isSeconds(value: unknown): value is number {
  return typeof value === 'number' && value >= 0 && value <= MAX_SECONDS
}

function isInstant(value: unknown): value is string {
  return typeof value === 'string' && !Number.isNaN(Date.parse(value))
}
