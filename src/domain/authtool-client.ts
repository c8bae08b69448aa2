import type { AuthtoolMode, PackageStatus } from '../protocol/enumerations'

/** What apps made for AuthTool are told of their product, besides its name. */
export interface AuthtoolClientTerms {
  /** How an answer is encrypted where the app sent nothing that shows it. Default `gcm`. */
  readonly mode: AuthtoolMode
  /** What apps are told of the service. Default `running`. */
  readonly status: PackageStatus
  /** The newest version of the app. This text and the three that follow are empty by default. */
  readonly version: string
  readonly updateNote: string
  readonly downloadUpdateLink: string
  readonly contactUrl: string
  /** Whether the app asks its user for a license key. Default true. */
  readonly isNeedKey: boolean
}

/** What is kept for the apps of a product that were made for AuthTool. */
export interface AuthtoolClient extends AuthtoolClientTerms {
  /** The SHA-256 of the package token, in hexadecimal digits. */
  readonly tokenHash: string
  /** The AES key, encrypted: only whoever has the keyring too can read it. */
  readonly sealedKey: string
}

/** What is given is changed; absent stays. */
export type AuthtoolClientChanges = Partial<AuthtoolClient>

const DEFAULT_TERMS: AuthtoolClientTerms = {
  mode: 'gcm',
  status: 'running',
  version: '',
  updateNote: '',
  downloadUpdateLink: '',
  contactUrl: '',
  isNeedKey: true,
}

/** The client API of a product once it was changed; null: off. `incomplete` where it would be on without token or key. */
export function changeAuthtoolClient(
  before: AuthtoolClient | null,
  changes: AuthtoolClientChanges | null,
): AuthtoolClient | null | 'incomplete' {
  if (changes === null) return null
  const { tokenHash, sealedKey, ...terms } = { ...DEFAULT_TERMS, ...before, ...changes }
  return tokenHash === undefined || sealedKey === undefined ? 'incomplete' : { ...terms, tokenHash, sealedKey }
}
