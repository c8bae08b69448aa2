import type { LicenseErrorCode } from '../../protocol'
import { isCount, isRecord, parseJson } from '../../protocol/json'
import { isProofKey, type ProofKey } from '../trust/proof-key'
import { type NotActivatedReason, REVOKED_REASONS, type RevokedReason } from '../words/license-check'

/** An activation as the cache file holds it. A check needs no more, and an uninstaller needs no more to free the slot. */
export interface CachedActivation {
  readonly serverUrl: string
  /** The address that the app names, where the server has moved from there and has answered at `serverUrl`. */
  readonly movedFrom?: unknown
  readonly allowPlainHttp: boolean
  readonly productId: string
  /** The publishable access token. */
  readonly accessToken: string
  readonly licenseKey: string
  /** As the file says, not verified yet. */
  readonly licenseToken: string
  readonly hostId: string
  /** The highest time that a check has found, Unix seconds. The end of the license at most; see `judgeClock`. */
  readonly highestTimeSeen: number
  /** What else the host knows of the time; see `knownTime`. Absent in the files of earlier versions. */
  readonly clock?: unknown
  /** When the newest bridge was signed that was taken for this license token, Unix seconds; see `refillBudget`. */
  readonly statedAt?: unknown
  /** Present when the license token came in a license file and no contact has replaced it since. */
  readonly fromFile?: true
  /** The key by which the server knows this host; absent when it was activated without one. */
  readonly proofKey?: ProofKey | undefined
  /** Since when the server says that it does not know this host, Unix seconds. Absent while it knows the host. */
  readonly unknownSince?: number
  readonly contact?: Contact
  /** What tells this data folder from a copy of it; see `folderEvidence`. Absent where nothing does. */
  readonly folder?: unknown
  /** The hosts in doubt that use this data folder, and since when; see `SeenHost`. */
  readonly doubts?: unknown
  /** See `earlierHostsOf`. */
  readonly earlierHosts?: unknown
}

/** What came of the last contact with the server, so that other processes and the next start know it, too. */
export interface Contact {
  /** Unix seconds, by the judged time. */
  readonly at: number
  readonly code: 'OK' | 'REVOKED' | LicenseErrorCode
}

/** What the host was known by. With it the person who activates again is who they were: nobody else's junior. */
export interface Recovery {
  readonly licenseKey: string
  readonly proofKey: ProofKey
}

/** The server, or a revocation list, has definitely refused the license. */
export interface Refusal {
  readonly kind: 'refused'
  readonly reason: RevokedReason
  /** `jti` of the refused license token. A license file of that activation must be newer to be accepted again. */
  readonly tokenId?: string
  /** The time that was proven when the license was refused, Unix seconds. */
  readonly refusedAt?: number
  /** In a file that an app's secret store guards, sealed text. */
  readonly recovery?: Recovery | string
  readonly contact?: Contact
}

/** What the cache file says. */
export type CacheState =
  | { readonly kind: 'none'; readonly reason: NotActivatedReason }
  | Refusal
  | { readonly kind: 'activation'; readonly activation: CachedActivation }

/** The states that are written to the file; for `none` the file is removed. */
export type WritableState = Exclude<CacheState, { kind: 'none' }>

/** Nothing stored. */
export const NOTHING: CacheState = { kind: 'none', reason: 'NO_LICENSE' }

export const VERSION = 1

export function serializeState(state: WritableState): string {
  const content = state.kind === 'refused' ? serializeRefusal(state) : state.activation
  return `${JSON.stringify({ version: VERSION, ...content }, null, 2)}\n`
}

/**
 * Reads the text of the cache file. Never throws: a text that is no record of ours is CACHE_CORRUPT, a text of a later
 * version is CACHE_NEWER, and a text that only the app's secret store can open is CACHE_SEALED.
 */
export function parseState(text: string): CacheState {
  const content = parseJson(text)
  if (!isRecord(content)) return { kind: 'none', reason: 'CACHE_CORRUPT' }
  const { version, contact, ...record } = content
  if (typeof version === 'number' && version > VERSION) return { kind: 'none', reason: 'CACHE_NEWER' }
  if (version !== VERSION) return { kind: 'none', reason: 'CACHE_CORRUPT' }
  if (typeof content.sealed === 'string') return { kind: 'none', reason: 'CACHE_SEALED' }
  const known = isContact(contact) ? { contact } : {}
  if (isRevokedReason(content.refused)) return { ...parseRefusal(content.refused, content), ...known }
  return isActivation(record)
    ? { kind: 'activation', activation: { ...record, ...known } }
    : { kind: 'none', reason: 'CACHE_CORRUPT' }
}

function isContact(value: unknown): value is Contact {
  return isRecord(value) && isCount(value.at) && typeof value.code === 'string' && /^[A-Z_]{1,64}$/.test(value.code)
}

function isActivation(value: unknown): value is CachedActivation {
  if (!isRecord(value)) return false
  const texts = ['serverUrl', 'productId', 'accessToken', 'licenseKey', 'licenseToken', 'hostId']
  return (
    texts.every((name) => typeof value[name] === 'string' && value[name] !== '') &&
    typeof value.allowPlainHttp === 'boolean' &&
    typeof value.highestTimeSeen === 'number' &&
    (value.unknownSince === undefined || isCount(value.unknownSince)) &&
    (value.fromFile === undefined || value.fromFile === true) &&
    (value.proofKey === undefined || isProofKey(value.proofKey))
  )
}

function serializeRefusal({ reason, kind: _, ...kept }: Refusal): object {
  return { refused: reason, ...kept }
}

function parseRefusal(reason: RevokedReason, { tokenId, refusedAt, recovery }: Record<string, unknown>): Refusal {
  const kept = typeof recovery === 'string' || isRecovery(recovery) ? { recovery } : {}
  if (typeof tokenId !== 'string' || typeof refusedAt !== 'number') return { kind: 'refused', reason, ...kept }
  return { kind: 'refused', reason, tokenId, refusedAt, ...kept }
}

export function isRecovery(value: unknown): value is Recovery {
  return isRecord(value) && typeof value.licenseKey === 'string' && isProofKey(value.proofKey)
}

export function contactIn(state: CacheState): Contact | undefined {
  if (state.kind === 'none') return undefined
  return (state.kind === 'activation' ? state.activation : state).contact
}

/** Whether the cache still holds that license token. Another process may have replaced it. */
export function isAbout(found: CacheState, licenseToken: string): boolean {
  return found.kind === 'activation' && found.activation.licenseToken === licenseToken
}

function isRevokedReason(value: unknown): value is RevokedReason {
  return (REVOKED_REASONS as readonly unknown[]).includes(value)
}
