import type { KeymintWire, TokenKind } from '../protocol/enumerations'
import type { Scope } from '../protocol/routes'

/** What authenticates a caller. The token itself is shown once and never stored; this is what is kept of it. */
export interface AccessToken {
  readonly id: string
  readonly accountId: string
  readonly name: string
  /** A publishable token ships inside apps: everyone can read it. */
  readonly kind: TokenKind
  /** Lower-case hex SHA-256 of the whole token, prefix included. */
  readonly hash: string
  readonly scopes: readonly Scope[]
  /**
   * The products it may act on; null for all. Never null for a publishable token. What a host does needs the product that it
   * names; a license as a whole, all of its products; a customer to be changed, all licenses of theirs.
   */
  readonly productIds: readonly string[] | null
  /** Addresses and CIDR ranges it may be used from; null for any. */
  readonly allowedAddresses: readonly string[] | null
  /** The form of KeyMint's answers that its callers read; null where that shows in what they send. */
  readonly wire: KeymintWire | null
  readonly expiresAt: Date | null
  readonly revokedAt: Date | null
  /** When a call was let in with it last, to within an hour; null for never. */
  readonly lastUsedAt: Date | null
  /** When a call was refused last because it is revoked, to within an hour; null for never. */
  readonly refusedAt: Date | null
  /** When it asked for a license last with the license key in a header, as KeyMint's newer clients do, to within an hour. */
  readonly headerKeyAt: Date | null
  /** The same, with the license key in the query, as its older clients do. */
  readonly queryKeyAt: Date | null
  readonly createdAt: Date
}

/** The only scopes a publishable token can carry. */
export const PUBLISHABLE_SCOPES: readonly Scope[] = ['licenses:activate']

/** True while the token authenticates: neither revoked nor past its expiry. */
export function isUsable(token: AccessToken, now: Date): boolean {
  return token.revokedAt === null && (token.expiresAt === null || now < token.expiresAt)
}

export function hasScopes(token: AccessToken, needed: readonly Scope[]): boolean {
  const granted =
    token.kind === 'publishable' ? token.scopes.filter((s) => PUBLISHABLE_SCOPES.includes(s)) : token.scopes
  return needed.every((scope) => granted.includes(scope))
}

export function coversProduct(token: AccessToken, productId: string): boolean {
  return token.productIds?.includes(productId) ?? token.kind === 'secret'
}
