import type { FetchAnswer, FetchInit } from '../fetch'
import { fetchDirectly } from '../fetch-directly'
import { answerOn } from './answer-on'
import { findRoute } from './route'
import { secure } from './secure'
import { openTunnel } from './tunnel'

/** Fetches through the proxy that applies to the URL, or directly when none applies. */
export async function fetchByRoute(
  address: string,
  init: FetchInit,
  proxyOption: string | undefined,
): Promise<FetchAnswer> {
  const url = new URL(address)
  const route = findRoute(url, proxyOption, process.env)
  return route.via === 'proxy' ? await fetchThrough(route.proxy, url, init) : await fetchDirectly(address, init)
}

/** Opens one tunnel per request. Requests are rare, and a proxy would close a tunnel that is kept until the next one. */
async function fetchThrough(proxy: URL, url: URL, init: FetchInit): Promise<FetchAnswer> {
  const { signal } = init
  signal.throwIfAborted()
  const tunnel = await openTunnel(proxy, url, signal)
  const close = () => tunnel.destroy()
  signal.addEventListener('abort', close)
  try {
    signal.throwIfAborted()
    return await answerOn(url.protocol === 'https:' ? await secure(url, { socket: tunnel }) : tunnel, url, init)
  } finally {
    signal.removeEventListener('abort', close)
    close()
  }
}
