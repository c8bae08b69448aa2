import type { LicenseErrorCode } from '../../protocol'
import type { RevocationStore } from './revocation-store'
import type { TrustedKeys } from './trusted-keys'

/** What a kit knows about the revocation list. */
export interface RevocationListStatus {
  /** When the newest list seen was signed; null when there was none. */
  readonly signedAt: Date | null
  /** Why the last `refresh()` of this process took no list; null when it took one, or no `refresh()` has asked for one. */
  readonly lastProblem: LicenseErrorCode | null
}

/** The signing keys that a kit trusts. */
export interface KeySetStatus {
  /** The `kid`s of the trusted keys. */
  readonly trusted: readonly string[]
  /** The version of the newest statement taken; null when there was none, and only `trustedKeys` are trusted. */
  readonly version: number | null
  /** When the server's keys changed last, as that statement says. */
  readonly changedAt: Date | null
  /** Why the key set that this process fetched last changed nothing; null when all is well, or none was fetched. */
  readonly lastProblem: LicenseErrorCode | null
}

export async function describeRevocations(revocations: RevocationStore): Promise<RevocationListStatus> {
  return { signedAt: (await revocations.known())?.signedAt ?? null, lastProblem: revocations.lastProblem }
}

export async function describeKeySet(trustedKeys: TrustedKeys): Promise<KeySetStatus> {
  const { kids: trusted } = await trustedKeys.current()
  const { version = null } = (await trustedKeys.newest()) ?? {}
  const { lastProblem } = trustedKeys
  return { trusted, version, changedAt: version === null ? null : new Date(version), lastProblem }
}
