import type { Fetch } from './fetch'

/**
 * The `fetch` of a kit that was given none: the global one, and a tunnel for every request that a proxy applies to, since
 * Node's `fetch` knows nothing of proxies before Node 24. The proxy is worked out at each request. The code for that is
 * loaded only when the option or the environment names a proxy.
 *
 * @param proxy the option `proxy` of `createLicenseKit`
 */
export function createFetch(proxy?: string | false): Fetch {
  return async (url, init) => {
    if (proxy ?? Object.keys(process.env).some((name) => /^(https?|all)_proxy$/i.test(name))) {
      const { fetchByRoute } = await import('./proxy/fetch-by-route')
      return await fetchByRoute(url, init, proxy || undefined)
    }
    if (typeof globalThis.fetch !== 'function') throw Object.assign(new Error('no fetch'), { code: 'NO_FETCH' })
    // Looked up at each request, so that an app (or a test) that replaces the global one later is obeyed.
    return await globalThis.fetch(url, init)
  }
}
