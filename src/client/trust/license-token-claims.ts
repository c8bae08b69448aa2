import { LICENSE_TOKEN_TYPE, type LicenseGrant, type LicenseTokenClaims } from '../../protocol'
import { isCount, isInstant, isRecord, isText, isTexts } from '../../protocol/json'

/** The largest instant a `Date` can hold, in Unix seconds. */
const MAX_SECONDS = 8.64e12

/** Whether a signed payload has the shape of license token claims. Who signed them, and when, is not looked at. */
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
    isText(value.lid) &&
    typeof value.stamp === 'number' &&
    (value.nonce === undefined || isText(value.nonce)) &&
    (value.ren === undefined || isCount(value.ren)) &&
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
    isTexts(value.entitlements) &&
    (value.metadata === null || isRecord(value.metadata)) &&
    (value.customerName === null || typeof value.customerName === 'string') &&
    isSeconds(value.refreshAfter) &&
    isSeconds(value.graceSeconds)
  )
}

function isSeconds(value: unknown): value is number {
  return typeof value === 'number' && value >= 0 && value <= MAX_SECONDS
}
