import type { LicenseTokenClaims } from '../../src/protocol'

export const ISSUER = 'keyslot'
export const PRODUCT_ID = 'prod_0123456789abcdefghijklmn'
export const OTHER_PRODUCT_ID = 'prod_other6789abcdefghijklmno'
/** As the client kit makes hostIds. */
export const HOST_ID = 'h1.2Vj0hY3kq8tNfWc7mXsPzB5dRgL1aEuKiOoTyH9vQ4w'
export const OTHER_HOST_ID = 'h1.9Zk4pS1cVbN6xMqWeRtYuIoPaSdFgHjKlZxCvBnM7tE'
export const LICENSE_KEY = 'T8XTR-AI21B-2990H-85SB5'
export const LICENSE_ID = 'lic_Q3mB7xK9vT2nW5yR8dF1'
/** Everything good is signed at this time: Unix seconds, 2026-06-15T12:00:00Z. */
export const SIGNED_AT = 1_781_524_800
export const HOUR = 3_600
export const DAY = 86_400
/** When the tokens end, unless a vector says otherwise. */
export const EXP = SIGNED_AT + 14 * DAY
export const STAMP = SIGNED_AT * 1000 + 42

type Changes = Partial<Omit<LicenseTokenClaims, 'license'>> & {
  readonly license?: Partial<LicenseTokenClaims['license']>
}

/** The claims of a license token: good for 14 days, and 7 more of grace. */
export function claims({ license, ...changes }: Changes = {}): LicenseTokenClaims {
  return {
    iss: ISSUER,
    aud: PRODUCT_ID,
    productId: PRODUCT_ID,
    sub: LICENSE_KEY,
    key: LICENSE_KEY,
    machine: HOST_ID,
    type: 'offline',
    jti: 'nV4bR7tY1uX0pL3k',
    lid: LICENSE_ID,
    stamp: STAMP,
    ans: 1,
    iat: SIGNED_AT,
    nbf: SIGNED_AT,
    exp: EXP,
    ...changes,
    license: {
      expiresAt: null,
      entitlements: ['export', 'sync'],
      metadata: { seats: 3 },
      customerName: 'Ada Lovelace',
      refreshAfter: SIGNED_AT + 7 * DAY,
      graceSeconds: 7 * DAY,
      ...license,
    },
  }
}

/** The claims without one, or with a value of a wrong shape in it. */
export function misshapen(name: keyof LicenseTokenClaims, value?: unknown): object {
  return { ...claims(), [name]: value }
}

/** An instant as `license.expiresAt` says it. */
export function iso(seconds: number): string {
  return new Date(seconds * 1000).toISOString()
}
