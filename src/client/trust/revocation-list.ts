import { type LicenseTokenClaims, REVOCATION_LIST_TYP, type RevocationEntry, revocationId } from '../../protocol'
import { isCount, isRecord, isText } from '../../protocol/json'
import type { Signed } from '../files/newest-file'
import { refusal, verifySignedPayload } from './signed-payload'
import type { TrustStore } from './trust-store'

/** A revocation list whose signature was verified. */
export interface RevocationList {
  /** The signed list, a compact JWS. */
  readonly text: string
  /** When it was signed, Unix seconds. */
  readonly iat: number
  /** The product it is about; null for all products. */
  readonly product: unknown
  /** The entries by their ids. */
  readonly entries: ReadonlyMap<string, RevocationEntry>
}

/** The lists that a kit keeps: those that say something of their own. */
export interface RevocationLists extends Signed<RevocationLists> {
  /** The signed lists, one per line. */
  readonly text: string
  readonly lists: readonly RevocationList[]
  /** When the newest of them was signed; null where there is none. */
  readonly signedAt: Date | null
  /**
   * Whether a list names the license of a token, its activation or its proof key, with a stamp that is not below the
   * token's. When the entry ends does not matter: the tokens that it revokes have ended by then.
   */
  revoke(claims: LicenseTokenClaims): boolean
  /**
   * What both say together. Lists have no version: a list goes when a later one says as much, entry by entry.
   * @returns this very object where the other adds nothing
   */
  join(other: RevocationLists): RevocationLists
}

/** Room for `MAX_REVOCATIONS` entries. */
export const MAX_LIST_LENGTH = 8_388_608

/**
 * Verifies a revocation list. Pure.
 * @throws {LicenseError} TOKEN_… as `verifySignedPayload`; TOKEN_CLAIMS when a claim is missing or of the wrong shape
 */
export async function verifyRevocationList(
  text: string,
  trustStore: TrustStore,
  issuer: string,
): Promise<RevocationList> {
  const shape = { typ: REVOCATION_LIST_TYP, issuer, maxLength: MAX_LIST_LENGTH }
  const payload = await verifySignedPayload(text, trustStore, shape)
  if (!isRecord(payload) || !isCount(payload.iat) || !isEntries(payload.entries)) throw refusal('TOKEN_CLAIMS')
  const { iat, product, entries } = payload
  return { text, iat, product, entries: new Map(entries.map((entry) => [entry[0], entry])) }
}

/** Reads the file of lists. A list that is not genuine, or whose key is revoked by now, counts as none. */
export async function readRevocationLists(
  text: string,
  trustStore: TrustStore,
  issuer: string,
): Promise<RevocationLists> {
  // What has no three parts is not verified: a refusal takes time, and a damaged file may have many lines.
  const lines = text.split('\n').filter((line) => line.split('.', 4).length === 3)
  const lists = await Promise.all(
    lines.map((line) => verifyRevocationList(line, trustStore, issuer).catch(() => undefined)),
  )
  return listsOf([]).join(listsOf(lists.filter((list) => list !== undefined)))
}

export function listsOf(lists: readonly RevocationList[]): RevocationLists {
  const these: RevocationLists = {
    text: lists.map(({ text }) => text).join('\n'),
    lists,
    signedAt: lists.length === 0 ? null : new Date(Math.max(...lists.map(({ iat }) => iat)) * 1000),
    revoke: (claims) => lists.some((list) => names(list, claims)),
    join(other) {
      const kept = other.lists.reduce(add, lists)
      return kept === lists ? these : listsOf(kept)
    },
  }
  return these
}

function add(lists: readonly RevocationList[], list: RevocationList): readonly RevocationList[] {
  if (lists.some((one) => covers(one, list))) return lists
  return [...lists.filter((one) => !covers(list, one)), list]
}

function names({ entries }: RevocationList, { lid, machine, cnf, stamp }: LicenseTokenClaims): boolean {
  const ids = [revocationId(lid), revocationId(lid, machine)]
  if (cnf !== undefined) ids.push(revocationId(lid, machine, cnf.jkt))
  return ids.some((id) => (entries.get(id)?.[1] ?? -1) >= stamp)
}

/** Whether a list, signed later, leaves nothing for the other to say: each entry has ended, or the same key has said it. */
function covers(later: RevocationList, other: RevocationList): boolean {
  const isSameKey = headerOf(later) === headerOf(other)
  return (
    later.iat >= other.iat &&
    [...other.entries.values()].every(([id, stamp, end]) => {
      const [, laterStamp = -1, laterEnd = -1] = later.entries.get(id) ?? []
      return end <= later.iat || (isSameKey && laterStamp >= stamp && laterEnd >= end)
    })
  )
}

/** The header names the key. */
function headerOf({ text }: RevocationList): string | undefined {
  return text.split('.', 1)[0]
}

function isEntries(value: unknown): value is RevocationEntry[] {
  return (
    Array.isArray(value) &&
    value.every((entry) => Array.isArray(entry) && isText(entry[0]) && isCount(entry[1]) && isCount(entry[2]))
  )
}
