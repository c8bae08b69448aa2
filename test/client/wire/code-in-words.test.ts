import os from 'node:os'
import { afterEach, describe, expect, it, vi } from 'vitest'
import { fetchDirectly } from '../../../src/client/wire/fetch-directly'
import { systemCodeOf } from '../../../src/client/wire/system-code'

/** Beginning of the words of Deno 2.9. */
const ASKED = 'error sending request for url (https://licenses.test/): client error (Connect): '

afterEach(() => vi.unstubAllGlobals())

/** What the kit makes of an error of the global `fetch`. */
async function faultOf(cause: Error) {
  vi.stubGlobal('fetch', () => Promise.reject(new TypeError('fetch failed', { cause })))
  const init = { method: 'GET', headers: {}, redirect: 'manual', signal: new AbortController().signal } as const
  return systemCodeOf(await fetchDirectly('https://127.0.0.1:1', init).catch((error: unknown) => error))
}

const denoSays = (words: string) => faultOf(new Error(`${ASKED}${words}`))

describe('an error of Deno, which has words and no code', () => {
  it.each([
    [`tcp connect error: Connection refused (os error ${os.constants.errno.ECONNREFUSED})`, 'ECONNREFUSED'],
    ['dns error: failed to lookup address information: Name or service not known', 'ENOTFOUND'],
    ['invalid peer certificate: certificate expired: verification time 1796081150 (UNIX)', 'CERT_HAS_EXPIRED'],
    ['invalid peer certificate: certificate not valid yet: verification time 1 (UNIX)', 'CERT_NOT_YET_VALID'],
  ])('%s', async (words, systemCode) => {
    expect(await denoSays(words)).toEqual({ systemCode })
  })

  it.each(['something new', 'tcp connect error: Novel (os error 99999)'])(
    'keeps its code to itself: %s',
    async (words) => {
      expect(await denoSays(words)).toEqual({})
    },
  )

  it.each(['UnknownIssuer', 'Other(OtherError(CaUsedAsEndEntity))', 'certificate not valid for name "licenses.test"'])(
    'a certificate that is not trusted is looked at by ourselves: %s',
    async (words) => {
      // Nobody listens there: that is what the second look finds.
      expect(await denoSays(`invalid peer certificate: ${words}`)).toEqual({ systemCode: 'ECONNREFUSED' })
    },
  )

  it('has less to say than a code', async () => {
    const cause = Object.assign(new Error('invalid peer certificate: UnknownIssuer'), { code: 'ECONNRESET' })
    expect(await faultOf(cause)).toEqual({ systemCode: 'ECONNRESET' })
  })
})
