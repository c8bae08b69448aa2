import { type IncomingMessage, request as sendRequest } from 'node:http'
import type { Duplex } from 'node:stream'
import type { FetchAnswer, FetchInit } from '../fetch'
import { fetchDirectly } from '../fetch-directly'
import { findRoute } from './route'
import { secure } from './secure'
import { openTunnel } from './tunnel'

/** Twice the largest thing the kit asks for, the revocation list. */
const MAX_ANSWER_BYTES = 8_388_608

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

/**
 * Fetches in TLS of our own, which trusts the system's certificates, too.
 * @throws an error with `issuer`, who issued a certificate that nothing here trusts
 */
export async function fetchSecured(url: URL, init: FetchInit): Promise<FetchAnswer> {
  const connection = await secure(url, { port: Number(url.port || 443) }, init.signal)
  try {
    return await answerOn(connection, url, init)
  } finally {
    connection.destroy()
  }
}

async function answerOn(connection: Duplex, url: URL, init: FetchInit): Promise<FetchAnswer> {
  const response = await exchange(connection, url, init)
  const text = await readText(response)
  const { headers, statusCode = 0 } = response
  return {
    status: statusCode,
    headers: { get: (name) => headers[name.toLowerCase()]?.toString() ?? null },
    text: async () => text,
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
