import { isLicenseError, KEY_STATEMENT_TYP, LicenseError } from '../../protocol'
import { isCount, isRecord, isTexts } from '../../protocol/json'
import type { Signed } from '../files/newest-file'
import { isUntrusted, verifySignedPayload } from './signed-payload'
import { createTrustStore, type TrustStore } from './trust-store'

/**
 * The keys that an app trusts after it has followed key statements. Each statement is signed with a key that was trusted
 * before it.
 */
export interface KeySet extends Signed<KeySet> {
  /** Of several, only the one with the highest version counts. */
  readonly version: number
  /** When the server's keys last changed, Unix seconds. */
  readonly iat: number
  /** The pinned keys and the keys of the newest statement, less the keys that this statement revokes. */
  readonly trustStore: TrustStore
  /** The statements that lead from the pinned keys to these keys. */
  readonly links: readonly Link[]
}

/** A statement, and the keys trusted after it is taken. */
interface Link {
  readonly text: string
  readonly version: number
  readonly iat: number
  readonly trustStore: TrustStore
}

/** Room for some 500 keys. */
const MAX_STATEMENT_LENGTH = 65_536
/** A server signs one statement with 24 keys at most. */
const MAX_STATEMENTS = 32
/**
 * One link is enough as long as the server's keyring holds a pinned key. When it holds none, each lost key takes one link.
 */
const MAX_LINKS = 8

/**
 * Reads the statements of the file: one per line, in the order they were taken. A statement that does not follow from the
 * pinned keys is skipped, since another release of the app may pin other keys.
 * @throws {LicenseError} KEY_SET_UNTRUSTED when no statement follows from the pinned keys
 */
export async function readKeySet(text: string, pinned: TrustStore, issuer: string): Promise<KeySet> {
  const links: Link[] = []
  for (const line of text.split('\n', MAX_LINKS + MAX_STATEMENTS)) {
    const last = links.at(-1)
    const link = await verifyStatement(line, last?.trustStore ?? pinned, pinned, issuer).catch(() => undefined)
    if (link !== undefined && link.version > (last?.version ?? -1)) links.push(link)
  }
  return keySetOf(text, links)
}

/**
 * Takes the newest statement that a trusted key has signed. A revoked key is not trusted, even when it is pinned. The app
 * always keeps a key to trust, since every statement names one that is not revoked.
 *
 * @param known the keys taken so far; they are returned as they are when no newer statement is offered
 * @throws {LicenseError} KEY_SET_UNTRUSTED when no trusted key has signed any of the statements; KEY_SET_MALFORMED when a
 * trusted key has signed a text that is no statement of this issuer, or that names an unsuitable key; KEY_SET_OUTDATED
 * when every statement is older than the one known
 */
export async function followKeySet(
  statements: readonly unknown[],
  known: KeySet | undefined,
  pinned: TrustStore,
  issuer: string,
): Promise<KeySet> {
  const offers = statements.filter((statement) => typeof statement === 'string').slice(0, MAX_STATEMENTS)
  const newest = await newestOf(offers, known?.trustStore ?? pinned, pinned, issuer)
  if (known !== undefined && newest.version < known.version) throw refusal('KEY_SET_OUTDATED')
  if (newest.version === known?.version) return known

  const copies = offers.filter((offer) => payloadOf(offer) === payloadOf(newest.text))
  const links = await shortestWay(copies, known?.links ?? [], pinned, issuer)
  if (links.length > MAX_LINKS) throw refusal('KEY_SET_UNTRUSTED')
  // The other copies are for other releases of the app, which may pin other keys.
  const spare = await provenOf(copies, newest.trustStore, pinned, issuer)
  return keySetOf([...new Set([...links, ...spare].map(({ text }) => text))].join('\n'), links)
}

