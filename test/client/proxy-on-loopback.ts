import { createServer, type IncomingHttpHeaders } from 'node:http'
import { createServer as createTlsServer } from 'node:https'
import { type AddressInfo, connect } from 'node:net'
import type { Duplex } from 'node:stream'
import type { Certificate } from './certificate'

/** A request for a tunnel as the proxy saw it. */
interface SeenTunnel {
  readonly authority: string
  readonly headers: IncomingHttpHeaders
}

/** A proxy on loopback. Whatever name is asked for, it is this machine's. */
export interface FakeProxy {
  /** Without name and password. */
  readonly url: string
  readonly port: number
  readonly tunnels: SeenTunnel[]
  /** Requests that were not for a tunnel: a license key in the clear. */
  plainRequests: number
  /** Answers in place of the proxy; return false to let it open the tunnel. */
  fault: ((socket: Duplex, tunnel: SeenTunnel) => boolean) | undefined
  close(): void
}

/** @param certificate speaks TLS with it */
export async function openProxy(certificate?: Certificate): Promise<FakeProxy> {
  const server = certificate === undefined ? createServer() : createTlsServer(certificate)
  const sockets = new Set<Duplex>()
  server.on('connection', (socket: Duplex) => sockets.add(socket))
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const { port } = server.address() as AddressInfo
  const scheme = certificate === undefined ? 'http' : 'https'
  const proxy: FakeProxy = {
    url: `${scheme}://127.0.0.1:${port}`,
    port,
    tunnels: [],
    plainRequests: 0,
    fault: undefined,
    close() {
      server.close()
      for (const socket of sockets) socket.destroy()
    },
  }
  server.on('request', (_, response) => {
    proxy.plainRequests++
    response.writeHead(400).end()
  })
  server.on('connect', ({ url = '', headers }, socket: Duplex) => {
    const tunnel = { authority: url, headers }
    proxy.tunnels.push(tunnel)
    socket.on('error', () => undefined)
    if (proxy.fault?.(socket, tunnel)) return
    const upstream = connect(Number(url.split(':').at(-1)), '127.0.0.1', () => {
      socket.write('HTTP/1.1 200 Connection established\r\n\r\n')
      socket.pipe(upstream).pipe(socket)
    })
    sockets.add(upstream)
    upstream.on('error', () => socket.destroy())
    socket.on('close', () => upstream.destroy())
  })
  return proxy
}
