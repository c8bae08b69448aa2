import os from 'node:os'
import { describe, expect, it } from 'vitest'
import { systemCodeOf } from '../../../src/client/wire/system-code'

/** Beginning of the words of Deno 2.9. */
const ASKED = 'error sending request for url (https://licenses.test/): client error (Connect): '

const denoSays = (words: string) => new TypeError('fetch failed', { cause: new Error(`${ASKED}${words}`) })

describe('an error of Deno, which has words and no code', () => {
  it.each([
    [`tcp connect error: Connection refused (os error ${os.constants.errno.ECONNREFUSED})`, 'ECONNREFUSED'],
    ['dns error: failed to lookup address information: Name or service not known', 'ENOTFOUND'],
    ['invalid peer certificate: UnknownIssuer', 'UNABLE_TO_VERIFY_LEAF_SIGNATURE'],
    ['invalid peer certificate: Other(OtherError(CaUsedAsEndEntity))', 'UNABLE_TO_VERIFY_LEAF_SIGNATURE'],
    ['invalid peer certificate: certificate not valid for name "licenses.test"', 'ERR_TLS_CERT_ALTNAME_INVALID'],
    ['invalid peer certificate: certificate expired: verification time 1796081150 (UNIX)', 'CERT_HAS_EXPIRED'],
    ['invalid peer certificate: certificate not valid yet: verification time 1 (UNIX)', 'CERT_NOT_YET_VALID'],
  ])('%s', (words, systemCode) => {
    expect(systemCodeOf(denoSays(words))).toEqual({ systemCode })
  })

  it.each(['something new', 'tcp connect error: Novel (os error 99999)'])('keeps its code to itself: %s', (words) => {
    expect(systemCodeOf(denoSays(words))).toEqual({})
  })

  it('has less to say than a code', () => {
    const cause = Object.assign(new Error('invalid peer certificate: UnknownIssuer'), { code: 'ECONNRESET' })
    expect(systemCodeOf({ cause })).toEqual({ systemCode: 'ECONNRESET' })
  })
})
