import { canonicalKey } from '../protocol/license-key-text'
import type { License } from './license'

/** Which licenses are meant: those that all that is given is true of. */
export interface LicenseFilter {
  readonly productId?: string
  readonly customerId?: string
  readonly externalId?: string
  /** The email of the customer who holds it, letter case aside. */
  readonly email?: string
  readonly blocked?: boolean
  /** Ends then or later; a license that never ends does not. */
  readonly expiresFrom?: Date
  /** Ends before that. */
  readonly expiresBefore?: Date
  /** A part of the license key, letter case aside, such as what somebody reads out. */
  readonly keyPart?: string
  /** Fields of the metadata, and what they are. */
  readonly metadata?: Readonly<Record<string, string | number | boolean | null>>
}

/** Whether a license is meant, as far as the license itself tells: whose `email` is, its customer does. */
export function fitsFilter(license: License, filter: LicenseFilter): boolean {
  const { productId, customerId, externalId, blocked, expiresFrom, expiresBefore, keyPart, metadata = {} } = filter
  const { expiresAt } = license
  return (
    (productId === undefined || license.productIds.includes(productId)) &&
    (customerId === undefined || license.customerId === customerId) &&
    (externalId === undefined || license.externalId === externalId) &&
    (blocked === undefined || license.blocked === blocked) &&
    (expiresFrom === undefined || (expiresAt !== null && expiresAt >= expiresFrom)) &&
    (expiresBefore === undefined || (expiresAt !== null && expiresAt < expiresBefore)) &&
    (keyPart === undefined || license.canonicalKey.includes(canonicalKey(keyPart))) &&
    Object.entries(metadata).every(([name, value]) => hasField(license.metadata, name, value))
  )
}

function hasField(metadata: License['metadata'], name: string, value: unknown): boolean {
  return metadata !== null && Object.hasOwn(metadata, name) && metadata[name] === value
}
