/** What the vendor sets of a customer. */
export interface CustomerTerms {
  readonly name: string
  /** Unique in the account, letter case aside. Default null: none. */
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

/** The form in which emails are compared. */
export function canonicalEmail(email: string): string {
  return email.normalize('NFKC').toLowerCase()
}
