import type { FetchAnswer, FetchInit } from './fetch'
import { isCertificateRefused, systemCodeOf } from './system-code'

/**
 * Fetches with the global `fetch`. It knows only the certificates that Node brings along: a server that shows another one is
 * asked once more with those of the system, where the runtime tells them.
 *
 * @throws the system's error; one with `issuer` where nothing here trusts the certificate that was shown
 */
export async function fetchDirectly(url: string, init: FetchInit): Promise<FetchAnswer> {
  if (typeof globalThis.fetch !== 'function') throw Object.assign(new Error('no fetch'), { code: 'NO_FETCH' })
  try {
    // Looked up at each request, so that an app (or a test) that replaces the global one later is obeyed.
    return await globalThis.fetch(url, init)
  } catch (thrown) {
    const error = systemCodeOf(thrown).systemCode === undefined ? await inCode(thrown) : thrown
    if (!isCertificateRefused(systemCodeOf(error).systemCode)) throw error
    const { fetchSecured } = await import('./proxy/fetch-secured')
    return await fetchSecured(new URL(url), init)
  }
}

const inCode = (error: unknown) => import('./code-in-words').then(({ withCode }) => withCode(error)).catch(() => error)
