/** JOSE header `typ` of a bridge: never to be taken for anything else that is signed (RFC 8725 §3.11). */
export const BRIDGE_TYP = 'keyslot-bridge+jwt'

/** JOSE header `typ` of the statement that a server has moved. */
export const MOVED_TYP = 'keyslot-moved+jwt'

/** A bridge lasts this many days at most, from the loss of the server on. */
export const MAX_BRIDGE_DAYS = 90

/** No text of statements is longer: room for one bridge with a revocation list of the largest size. */
export const MAX_STATEMENTS_LENGTH = 12_582_912

/** What both statements say. */
interface StatementClaims {
  readonly iss: string
  /** When it was signed, Unix seconds. Of several, the newest one counts. */
  readonly iat: number
}

/**
 * The payload of a bridge: the vendor's server is lost, and license tokens that were good then are carried over. It is signed
 * with the keyring alone.
 */
export interface BridgeClaims extends StatementClaims {
  /** The id of the product it is about; null for all products. */
  readonly product: string | null
  /** When the server was lost, Unix seconds. A token must have been good then; its grace period counts. */
  readonly lostAt: number
  /** The end of the bridge, Unix seconds: {@link MAX_BRIDGE_DAYS} after the loss at most. */
  readonly until: number
  /** Set where a license, or an activation, that ends meanwhile is carried over too. A trial never is beyond its end. */
  readonly pastEnd?: true
  /** Signed revocation lists. No token that one of them names is carried over. */
  readonly revocations?: readonly string[]
}

/** The payload of the statement that a server has moved. */
export interface MovedClaims extends StatementClaims {
  /** Where the licensing router is mounted now: an `https:` URL, or one of loopback. */
  readonly serverUrl: string
  /** The address that it has left: no app that names another one takes the statement. Absent for any. */
  readonly from?: string
  /** The ids of the products it is about. Absent for all. */
  readonly products?: readonly string[]
}
