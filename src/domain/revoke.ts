import { type Activation, tokenId } from './activation'
import { type Counter, type EntityChange, insert, type Revocation, replace } from './decision'
import type { License } from './license'

export const REVOCATION_VERSION = 'revocation-version'

/** The entries that end the tokens of these activations; the license's generation is the one they were made in. */
export function tokensOf(license: License, activations: readonly Activation[]): readonly Revocation[] {
  return activations.map((activation) => ({
    tokenId: tokenId(license, activation),
    tokensEndAt: activation.tokensEndAt,
  }))
}

/**
 * Puts entries on the revocation list. One that is there already stays as long as the later of both says.
 *
 * @param before the entries of these tokens that are there already
 * @param version counts the entries ever made; null before the first
 */
export function revoke(
  entries: readonly Revocation[],
  before: readonly Revocation[],
  version: Counter | null,
): readonly EntityChange[] {
  const changes = entries.map((entry) => {
    const known = before.find(({ tokenId: id }) => id === entry.tokenId)
    if (known === undefined) return insert('revocation', entry)
    return replace('revocation', known, known.tokensEndAt < entry.tokensEndAt ? entry : { ...known })
  })
  const counted = { name: REVOCATION_VERSION, value: (version?.value ?? 0) + entries.length }
  changes.push(version === null ? insert('counter', counted) : replace('counter', version, counted))
  return changes
}
