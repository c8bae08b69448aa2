import type { FetchAnswer, FetchInit } from '../fetch'
import { fetchDirectly } from '../fetch-directly'
import { answerOn } from './answer-on'
import type { JudgedAt } from './dated-certificate'
import { fetchSecured } from './fetch-secured'
import { findRoute } from './route'
import { secure } from './secure'
import { openTunnel } from './tunnel'

/** Fetches through the proxy that applies to the URL, or directly when none applies. */
export async function fetchByRoute(
  address: string,
  init: FetchInit,
  proxyOption: string | undefined,
  judgedAt?: JudgedAt,
): Promise<FetchAnswer> {
  const url = new URL(address)
  const route = findRoute(url, proxyOption, process.env)
  if (route.via === 'proxy') return await fetchThrough(route.proxy, url, init, judgedAt)
  return judgedAt === undefined ? await fetchDirectly(address, init) : await fetchSecured(url, init, judgedAt)
}

/** Opens one tunnel per request. Requests are rare, and a proxy would close a tunnel that is kept until the next one. */
async function fetchThrough(
  proxy: URL,
  url: URL,
  init: FetchInit,
  judgedAt: JudgedAt | undefined,
): Promise<FetchAnswer> {
  const { signal } = init
  signal.throwIfAborted()
  const tunnel = await openTunnel(proxy, url, signal)
  const close = () => tunnel.destroy()
  signal.addEventListener('abort', close)
  try {
    signal.throwIfAborted()
    const connection = url.protocol === 'https:' ? await secure(url, { socket: tunnel }, undefined, judgedAt) : tunnel
    return await answerOn(connection, url, init)
  } finally {
    signal.removeEventListener('abort', close)
    close()
  }
}
