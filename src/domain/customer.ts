/** The holder of licenses. */
export interface Customer {
  readonly id: string
  readonly accountId: string
  readonly name: string
  /** Unique in the account, letter case aside; null where it was not given. */
  readonly email: string | null
  /** A disabled customer stops activation, not deactivation. */
  readonly active: boolean
  /** Id of the access token it was created with, or `api` when created in process. */
  readonly createdBy: string
  readonly createdAt: Date
  readonly updatedAt: Date
}

/** The form in which emails are compared. */
export function canonicalEmail(email: string): string {
  return email.normalize('NFKC').toLowerCase()
}
