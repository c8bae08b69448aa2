import { BRIDGE_TYP, KEY_STATEMENT_TYP, MOVED_TYP, type PublicJwk } from '../../src/protocol'
import { DAY, EXP, ISSUER, OTHER_PRODUCT_ID, PRODUCT_ID, SIGNED_AT, STAMP } from './claims'
import { jws, partsOf, type Signing } from './jws'
import { jwksOf, KEYS, type KeyName } from './keys'
import { IDS, revocationList } from './revocation-lists'

/** Statements about keys, who reads them, and the names of the keys that are trusted afterwards. */
export interface KeyStatementVector {
  readonly name: string
  /** The keys that the app pins. */
  readonly pinned: readonly KeyName[]
  /** Statements that were taken before, the oldest first. */
  readonly known: readonly string[]
  /** As a JWK set or a license file has them. */
  readonly statements: readonly string[]
  /** `taken` or the code of why not. */
  readonly result: string
  readonly trusted: readonly KeyName[]
}

/** A statement of the vendor, who reads it, and what comes of it: `taken` or the code of why not. */
export interface ServerStatementVector {
  readonly name: string
  readonly trusted: readonly KeyName[]
  readonly productId: string
  readonly statement: string
  readonly result: string
}

/** That the server has moved. */
export interface MovedVector extends ServerStatementVector {
  /** The address that the app names. */
  readonly from: string
}

const VERSION = SIGNED_AT * 1000

function keyStatement(changes: object = {}, signing?: Signing): string {
  const keys: PublicJwk[] = jwksOf(['current', 'retired'])
  const payload = { iss: ISSUER, iat: SIGNED_AT, version: VERSION, keys, revoked: [], ...changes }
  return jws(KEY_STATEMENT_TYP, payload, signing)
}

export function keyStatements(): KeyStatementVector[] {
  const { current, retired, stranger } = KEYS
  const byRetired = { by: retired }
  const newKey = keyStatement({}, byRetired)
  const stolen = { keys: jwksOf(['current']), revoked: [retired.kid] }
  const later = { version: VERSION + 1000, iat: SIGNED_AT + 1 }
  const both = ['current', 'retired'] as const
  const vector = (name: string, vouched: Partial<KeyStatementVector>): KeyStatementVector => ({
    name,
    pinned: ['retired'],
    known: [],
    statements: [newKey],
    result: 'taken',
    trusted: both,
    ...vouched,
  })
  const refused = (name: string, result: string, ...statements: string[]) =>
    vector(name, { statements, result, trusted: ['retired'] })
  const [header, , signature] = partsOf(newKey)
  const withStranger = partsOf(keyStatement({ keys: jwksOf(['stranger']) }, byRetired))[1]
  return [
    vector('a pinned key names a new one', {}),
    vector('one of two copies is signed with a pinned key', { statements: [keyStatement(), newKey] }),
    vector('a pinned key names itself revoked', {
      statements: [keyStatement(stolen, byRetired)],
      trusted: ['current'],
    }),
    vector('a key that was named revokes the one that named it', {
      known: [newKey],
      statements: [keyStatement({ ...stolen, ...later })],
      trusted: ['current'],
    }),
    vector('an older one', {
      known: [keyStatement({ ...stolen, ...later }, byRetired)],
      statements: [keyStatement()],
      result: 'KEY_SET_OUTDATED',
      trusted: ['current'],
    }),
    vector('of a key that is revoked', {
      known: [keyStatement({ ...stolen, ...later }, byRetired)],
      statements: [keyStatement({ version: VERSION + 2000 }, byRetired)],
      result: 'KEY_SET_UNTRUSTED',
      trusted: ['current'],
    }),
    refused('signed with the key that it names, which is not trusted', 'KEY_SET_UNTRUSTED', keyStatement()),
    refused("a stranger's key", 'KEY_SET_UNTRUSTED', keyStatement({}, { by: stranger })),
    refused('alg none', 'KEY_SET_UNTRUSTED', keyStatement({}, { ...byRetired, header: { alg: 'none' } })),
    refused('a key put in', 'KEY_SET_UNTRUSTED', `${header}.${withStranger}.${signature}`),
    refused('typ of a license token', 'KEY_SET_MALFORMED', keyStatement({}, { ...byRetired, header: { typ: 'JWT' } })),
    refused('names no key', 'KEY_SET_MALFORMED', keyStatement({ keys: [] }, byRetired)),
    refused('names and revokes one key', 'KEY_SET_MALFORMED', keyStatement({ revoked: [current.kid] }, byRetired)),
    refused('another issuer', 'KEY_SET_MALFORMED', keyStatement({ iss: 'somebody' }, byRetired)),
    refused('a dot at the end', 'KEY_SET_MALFORMED', `${newKey}.`),
  ]
}

