import { isIP } from 'node:net'
import type { Duplex } from 'node:stream'
import tls, { type TLSSocket } from 'node:tls'
import { isCertificateDated, isCertificateRefused } from '../system-code'
import { isGoodAt, type JudgedAt, trustedRoots } from './dated-certificate'
import { bareHost } from './no-proxy'

const LONGEST_NAME = 100

/**
 * Opens TLS with the server of the URL, directly or inside a tunnel, so that a proxy reads nothing. A certificate that is not
 * trusted is looked at and nothing is sent: whoever inspects TLS on the way has a name, by which people can ask for help.
 *
 * @param over the tunnel, or the port of a connection of its own
 * @param judgedAt where given, a certificate that is refused for its dates is judged again, at that time; an instant stands for
 *   the wall clock also where that finds it good
 * @throws an error with the system's code, and with `issuer` when the certificate is not trusted
 */
export function secure(
  url: URL,
  over: { readonly socket: Duplex } | { readonly port: number },
  signal?: AbortSignal,
  judgedAt?: JudgedAt,
): Promise<TLSSocket> {
  const roots = systemCertificates()
  return new Promise((resolve, reject) => {
    const socket = tls.connect({
      ...over,
      ...nameOf(url),
      ...roots,
      ALPNProtocols: ['http/1.1'],
      // Judged below, before a byte is sent.
      rejectUnauthorized: false,
    })
    const abort = () => socket.destroy()
    signal?.addEventListener('abort', abort)
    socket.on('error', reject)
    socket.once('close', () => {
      signal?.removeEventListener('abort', abort)
      reject(signal?.aborted ? signal.reason : new Error('the connection was closed'))
    })
    socket.once('secureConnect', () => {
      // Where the time was told, the wall clock is wrong: what it finds good may be long over.
      const isTold = typeof judgedAt === 'number'
      const isGood = socket.authorized && !isTold
      if (isGood || process.env.NODE_TLS_REJECT_UNAUTHORIZED === '0') return resolve(socket)
      const isDated = judgedAt !== undefined && isCertificateDated(codeOf(socket))
      if (isDated && isGoodAt(socket, bareHost(url), trustedRoots(roots.ca), judgedAt)) return resolve(socket)
      reject(refused(socket))
      socket.destroy()
    })
    if (signal?.aborted) abort()
  })
}

/** Why the certificate is not trusted: where the wall clock trusts it, it is not good at the time that was told. */
function codeOf({ authorized, authorizationError }: TLSSocket): string {
  return authorized ? 'CERT_HAS_EXPIRED' : String(authorizationError)
}

function refused(socket: TLSSocket): Error {
  const code = codeOf(socket)
  const { O, CN } = socket.getPeerCertificate().issuer ?? {}
  const name = [O ?? CN ?? '']
    .flat()[0]
    ?.replace(/[\p{Cc}\p{Cf}]/gu, '')
    .slice(0, LONGEST_NAME)
  const issuer = name && isCertificateRefused(code) ? { issuer: name } : {}
  return Object.assign(new Error('the certificate is not trusted'), { code, ...issuer })
}

/**
 * What the system trusts, beside what Node brings along and NODE_EXTRA_CA_CERTS adds. Nothing where the runtime does not tell
 * (before Node 22.15): then Node's own rule holds.
 */
function systemCertificates(): { ca?: string[] } {
  const { getCACertificates } = tls as { getCACertificates?: (kind: 'default' | 'system') => string[] }
  if (getCACertificates === undefined) return {}
  return { ca: [...getCACertificates('default'), ...getCACertificates('system')] }
}

/** A server name must be a name (RFC 6066 §3). The certificate is compared with the name or with the address. */
export function nameOf(url: URL) {
  const host = bareHost(url)
  return isIP(host) === 0 ? { host, servername: host } : { host }
}
