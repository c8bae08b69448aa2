import { carryEmail, carryName, isEmail } from '../protocol/person-text'

/** What the vendor sets of a customer. */
export interface CustomerTerms {
  readonly name: string
  /**
   * As it was given, in Unicode's form NFC, control characters being blanks. Unique in the account, letter case aside, where it
   * is one: something, one `@`, something, up to 254 characters. Anything else is kept, and nobody is found by it. Default null:
   * none.
   */
  readonly email: string | null
  /** A disabled customer stops activation, not deactivation. Default true. */
  readonly active: boolean
}

/** The holder of licenses. */
export interface Customer extends CustomerTerms {
  readonly id: string
  readonly accountId: string
  /** Id of the access token it was created with, or `api` when created in process. */
  readonly createdBy: string
  readonly createdAt: Date
  readonly updatedAt: Date
}

/**
 * The form in which emails are compared; null for what is none, by which nobody is found. Not NFKC: letters that look alike may
 * be two people's.
 */
export function canonicalEmail(email: string): string | null {
  const canonical = carryEmail(email)?.toLowerCase().normalize('NFC') ?? ''
  return isEmail(canonical) ? canonical : null
}

/** What a customer is called: the email stands for a name that is missing; null where neither is there. */
export function customerName(name: string | null | undefined, email: string | null | undefined): string | null {
  return name || (email ? carryName(email) : null)
}
