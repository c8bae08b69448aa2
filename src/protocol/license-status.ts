/**
 * What the client kit's `check()` and the server's `POST /key/validate` say of a license on a host.
 *
 * - `valid`: usable.
 * - `grace`: the license token has run out without contact; usable until the grace period ends, with a warning.
 * - `expired`: the license, this host's activation, or token and grace have run out.
 * - `not-activated`: this host holds no activation.
 * - `wrong-host`: activated for another host, or the license does not admit this one.
 * - `wrong-product`: the license is for another product.
 * - `untrusted`: the token is not signed by a trusted key, or was altered.
 * - `clock-tampered`: the clock runs behind a time already proven.
 * - `revoked`: the server has definitely refused: blocked, deleted, freed, or the customer is disabled.
 */
export const LICENSE_STATUSES = [
  'valid',
  'grace',
  'expired',
  'not-activated',
  'wrong-host',
  'wrong-product',
  'untrusted',
  'clock-tampered',
  'revoked',
] as const

export type LicenseStatus = (typeof LICENSE_STATUSES)[number]
