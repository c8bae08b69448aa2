/** What the kit asks of a `fetch`: the global one, Electron's `net.fetch` and undici's all fit. */
export type Fetch = (url: string, init: FetchInit) => Promise<FetchAnswer>

/** What the kit hands to a {@link Fetch}. */
export interface FetchInit {
  readonly method: 'GET' | 'POST'
  readonly headers: Record<string, string>
  /** Absent with `GET`. */
  readonly body?: string
  /** Redirects are never followed: they would carry the access token elsewhere. */
  readonly redirect: 'manual'
  readonly signal: AbortSignal
}

/** The part of a `Response` the kit reads. */
export interface FetchAnswer {
  readonly status: number
  readonly headers: { get(name: string): string | null }
  text(): Promise<string>
  /** Where it can be read in parts, as a `Response`'s can, a page without end is not read to its end. */
  readonly body?: unknown
}

/**
 * The global `fetch`, and a tunnel where a proxy applies, which Node's `fetch` knows nothing of before Node 24. Which
 * proxy, if any, is worked out at each request, by what is loaded only where one is named.
 *
 * @param proxy as the option `proxy` of `createLicenseKit`
 */
export function createFetch(proxy?: string | false): Fetch {
  return async (url, init) => {
    if (proxy ?? Object.keys(process.env).some((name) => /^(https?|all)_proxy$/i.test(name))) {
      const { fetchByRoute } = await import('./proxy/fetch-by-route')
      return await fetchByRoute(url, init, proxy || undefined)
    }
    // Late-bound, so that an app (or a test) that replaces the global later is obeyed.
    return await globalThis.fetch(url, init)
  }
}
