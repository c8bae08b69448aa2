import { isLicenseError, KEY_STATEMENT_TYP, LicenseError } from '../../protocol'
import type { Versioned } from '../files/newest-file'
import type { KitContext } from '../kit-context'
import { isCount, isRecord, isTexts } from '../words/claims'
import { isUntrusted, verifySignedPayload } from './signed-payload'
import { createTrustStore, type TrustStore } from './trust-store'

/** What key statements come to, each signed with a key trusted by then. */
export interface KeySet extends Versioned {
  /** When the server's keys last changed, Unix seconds. */
  readonly iat: number
  /** The pinned keys and those of the newest statement, less those it revokes. */
  readonly trustStore: TrustStore
  /** The statements it takes to get here from the pinned keys. */
  readonly links: readonly Link[]
}

/** A statement, and who is trusted once it is taken. */
interface Link {
  readonly text: string
  readonly version: number
  readonly iat: number
  readonly trustStore: TrustStore
}

/** Room for some 500 keys. */
const MAX_STATEMENT_LENGTH = 65_536
/** Servers sign a statement with 24 keys at most. */
const MAX_STATEMENTS = 32
/** One serves as long as the server's keyring holds a pinned key; where it holds none, a link stands for each key lost. */
const MAX_LINKS = 8

/**
 * Reads statements as they are kept, one a line, in the order they were taken. What does not follow from the pinned keys
 * is passed over: another release of the app may pin others.
 * @throws {LicenseError} KEY_SET_UNTRUSTED when nothing follows from them
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
 * Takes what a server or a file says of the keys; see `followKeySet`. What cannot be written is kept in memory.
 * @throws {LicenseError} KEY_SET_UNTRUSTED, KEY_SET_MALFORMED, KEY_SET_OUTDATED
 */
export async function takeKeyStatements(
  { config, trustedKeys }: KitContext,
  statements: readonly unknown[],
): Promise<void> {
  await trustedKeys.take((known) => followKeySet(statements, known, config.trustStore, config.issuer))
}

/**
 * Takes the newest of the statements offered that a key trusted now has signed. A revoked key is not trusted, pinned or
 * not; that never leaves the app without any, since a statement names at least one that is.
 *
 * @param known what was taken so far; returned as it is where nothing newer is offered
 * @throws {LicenseError} KEY_SET_UNTRUSTED when no trusted key has signed any; KEY_SET_MALFORMED when what one has signed
 * is no statement of this issuer, or names an unsuitable key; KEY_SET_OUTDATED when all are older than what is known
 */
async function followKeySet(
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
  // The other copies are for another release, which may pin another key of these.
  const spare = await provenOf(copies, newest.trustStore, pinned, issuer)
  return keySetOf([...new Set([...links, ...spare].map(({ text }) => text))].join('\n'), links)
}

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
      // What somebody trusted has signed says more than what strangers have.
      if (problem === undefined || isLicenseError(error, 'KEY_SET_MALFORMED')) problem = error
    }
  }
  if (newest === undefined) throw problem ?? refusal('KEY_SET_MALFORMED')
  return newest
}

/**
 * The fewest links from the pinned keys to a statement that was found good, of which there are several copies: where a
 * pinned key has signed one, it stands alone, even if that key is revoked by now.
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
 * @param trusted who may have signed it
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

/** Held to the same as pinned keys. */
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
  return { text, version, iat, trustStore, links }
}

function payloadOf(text: string): string | undefined {
  return text.split('.')[1]
}

function refusal(code: 'KEY_SET_MALFORMED' | 'KEY_SET_UNTRUSTED' | 'KEY_SET_OUTDATED', cause?: unknown): LicenseError {
  return new LicenseError(code, 'What was said of the keys of the license server was not taken.', { cause })
}