const READER = { trusted: ['current', 'retired'], productId: PRODUCT_ID } as const
const FROM = 'https://licenses.example.com/licensing'

export function moved(): MovedVector[] {
  const statement = (changes: object = {}, signing?: Signing) =>
    jws(MOVED_TYP, { iss: ISSUER, iat: SIGNED_AT, serverUrl: 'https://new.example.com/licensing', ...changes }, signing)
  const vector = (name: string, result: string, text: string): MovedVector => ({
    name,
    ...READER,
    from: FROM,
    statement: text,
    result,
  })
  return [
    vector('a new address', 'taken', statement()),
    vector('a new address for the one that the app names', 'taken', statement({ from: FROM })),
    vector('a new address for its product', 'taken', statement({ products: [PRODUCT_ID] })),
    vector('another address moved', 'STATEMENT_MALFORMED', statement({ from: 'https://other.example.com' })),
    vector('another product moved', 'STATEMENT_MALFORMED', statement({ products: [OTHER_PRODUCT_ID] })),
    vector('to plain http', 'STATEMENT_MALFORMED', statement({ serverUrl: 'http://new.example.com' })),
    vector('to no address', 'STATEMENT_MALFORMED', statement({ serverUrl: undefined })),
    vector('typ of a bridge', 'STATEMENT_MALFORMED', statement({}, { header: { typ: BRIDGE_TYP } })),
    vector("a stranger's key", 'STATEMENT_UNTRUSTED', statement({}, { by: KEYS.stranger })),
    vector('alg none', 'STATEMENT_UNTRUSTED', statement({}, { header: { alg: 'none' } })),
  ]
}

export function bridges(): ServerStatementVector[] {
  const lostAt = SIGNED_AT + DAY
  const statement = (changes: object = {}, signing?: Signing) =>
    jws(
      BRIDGE_TYP,
      { iss: ISSUER, iat: lostAt, product: PRODUCT_ID, lostAt, until: lostAt + 30 * DAY, ...changes },
      signing,
    )
  const vector = (name: string, result: string, text: string): ServerStatementVector => ({
    name,
    ...READER,
    statement: text,
    result,
  })
  const entries = [[IDS.LICENSE, STAMP, EXP + 7 * DAY]] as const
  const [header, , signature] = partsOf(statement())
  const longer = partsOf(statement({ until: lostAt + 60 * DAY }))[1]
  return [
    vector('30 days', 'taken', statement()),
    vector('90 days, for all products', 'taken', statement({ product: null, until: lostAt + 90 * DAY })),
    vector('past the end of licenses', 'taken', statement({ pastEnd: true })),
    vector('with a revocation list', 'taken', statement({ revocations: [revocationList(entries)] })),
    vector(
      "with a stranger's revocation list",
      'STATEMENT_UNTRUSTED',
      statement({ revocations: [revocationList(entries, {}, { by: KEYS.stranger })] }),
    ),
    vector('91 days', 'STATEMENT_MALFORMED', statement({ until: lostAt + 91 * DAY })),
    vector('over before it begins', 'STATEMENT_MALFORMED', statement({ until: lostAt })),
    vector('another product', 'STATEMENT_MALFORMED', statement({ product: OTHER_PRODUCT_ID })),
    vector('typ of a license token', 'STATEMENT_MALFORMED', statement({}, { header: { typ: 'JWT' } })),
    vector("a stranger's key", 'STATEMENT_UNTRUSTED', statement({}, { by: KEYS.stranger })),
    vector('a later end', 'STATEMENT_UNTRUSTED', `${header}.${longer}.${signature}`),
  ]
}
