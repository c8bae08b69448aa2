import type { AccessToken } from './access-token'
import { type Decided, only, replace } from './decision'

/** How a call that showed an access token ended: it was let in, or refused because the token is revoked. */
export type TokenUse = 'used' | 'refused'

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
  const noted = use === 'used' ? { lastUsedAt: now } : { refusedAt: now }
  return {
    outcome: { kind: use === 'used' ? 'noted-use' : 'noted-refusal' },
    changes: [replace('accessToken', token, { ...token, ...noted })],
  }
}

/** True where the use of a token is to be written down. A clock that was set back writes it again. */
export function isUseDue(token: AccessToken, use: TokenUse, now: Date): boolean {
  if ((token.revokedAt !== null) !== (use === 'refused')) return false
  const last = use === 'used' ? token.lastUsedAt : token.refusedAt
  return last === null || Math.abs(now.getTime() - last.getTime()) >= TOKEN_USE_INTERVAL_MS
}
