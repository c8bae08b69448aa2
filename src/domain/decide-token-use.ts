import type { AccessToken } from './access-token'
import { type Decided, only, replace } from './decision'

/** Where it is written down when a token was used so last. */
const FIELDS = {
  used: 'lastUsedAt',
  refused: 'refusedAt',
  'key-in-header': 'headerKeyAt',
  'key-in-query': 'queryKeyAt',
} as const satisfies Record<string, keyof AccessToken>

/**
 * How an access token was used: it was let in, or refused because it is revoked, or it asked for a license with the license key in
 * a header or in the query.
 */
export type TokenUse = keyof typeof FIELDS

export type TokenUseOutcome = { readonly kind: 'noted-use' | 'noted-refusal' | 'known' | 'gone' }

/** The use of a token is written down so often. */
export const TOKEN_USE_INTERVAL_MS = 3_600_000

/**
 * Writes down that a token was used, or that a revoked one still is, at most every hour. `known` where that is written already,
 * or the token is not revoked (any more): nothing is written.
 */
export function decideTokenUse(token: AccessToken | null, use: TokenUse, now: Date): Decided<TokenUseOutcome> {
  if (token === null) return only({ kind: 'gone' })
  if (!isUseDue(token, use, now)) return only({ kind: 'known' })
  return {
    outcome: { kind: use === 'refused' ? 'noted-refusal' : 'noted-use' },
    changes: [replace('accessToken', token, { ...token, [FIELDS[use]]: now })],
  }
}

/** When a token was used so last, as far as it is written down. */
export function lastUse(token: AccessToken, use: TokenUse): Date | null {
  return token[FIELDS[use]]
}

/** True where the use of a token is to be written down. A clock that was set back writes it again. */
export function isUseDue(token: AccessToken, use: TokenUse, now: Date): boolean {
  if ((token.revokedAt !== null) !== (use === 'refused')) return false
  const last = lastUse(token, use)
  return last === null || Math.abs(now.getTime() - last.getTime()) >= TOKEN_USE_INTERVAL_MS
}
