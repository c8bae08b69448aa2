import { isProofKey, type ProofKey } from '../trust/proof-key'
import { isRecord } from '../words/claims'
import { type NotActivatedReason, REVOKED_REASONS, type RevokedReason } from '../words/license-check'

/** An activation as the cache file holds it: all a check needs, and all an uninstaller needs to free the slot. */
export interface CachedActivation {
  readonly serverUrl: string
  readonly allowPlainHttp: boolean
  readonly productId: string
  /** The publishable access token. */
  readonly accessToken: string
  readonly licenseKey: string
  /** Not verified yet: whatever the file says. */
  readonly licenseToken: string
  readonly hostId: string
  /** The highest time proven so far, Unix seconds; see `raiseMark`. */
  readonly highestTimeSeen: number
  /** The highest time signed or told by the server, Unix seconds: what remains of the above if the clock was wrong. */
  readonly provenTime?: number
  /** Present when the license token came in a license file, and no contact has replaced it. */
  readonly fromFile?: true
  /** The key the server knows this host by; absent where it was activated without one. */
  readonly proofKey?: ProofKey | undefined
}

/** A definite no. */
export interface Refusal {
  readonly kind: 'refused'
  readonly reason: RevokedReason
  /** `jti` of the license token refused; a license file of that activation must be newer to be taken again. */
  readonly tokenId?: string
  /** The time proven when it was refused, Unix seconds. */
  readonly refusedAt?: number
}

/** What the cache file says. */
export type CacheState =
  | { readonly kind: 'none'; readonly reason: NotActivatedReason }
  | Refusal
  | { readonly kind: 'activation'; readonly activation: CachedActivation }

/** What is worth a file: `none` is none. */
export type WritableState = Exclude<CacheState, { kind: 'none' }>

/** Nothing stored. */
export const NOTHING: CacheState = { kind: 'none', reason: 'NO_LICENSE' }

export const VERSION = 1

export function serializeState(state: WritableState): string {
  const content = state.kind === 'refused' ? serializeRefusal(state) : state.activation
  return `${JSON.stringify({ version: VERSION, ...content }, null, 2)}\n`
}

/**
 * Never throws: what is no record of ours is CACHE_CORRUPT, what a later version wrote is CACHE_NEWER, and what only the
 * app's secret store can open is CACHE_SEALED.
 */
export function parseState(text: string): CacheState {
  const content = parseJson(text)
  if (!isRecord(content)) return { kind: 'none', reason: 'CACHE_CORRUPT' }
  const { version, ...activation } = content
  if (typeof version === 'number' && version > VERSION) return { kind: 'none', reason: 'CACHE_NEWER' }
  if (version !== VERSION) return { kind: 'none', reason: 'CACHE_CORRUPT' }
  if (typeof content.sealed === 'string') return { kind: 'none', reason: 'CACHE_SEALED' }
  if (isRevokedReason(content.refused)) return parseRefusal(content.refused, content)
  return isActivation(activation) ? { kind: 'activation', activation } : { kind: 'none', reason: 'CACHE_CORRUPT' }
}

export function isActivation(value: unknown): value is CachedActivation {
  if (!isRecord(value)) return false
  const texts = ['serverUrl', 'productId', 'accessToken', 'licenseKey', 'licenseToken', 'hostId']
  return (
    texts.every((name) => typeof value[name] === 'string' && value[name] !== '') &&
    typeof value.allowPlainHttp === 'boolean' &&
    typeof value.highestTimeSeen === 'number' &&
    (value.provenTime === undefined || typeof value.provenTime === 'number') &&
    (value.fromFile === undefined || value.fromFile === true) &&
    (value.proofKey === undefined || isProofKey(value.proofKey))
  )
}

function serializeRefusal({ reason, tokenId, refusedAt }: Refusal): object {
  return { refused: reason, tokenId, refusedAt }
}

function parseRefusal(reason: RevokedReason, { tokenId, refusedAt }: Record<string, unknown>): Refusal {
  if (typeof tokenId !== 'string' || typeof refusedAt !== 'number') return { kind: 'refused', reason }
  return { kind: 'refused', reason, tokenId, refusedAt }
}

/** True while the cache holds that license token; another process may have put something else there. */
export function isAbout(found: CacheState, licenseToken: string): boolean {
  return found.kind === 'activation' && found.activation.licenseToken === licenseToken
}

export function parseJson(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}

function isRevokedReason(value: unknown): value is RevokedReason {
  return (REVOKED_REASONS as readonly unknown[]).includes(value)
}
