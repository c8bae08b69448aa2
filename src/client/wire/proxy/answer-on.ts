import { type IncomingMessage, request as sendRequest } from 'node:http'
import type { Duplex } from 'node:stream'
import type { FetchAnswer, FetchInit } from '../fetch'

/** Twice the largest thing the kit asks for, the revocation list. */
const MAX_ANSWER_BYTES = 8_388_608

/** Asks over a connection that is open, and reads the answer to its end. */
export async function answerOn(connection: Duplex, url: URL, init: FetchInit): Promise<FetchAnswer> {
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
