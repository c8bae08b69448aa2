import type { Fetch } from './fetch'

/**
 * The `fetch` of a kit that was given none: the global one, and a tunnel for every request that a proxy applies to, since
 * Node's `fetch` knows nothing of proxies before Node 24. The proxy is worked out at each request. The code for that is
 * loaded with the first request.
 *
 * @param proxy the option `proxy` of `createLicenseKit`
 */
export function createFetch(proxy?: string | false): Fetch {
  return async (url, init) => {
    const { fetchAsUsual } = await import('./fetch-as-usual')
    return await fetchAsUsual(url, init, proxy)
  }
}
