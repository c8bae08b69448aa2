import http from 'node:http'
import https from 'node:https'
import { isIP } from 'node:net'
import type { Duplex } from 'node:stream'
import { connect as connectTls, type TLSSocket } from 'node:tls'
import { bareHost } from './no-proxy'

/**
 * Asks a proxy for a connection to the URL's host (`CONNECT`), in TLS where the proxy's own URL is `https:`, with its
 * name and password (Basic) where its URL has them.
 *
 * Nothing the proxy says is ever taken for an answer of the server: on the way to it anyone could have written "this
 * license is blocked". What is not a tunnel is an error with a code: `PROXY_ANSWERED_407`, say, or the system's.
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
      // Whoever uses the tunnel hears of its errors; between two uses one must not end the app.
      socket.on('error', () => undefined)
      // No server speaks first in TLS or HTTP: whatever came early is the proxy's own.
      if (statusCode >= 200 && statusCode < 300 && early.length === 0) return resolve(socket)
      socket.destroy()
      reject(Object.assign(new Error('the proxy opened no tunnel'), { code: `PROXY_ANSWERED_${statusCode}` }))
    })
    request.end()
  })
}

/** TLS with the server itself, inside the tunnel: the proxy sees none of it. */
export function secure(tunnel: Duplex, url: URL): Promise<TLSSocket> {
  return new Promise((resolve, reject) => {
    const socket = connectTls({ socket: tunnel, ...nameOf(url), ALPNProtocols: ['http/1.1'] })
    socket.on('error', reject)
    socket.once('close', () => reject(new Error('the tunnel was closed')))
    socket.once('secureConnect', () => resolve(socket))
  })
}

function addressOf(proxy: URL) {
  return { ...nameOf(proxy), port: proxy.port || (proxy.protocol === 'https:' ? 443 : 80) }
}

/** Server names are for names only (RFC 6066 §3); a certificate is compared with either. */
function nameOf(url: URL) {
  const host = bareHost(url)
  return isIP(host) === 0 ? { host, servername: host } : { host }
}

/** @see RFC 7617 §2 */
function authorizationOf({ username, password }: URL): { 'proxy-authorization'?: string } {
  if (username === '' && password === '') return {}
  const credentials = Buffer.from(`${decode(username)}:${decode(password)}`)
  return { 'proxy-authorization': `Basic ${credentials.toString('base64')}` }
}

/** A password with a bare `%` in it is meant as it is. */
function decode(text: string): string {
  try {
    return decodeURIComponent(text)
  } catch {
    return text
  }
}
