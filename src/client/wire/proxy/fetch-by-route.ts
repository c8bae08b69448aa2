import { type IncomingMessage, request as sendRequest } from 'node:http'
import type { Duplex } from 'node:stream'
import type { FetchAnswer, FetchInit } from '../fetch'
import { findRoute } from './route'
import { openTunnel, secure } from './tunnel'

/** Twice the largest thing the kit asks for, the revocation list. */
const MAX_ANSWER_BYTES = 8_388_608

/** Fetches through the proxy that applies to the URL. When none applies, the global `fetch` does it. */
export async function fetchByRoute(
  address: string,
  init: FetchInit,
  proxyOption: string | undefined,
): Promise<FetchAnswer> {
  const url = new URL(address)
  const route = findRoute(url, proxyOption, process.env)
  return route.via === 'proxy' ? await fetchThrough(route.proxy, url, init) : await globalThis.fetch(address, init)
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
    const connection = url.protocol === 'https:' ? await secure(tunnel, url) : tunnel
    const response = await exchange(connection, url, init)
    const text = await readText(response)
    const { headers, statusCode = 0 } = response
    return {
      status: statusCode,
      headers: { get: (name) => headers[name.toLowerCase()]?.toString() ?? null },
      text: async () => text,
    }
  } finally {
    signal.removeEventListener('abort', close)
    close()
  }
}

function exchange(
  connection: Duplex,
  url: URL,
  { method, headers, body, signal }: FetchInit,
): Promise<IncomingMessage> {
  return new Promise((resolve, reject) => {
    const request = sendRequest({
      createConnection: () => connection,
      method,
      path: `${url.pathname}${url.search}`,
      headers: { ...headers, host: url.host },
      signal,
    })
    request.once('response', resolve)
    request.on('error', reject)
    request.end(body)
  })
}

async function readText(response: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = []
  let bytes = 0
  for await (const chunk of response) {
    bytes += chunk.length
    if (bytes > MAX_ANSWER_BYTES) throw new Error('the answer is too large')
    chunks.push(chunk)
  }
  return Buffer.concat(chunks).toString('utf8')
}
