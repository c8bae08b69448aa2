import { LicenseError } from '../../protocol'

/** Where requests go, and with which publishable token. A cache file or ticket holds it to be of use without the app. */
export interface Endpoint {
  readonly serverUrl: string
  readonly accessToken: string
  readonly allowPlainHttp: boolean
}

/**
 * Checks the URL of a license server, or of a file beside it.
 * @param name of the option, for messages
 * @returns the URL without a slash at its end
 * @throws {TypeError} when it is no http(s) URL, or carries credentials, a query or a fragment
 * @throws {LicenseError} INSECURE_SERVER_URL for plain http to a host other than loopback
 */
export function assertServerUrl(serverUrl: unknown, allowPlainHttp: boolean, name = 'serverUrl'): string {
  const url = typeof serverUrl === 'string' && URL.canParse(serverUrl) ? new URL(serverUrl) : undefined
  if (url === undefined || (url.protocol !== 'https:' && url.protocol !== 'http:')) {
    throw new TypeError(`${name} must be an https: URL`)
  }
  if (url.username || url.password || url.search || url.hash) {
    throw new TypeError(`${name} must not carry credentials, a query or a fragment`)
  }
  if (url.protocol === 'http:' && !isLoopback(url) && !allowPlainHttp) {
    throw new LicenseError('INSECURE_SERVER_URL', 'The license server must be reached over https.')
  }
  return url.href.replace(/\/+$/, '')
}

/** Whether a URL from a file passes the same rule as the option `serverUrl`. */
export function isSafeEndpoint(serverUrl: unknown, allowPlainHttp: boolean): boolean {
  try {
    assertServerUrl(serverUrl, allowPlainHttp)
    return true
  } catch {
    return false
  }
}

/** True when nobody between us and the server can write an answer. Then its `Date` header may be believed. */
export function isConfidential(serverUrl: string): boolean {
  const url = new URL(serverUrl)
  return url.protocol === 'https:' || isLoopback(url)
}

export function isLoopback({ hostname }: URL): boolean {
  return hostname === 'localhost' || hostname === '[::1]' || /^127\.\d+\.\d+\.\d+$/.test(hostname)
}
