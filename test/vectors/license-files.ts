import { computeFingerprint, LICENSE_TOKEN_TYP, type LicenseFile } from '../../src/protocol'
import { claims, DAY, EXP, iso, LICENSE_KEY, OTHER_HOST_ID, OTHER_PRODUCT_ID, SIGNED_AT, STAMP } from './claims'
import { jws, type Signing } from './jws'
import { KEYS } from './keys'
import { JUDGING, type Judging } from './license-tokens'
import { IDS, revocationList } from './revocation-lists'

/** The text of a `.lic` file, who judges it and when, and what comes of it: `valid`, `grace` or the code of why not. */
export interface LicenseFileVector extends Judging {
  readonly name: string
  readonly file: string
  readonly result: string
}

const { kid, publicJwk } = KEYS.current

function licenseFile(changes: Partial<LicenseFile> = {}, signing?: Signing): string {
  const file: LicenseFile = {
    licenseToken: jws(LICENSE_TOKEN_TYP, claims(), signing),
    signedKey: LICENSE_KEY,
    signedDate: iso(SIGNED_AT),
    keyId: kid,
    publicKeyFingerprint: computeFingerprint(publicJwk),
    ...changes,
  }
  return JSON.stringify(file, null, 2)
}

export function licenseFiles(): LicenseFileVector[] {
  const vector = (name: string, result: string, file: string, judging: Partial<Judging> = {}): LicenseFileVector => ({
    name,
    ...JUDGING,
    ...judging,
    file,
    result,
  })
  const text = licenseFile()
  const strangers = { keyId: KEYS.stranger.kid, publicKeyFingerprint: computeFingerprint(KEYS.stranger.publicJwk) }
  const revocationLists = [revocationList([[IDS.LICENSE, STAMP, EXP + 7 * DAY]])]
  const { licenseToken, ...withoutToken } = JSON.parse(text)
  return [
    vector('a file', 'valid', text),
    vector('on one line', 'valid', JSON.stringify(JSON.parse(text))),
    vector('with a line feed at its end', 'valid', `${text}\n`),
    vector('with fields that nobody knows yet', 'valid', JSON.stringify({ ...JSON.parse(text), later: true })),
    vector('in grace', 'grace', text, { now: EXP + DAY }),
    vector('grace is over', 'TOKEN_EXPIRED', text, { now: EXP + 8 * DAY }),
    vector('another date, which nothing goes by', 'valid', licenseFile({ signedDate: '2030-01-01T00:00:00.000Z' })),
    vector('another keyId, which nothing goes by', 'valid', licenseFile(strangers)),
    vector('another license key', 'LICENSE_FILE_MALFORMED', licenseFile({ signedKey: 'AAAAA-BBBBB-CCCCC-DDDDD' })),
    vector('no token', 'LICENSE_FILE_MALFORMED', JSON.stringify(withoutToken)),
    vector('the token alone', 'LICENSE_FILE_MALFORMED', licenseToken),
    vector('a list', 'LICENSE_FILE_MALFORMED', `[${text}]`),
    vector('cut off', 'LICENSE_FILE_MALFORMED', text.slice(0, -2)),
    vector('data behind it', 'LICENSE_FILE_MALFORMED', `${text}{}`),
    vector('nothing', 'LICENSE_FILE_MALFORMED', ''),
    vector("a stranger's token under our keyId", 'TOKEN_KEY_UNKNOWN', licenseFile({}, { by: KEYS.stranger })),
    vector('another machine', 'TOKEN_WRONG_HOST', text, { machine: OTHER_HOST_ID }),
    vector('another product', 'TOKEN_WRONG_PRODUCT', text, { productId: OTHER_PRODUCT_ID }),
    vector('its license is revoked', 'REVOKED', text, { revocationLists }),
  ]
}
