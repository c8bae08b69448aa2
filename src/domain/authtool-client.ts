import type { AuthtoolMode, PackageStatus } from '../protocol/enumerations'
import type { Activation } from './activation'
import { earliest } from './calendar'
import type { Customer } from './customer'
import { isExpired, type License, refuseLicense } from './license'

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

/** A license on a host. */
export interface HostLicense {
  readonly license: License
  readonly customer: Customer | null
  readonly activation: Activation
}

/**
 * True where the host took the slot by naming the license key, as an app made for AuthTool, and no proof key is bound to it. Only
 * then whoever names the host may be told that key: hostIds can be guessed.
 */
export function isAuthtoolLogin(activation: Activation, productId: string): boolean {
  const { authtoolProductId, surrenderedAt, keys } = activation
  return authtoolProductId === productId && surrenderedAt === null && keys.length === 0
}

/** Of the licenses on a host, the one that its app is told of: one that serves before the others, then the newest. */
export function chooseLogin(held: readonly HostLicense[], productId: string, now: Date): HostLicense | undefined {
  const logins = held
    .filter(({ activation }) => isAuthtoolLogin(activation, productId))
    .toSorted((one, other) => other.activation.activatedAt.getTime() - one.activation.activatedAt.getTime())
  return logins.find((login) => serves(login, now)) ?? logins[0]
}

function serves({ license, customer, activation }: HostLicense, now: Date): boolean {
  return refuseLicense(license, customer, now) === undefined && !isExpired(activation.expiresAt, now)
}

/** When a host's license ends: with its own time, or with the license. */
export function endOfLogin({ license, activation }: Pick<HostLicense, 'license' | 'activation'>): Date | null {
  return earliest(activation.expiresAt, license.expiresAt)
}
