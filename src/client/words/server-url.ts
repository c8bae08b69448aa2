import { LicenseError } from '../../protocol'

/** Where requests go and with which publishable token; what a cache file or ticket needs to speak for itself. */
export interface Endpoint {
  readonly serverUrl: string
  readonly accessToken: string
  readonly allowPlainHttp: boolean
}

/**
 * The URL without its trailing slash.
 * @throws {TypeError} when it is no http(s) URL, or carries credentials, a query or a fragment
 * @throws {LicenseError} INSECURE_SERVER_URL for plain http to a host other than loopback
 */
export function assertServerUrl(serverUrl: unknown, allowPlainHttp: boolean): string {
  const url = typeof serverUrl === 'string' && URL.canParse(serverUrl) ? new URL(serverUrl) : undefined
  if (url === undefined || (url.protocol !== 'https:' && url.protocol !== 'http:')) {
    throw new TypeError('serverUrl must be an https: URL')
  }
  if (url.username || url.password || url.search || url.hash) {
    throw new TypeError('serverUrl must not carry credentials, a query or a fragment')
  }
  if (url.protocol === 'http:' && !isLoopback(url) && !allowPlainHttp) {
    throw new LicenseError('INSECURE_SERVER_URL', 'The license server must be reached over https.')
  }
  return url.href.replace(/\/+$/, '')
}

/** True where the `Date` header of an answer may be believed: nobody between us and the server could write it. */
export function isConfidential(serverUrl: string): boolean {
  const url = new URL(serverUrl)
  return url.protocol === 'https:' || isLoopback(url)
}

export function isLoopback({ hostname }: URL): boolean {
  return hostname === 'localhost' || hostname === '[::1]' || /^127\.\d+\.\d+\.\d+$/.test(hostname)
}