/** The newest statement of those offered that is good. */
async function newestOf(
  offers: readonly string[],
  trusted: TrustStore,
  pinned: TrustStore,
  issuer: string,
): Promise<Link> {
  let newest: Link | undefined
  let problem: unknown
  for (const offer of offers) {
    try {
      const link = await verifyStatement(offer, trusted, pinned, issuer)
      if (newest === undefined || link.version > newest.version) newest = link
    } catch (error) {
      // The problem of a text that a trusted key has signed says more than the problem of a stranger's text.
      if (problem === undefined || isLicenseError(error, 'KEY_SET_MALFORMED')) problem = error
    }
  }
  if (newest === undefined) throw problem ?? refusal('KEY_SET_MALFORMED')
  return newest
}

/**
 * The fewest links from the pinned keys to a statement that was found good. There are several copies of that statement. A
 * copy that a pinned key has signed needs no other link, even when that key is revoked by now.
 */
async function shortestWay(
  copies: readonly string[],
  links: readonly Link[],
  pinned: TrustStore,
  issuer: string,
): Promise<readonly Link[]> {
  for (let length = 0; length <= links.length; length++) {
    const [link] = await provenOf(copies, links[length - 1]?.trustStore ?? pinned, pinned, issuer)
    if (link !== undefined) return [...links.slice(0, length), link]
  }
  throw refusal('KEY_SET_UNTRUSTED')
}

/** The copies that are signed with one of the trusted keys. */
async function provenOf(
  copies: readonly string[],
  trusted: TrustStore,
  pinned: TrustStore,
  issuer: string,
): Promise<readonly Link[]> {
  const links = await Promise.all(
    copies.map((copy) => verifyStatement(copy, trusted, pinned, issuer).catch(() => undefined)),
  )
  return links.filter((link) => link !== undefined)
}

/**
 * Verifies one statement.
 * @param trusted the keys that may have signed it
 * @throws {LicenseError} KEY_SET_UNTRUSTED, KEY_SET_MALFORMED
 */
async function verifyStatement(text: string, trusted: TrustStore, pinned: TrustStore, issuer: string): Promise<Link> {
  const shape = { typ: KEY_STATEMENT_TYP, issuer, maxLength: MAX_STATEMENT_LENGTH }
  const claims = await verifySignedPayload(text, trusted, shape).catch((cause: unknown) => {
    throw refusal(isUntrusted(cause) ? 'KEY_SET_UNTRUSTED' : 'KEY_SET_MALFORMED', cause)
  })
  if (!isRecord(claims)) throw refusal('KEY_SET_MALFORMED')
  const { version, iat, keys, revoked } = claims
  const named = trustStoreOf(keys)
  if (!isCount(version) || !isCount(iat) || !isTexts(revoked) || named === undefined) throw refusal('KEY_SET_MALFORMED')
  const gone = new Set<unknown>(revoked)
  if (named.kids.some((kid) => gone.has(kid))) throw refusal('KEY_SET_MALFORMED')
  const kids = [...new Set([...named.kids, ...pinned.kids])].filter((kid) => !gone.has(kid))
  const find = (kid: unknown) => (gone.has(kid) ? undefined : (named.find(kid) ?? pinned.find(kid)))
  return { text, version, iat, trustStore: { find, kids } }
}

/** The keys of a statement must meet the same conditions as pinned keys. */
function trustStoreOf(keys: unknown): TrustStore | undefined {
  try {
    return Array.isArray(keys) ? createTrustStore(keys) : undefined
  } catch {
    return undefined
  }
}

function keySetOf(text: string, links: readonly Link[]): KeySet {
  const newest = links.at(-1)
  if (newest === undefined) throw refusal('KEY_SET_UNTRUSTED')
  const { version, iat, trustStore } = newest
  const set: KeySet = {
    text,
    version,
    iat,
    trustStore,
    links,
    join: (other) => (other.version > version ? other : set),
  }
  return set
}

function payloadOf(text: string): string | undefined {
  return text.split('.')[1]
}

function refusal(code: 'KEY_SET_MALFORMED' | 'KEY_SET_UNTRUSTED' | 'KEY_SET_OUTDATED', cause?: unknown): LicenseError {
  return new LicenseError(code, 'What was said of the keys of the license server was not taken.', { cause })
}
