import type { Server } from 'node:net'

const MOST = 10_000
const MOST_PER_ADDRESS = 1000

/**
 * Bounds what connections cost that are opened and left. An address that has too many is refused another; that of a proxy is
 * everybody's.
 */
export function limitConnections(server: Server, { perAddress }: { readonly perAddress: boolean }): void {
  server.maxConnections = MOST
  if (!perAddress) return
  const open = new Map<string, number>()
  server.on('connection', (socket) => {
    const address = socket.remoteAddress ?? ''
    const count = open.get(address) ?? 0
    if (count >= MOST_PER_ADDRESS) return void socket.destroy()
    open.set(address, count + 1)
    socket.once('close', () => {
      const left = (open.get(address) ?? 1) - 1
      if (left === 0) open.delete(address)
      else open.set(address, left)
    })
  })
}
