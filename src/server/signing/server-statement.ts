import { BRIDGE_TYP, type BridgeClaims, MOVED_TYP, type MovedClaims } from '../../protocol/server-statement'
import { publishKeys } from './key-statement'
import type { Keyring } from './keyring'
import { signClaims } from './sign-claims'

/** Who makes a statement, and when. */
interface Signer {
  readonly keyring: Keyring
  readonly issuer: string
  readonly now: Date
}

/** What a bridge says. */
export interface BridgeTerms {
  /** Null for all products. */
  readonly product: string | null
  readonly lostAt: Date
  readonly until: Date
  readonly pastEnd: boolean
  /** Signed revocation lists. */
  readonly revocations: readonly string[]
}

/** Signs a bridge with the current key; see {@link withKeyStatements}. */
export async function signBridge(
  signer: Signer,
  { product, lostAt, until, pastEnd, revocations }: BridgeTerms,
): Promise<string> {
  const claims: BridgeClaims = {
    iss: signer.issuer,
    iat: unixSeconds(signer.now),
    product,
    lostAt: unixSeconds(lostAt),
    until: unixSeconds(until),
    ...(pastEnd && { pastEnd }),
    ...(revocations.length > 0 && { revocations }),
  }
  return await withKeyStatements(signer, await signClaims(claims, BRIDGE_TYP, signer.keyring.current))
}

/** What the statement of a move says. */
export interface MoveTerms {
  readonly serverUrl: string
  /** The old address; any where it is absent. */
  readonly from?: string | undefined
  /** Ids of products; all where it is absent. */
  readonly products?: readonly string[] | undefined
}

/** Signs the statement that the server has moved with the current key; see {@link withKeyStatements}. */
export async function signMoved(signer: Signer, { serverUrl, from, products }: MoveTerms): Promise<string> {
  const claims: MovedClaims = {
    iss: signer.issuer,
    iat: unixSeconds(signer.now),
    serverUrl,
    ...(from !== undefined && { from }),
    ...(products !== undefined && { products }),
  }
  return await withKeyStatements(signer, await signClaims(claims, MOVED_TYP, signer.keyring.current))
}

/**
 * Puts the key statements before a statement, one per line, where the keyring has more than one key. No server is there to
 * publish them, and an app may know only an older key.
 */
async function withKeyStatements({ keyring, issuer }: Signer, statement: string): Promise<string> {
  const { statements = [] } = await publishKeys(keyring, issuer)
  return [...statements, statement].join('\n')
}

function unixSeconds(instant: Date): number {
  return Math.floor(instant.getTime() / 1000)
}
