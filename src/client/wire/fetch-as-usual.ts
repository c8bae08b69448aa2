import type { FetchAnswer, FetchInit } from './fetch'
import { fetchDirectly } from './fetch-directly'

/** Fetches through the proxy that the option or the environment names for the URL, else directly. */
export async function fetchAsUsual(
  url: string,
  init: FetchInit,
  proxy: string | false | undefined,
): Promise<FetchAnswer> {
  if (proxy ?? Object.keys(process.env).some((name) => /^(https?|all)_proxy$/i.test(name))) {
    const { fetchByRoute } = await import('./proxy/fetch-by-route')
    return await fetchByRoute(url, init, proxy || undefined)
  }
  return await fetchDirectly(url, init)
}
