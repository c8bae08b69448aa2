import http from 'node:http'
import https from 'node:https'
import type { Duplex } from 'node:stream'
import { nameOf } from './secure'

/**
 * Asks a proxy for a connection to the URL's host (`CONNECT`). The proxy is asked in TLS when its own URL is `https:`, and
 * with a name and password (Basic) when its URL has them.
 *
 * An answer of the proxy is never taken for an answer of the server: anyone on the way could have written "this license is
 * blocked". Unless a tunnel opens, the promise is rejected with an error that has a code, such as `PROXY_ANSWERED_407` or
 * the system's.
 *
 * @see RFC 9110 §9.3.6
 */
export function openTunnel(proxy: URL, url: URL, signal: AbortSignal): Promise<Duplex> {
  const authority = `${url.hostname}:${url.port || (url.protocol === 'https:' ? 443 : 80)}`
  const options: https.RequestOptions = {
    ...addressOf(proxy),
    method: 'CONNECT',
    path: authority,
    headers: { host: authority, ...authorizationOf(proxy) },
    agent: false,
    signal,
  }
  return new Promise((resolve, reject) => {
    const request = proxy.protocol === 'https:' ? https.request(options) : http.request(options)
    request.on('error', reject)
    request.once('connect', (response: http.IncomingMessage, socket: Duplex, early: Buffer) => {
      const { statusCode = 0 } = response
      // The user of the tunnel hears of its errors, too. This listener keeps an error between two uses from ending the app.
      socket.on('error', () => undefined)
      // In TLS and HTTP no server speaks first: bytes that came early are the proxy's own.
      if (statusCode >= 200 && statusCode < 300 && early.length === 0) return resolve(socket)
      socket.destroy()
      reject(Object.assign(new Error('the proxy opened no tunnel'), { code: `PROXY_ANSWERED_${statusCode}` }))
    })
    request.end()
  })
}

function addressOf(proxy: URL) {
  return { ...nameOf(proxy), port: proxy.port || (proxy.protocol === 'https:' ? 443 : 80) }
}

/** @see RFC 7617 §2 */
function authorizationOf({ username, password }: URL): { 'proxy-authorization'?: string } {
  if (username === '' && password === '') return {}
  const credentials = Buffer.from(`${decode(username)}:${decode(password)}`)
  return { 'proxy-authorization': `Basic ${credentials.toString('base64')}` }
}

/** Decodes a name or password. One with a bare `%` in it was not encoded, and is returned as it is. */
function decode(text: string): string {
  try {
    return decodeURIComponent(text)
  } catch {
    return text
  }
}
