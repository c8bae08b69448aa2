import { BRIDGE_TYP, CLOCK_TOLERANCE_SECONDS, type LicenseTokenClaims, MAX_BRIDGE_DAYS } from '../../protocol'
import { isCount, isRecord, isTexts } from '../../protocol/json'
import { checkSentence } from '../words/check-sentences'
import type { LicenseCheck } from '../words/license-check'
import type { JudgedTime } from './judge-clock'
import { listsOf, type RevocationLists, verifyRevocationList } from './revocation-list'
import { isForApp, type Reader, readPayload, statementRefusal } from './statement-payload'
import { graceEndOf, licenseEndOf } from './token-end'

/** A bridge whose signature was verified. Instants are Unix seconds. */
export interface Bridge {
  /** As it was signed. */
  readonly text: string
  readonly iat: number
  readonly lostAt: number
  readonly until: number
  readonly pastEnd: boolean
  /** What it revokes. */
  readonly lists: RevocationLists
}

/** A license token, and what else this host knows about it. */
export interface CarriedToken {
  readonly claims: LicenseTokenClaims
  readonly clock: Pick<JudgedTime, 'time'>
  /** Since when the server says that it does not know this host, Unix seconds. */
  readonly unknownSince?: number | undefined
}

/** A token of the same moment as the loss may come from a computer whose clock is a little ahead. */
const TOLERANCE = CLOCK_TOLERANCE_SECONDS

/**
 * Verifies a bridge, and the revocation lists in it. Pure.
 * @throws {LicenseError} STATEMENT_UNTRUSTED, STATEMENT_MALFORMED
 */
export async function readBridge(text: string, reader: Reader): Promise<Bridge> {
  const claims = await readPayload(text, BRIDGE_TYP, reader)
  const { revocations = [] } = claims
  if (!isTexts(revocations)) throw statementRefusal('STATEMENT_MALFORMED')
  return bridgeOf(text, claims, reader, await readLists(revocations, reader))
}

/**
 * Makes a bridge of its payload.
 * @throws {LicenseError} STATEMENT_MALFORMED when it does not have the shape of one, or is for another product
 */
export function bridgeOf(
  text: string,
  { iat, product, lostAt, until, pastEnd }: Readonly<Record<string, unknown>>,
  reader: Pick<Reader, 'productId'>,
  lists: RevocationLists,
): Bridge {
  const isShape = isCount(iat) && isCount(lostAt) && isCount(until) && (pastEnd === undefined || pastEnd === true)
  const isBounded = isShape && until > lostAt && until <= lostAt + MAX_BRIDGE_DAYS * 86_400
  if (!isBounded || !isForApp(product, reader)) throw statementRefusal('STATEMENT_MALFORMED')
  return { text, iat, lostAt, until, pastEnd: pastEnd === true, lists }
}

/** A bridge is as good as its lists: what they revoke must not be lost. Lists of other products are left out. */
async function readLists(texts: readonly string[], reader: Reader): Promise<RevocationLists> {
  const lists = await Promise.all(
    texts.map((text) => verifyRevocationList(text, reader.trustStore, reader.issuer)),
  ).catch((cause: unknown) => {
    throw statementRefusal('STATEMENT_UNTRUSTED', cause)
  })
  return listsOf(lists.filter(({ product }) => isForApp(product, reader)))
}

/**
 * What a check says under the bridges that are kept. A token is carried over that was good when the server was lost, grace
 * included, to the end of the bridge and of the license; of several bridges the one counts that reaches furthest. A token
 * that was made later, or that one of them revokes, is judged as ever. Pure.
 *
 * @param bridges the earliest loss first
 * @param judged what the check says without them: `grace` or `expired`
 */
export function carryOver(bridges: readonly Bridge[], token: CarriedToken, judged: LicenseCheck): LicenseCheck {
  if (judged.status !== 'grace' && judged.status !== 'expired') return judged
  const until = endUnder(bridges, token)
  // No date is later.
  const graceEndsAt = new Date(Math.min(until * 1000, 8.64e15))
  // A bridge that is shorter than the grace period takes nothing away.
  const isLonger = judged.status === 'expired' || graceEndsAt > judged.graceEndsAt
  if (!isLonger || !(token.clock.time < until)) return judged
  const message = checkSentence('SERVER_LOST')
  return { ...judged, graceEndsAt, message, status: 'grace', usable: true, reason: 'SERVER_LOST', refreshDue: true }
}

/** Until when the bridges carry the token over, Unix seconds; 0 where they do not. */
function endUnder(bridges: readonly Bridge[], token: CarriedToken): number {
  if (bridges.some(({ lists }) => lists.revoke(token.claims))) return 0
  let end = 0
  for (const bridge of bridges) end = Math.max(end, endFor(bridge, token, end))
  return end
}

/** @param carriedUntil the end of the bridges before it: a token that they carry at its date of loss is good then */
function endFor(
  { lostAt, until, pastEnd }: Bridge,
  { claims, unknownSince }: CarriedToken,
  carriedUntil: number,
): number {
  const isUnknown = unknownSince !== undefined && unknownSince < lostAt
  const goodUntil = isUnknown
    ? Math.min(claims.exp, licenseEndOf(claims.license))
    : Math.max(graceEndOf(claims), carriedUntil)
  const wasGood = Math.max(claims.iat, claims.nbf) <= lostAt + TOLERANCE && lostAt < goodUntil
  if (!wasGood) return 0
  return pastEnd && !isTrial(claims) ? until : Math.min(until, licenseEndOf(claims.license))
}

/** Nobody renews a trial, so nothing is owed past its end. */
function isTrial({ license }: LicenseTokenClaims): boolean {
  return isRecord(license.metadata) && license.metadata.trial === true
}
