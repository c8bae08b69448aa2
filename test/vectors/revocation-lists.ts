import { REVOCATION_LIST_TYP, type RevocationEntry, type RevocationListClaims, revocationId } from '../../src/protocol'
import { DAY, EXP, HOST_ID, ISSUER, LICENSE_ID, OTHER_HOST_ID, PRODUCT_ID, SIGNED_AT, STAMP } from './claims'
import { jws, partsOf, type Signing } from './jws'
import { KEYS, type KeyName } from './keys'

/** The thumbprint of some proof key. */
const PROOF_KEY = 'oKIywvGUpTVTyxMQ3bwIIeQUudfr_CkLMjCE19ECD-U'

/** The ids of entries about the token of the vectors, and about another host. */
export const IDS = {
  LICENSE: revocationId(LICENSE_ID),
  ACTIVATION: revocationId(LICENSE_ID, HOST_ID),
  OTHER_ACTIVATION: revocationId(LICENSE_ID, OTHER_HOST_ID),
}

/** A revocation list, who judges it, and what comes of it: `valid` or the code of why not. */
export interface RevocationListVector {
  readonly name: string
  readonly trusted: readonly KeyName[]
  readonly list: string
  readonly result: string
}

export function listClaims(entries: readonly RevocationEntry[] = [], changes: object = {}): RevocationListClaims {
  return { iss: ISSUER, iat: SIGNED_AT + DAY, product: PRODUCT_ID, entries, ...changes }
}

export function revocationList(entries?: readonly RevocationEntry[], changes?: object, signing?: Signing): string {
  return jws(REVOCATION_LIST_TYP, listClaims(entries, changes), signing)
}

export function revocationLists(): RevocationListVector[] {
  const vector = (name: string, result: string, list: string): RevocationListVector => ({
    name,
    trusted: ['current', 'retired'],
    list,
    result,
  })
  const entries: RevocationEntry[] = [[IDS.LICENSE, STAMP, EXP + 7 * DAY]]
  const [header, , signature] = partsOf(revocationList(entries))
  return [
    vector('a list', 'valid', revocationList(entries)),
    vector('an empty list', 'valid', revocationList()),
    vector('a list of all products', 'valid', revocationList(entries, { product: null })),
    vector('signed with another trusted key', 'valid', revocationList(entries, {}, { by: KEYS.retired })),
    vector('an entry taken out', 'TOKEN_SIGNATURE', `${header}.${partsOf(revocationList())[1]}.${signature}`),
    vector("a stranger's key", 'TOKEN_KEY_UNKNOWN', revocationList(entries, {}, { by: KEYS.stranger })),
    vector('alg none', 'TOKEN_ALGORITHM', revocationList(entries, {}, { header: { alg: 'none' } })),
    vector('typ of a license token', 'TOKEN_CLAIMS', jws('JWT', listClaims(entries))),
    vector('no iat', 'TOKEN_CLAIMS', revocationList(entries, { iat: undefined })),
    vector('entries of a wrong shape', 'TOKEN_CLAIMS', revocationList(entries, { entries: [[IDS.LICENSE]] })),
    vector('another issuer', 'TOKEN_CLAIMS', revocationList(entries, { iss: 'somebody' })),
    vector('a dot at the end', 'TOKEN_MALFORMED', `${revocationList(entries)}.`),
  ]
}

/** How the id of an entry is made. */
export function revocationIds() {
  const [licenseId, machine, proofKey] = [LICENSE_ID, HOST_ID, PROOF_KEY]
  return [
    { licenseId, id: revocationId(licenseId) },
    { licenseId, machine, id: revocationId(licenseId, machine) },
    { licenseId, machine, proofKey, id: revocationId(licenseId, machine, proofKey) },
  ]
}
