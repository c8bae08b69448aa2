import { X509Certificate } from 'node:crypto'
import { isIP } from 'node:net'
import tls, { type DetailedPeerCertificate, type TLSSocket } from 'node:tls'

/** At what time the dates of certificates are judged, Unix seconds; `never`: they are not looked at. */
export type JudgedAt = number | 'never'

const SERVER_AUTH = '1.3.6.1.5.5.7.3.1'
const LEAST_RSA_BITS = 2_048
const LONGEST_CHAIN = 8

const hex = (text: string) => Buffer.from(text, 'hex')
const NAME_CONSTRAINTS = hex('0603551d1e')
/** MD5 and SHA-1 with RSA, SHA-1 with ECDSA. */
const BROKEN_SIGNATURES = ['06092a864886f70d010104', '06092a864886f70d010105', '06072a8648ce3d0401'].map(hex)
const CRITICAL = hex('0101ff')
/** basicConstraints, keyUsage, extKeyUsage and subjectAltName, which are judged here or say no less; and `CA: TRUE`. */
const KNOWN_CRITICAL = /(0603551d(13|0f|25|11)|3003|3006)$/

/**
 * Whether the certificate that a server shows is good but for its dates by this computer's clock. The system's verdict names
 * one fault and may hide others behind it, so everything is judged anew, and more strictly: what this code does not understand
 * (a constraint of names, a critical extension, a signature of old) is refused.
 *
 * @param roots what is trusted, as PEM
 */
export function isGoodAt(socket: TLSSocket, host: string, roots: readonly string[], at: JudgedAt): boolean {
  return isWell(() => isChainGoodAt(chainOf(socket.getPeerCertificate(true)), host, roots, at))
}

/** False where a certificate cannot be read, such as one with a key of a kind that OpenSSL does not know. */
function isWell(judge: () => boolean): boolean {
  try {
    return judge()
  } catch {
    return false
  }
}

function isChainGoodAt(
  chain: readonly X509Certificate[],
  host: string,
  roots: readonly string[],
  at: JudgedAt,
): boolean {
  const [leaf] = chain
  if (leaf === undefined || !isForHost(leaf, host)) return false
  const trusted = new Map(roots.flatMap(read).map((root) => [root.fingerprint256, root]))
  for (const [depth, cert] of chain.slice(0, LONGEST_CHAIN).entries()) {
    if (!isSound(cert) || !isCurrent(cert, at) || (depth > 0 && !cert.ca)) return false
    if (trusted.has(cert.fingerprint256)) return true
    if (!BROKEN_SIGNATURES.every((oid) => !cert.raw.includes(oid))) return false
    const next = chain[depth + 1]
    if (next !== undefined && isIssuedBy(cert, next)) continue
    return [...trusted.values()].some((root) =>
      isWell(() => root.ca && isCurrent(root, at) && isIssuedBy(cert, root) && isSound(root)),
    )
  }
  return false
}

/** The certificates that the system trusts as far as the runtime tells, else those that Node brings along. */
export function trustedRoots(ca: readonly string[] | undefined): readonly string[] {
  return ca ?? tls.rootCertificates
}

/** Nothing where it is no certificate. */
function read(pem: string): X509Certificate[] {
  try {
    return [new X509Certificate(pem)]
  } catch {
    return []
  }
}

function chainOf(first: DetailedPeerCertificate): readonly X509Certificate[] {
  const chain: X509Certificate[] = []
  let next: DetailedPeerCertificate | undefined = first
  while (next?.raw !== undefined && chain.length <= LONGEST_CHAIN) {
    chain.push(new X509Certificate(next.raw))
    next = next.issuerCertificate === next ? undefined : next.issuerCertificate
  }
  return chain
}

function isForHost(leaf: X509Certificate, host: string): boolean {
  return (isIP(host) === 0 ? leaf.checkHost(host, { subject: 'never' }) : leaf.checkIP(host)) !== undefined
}

function isIssuedBy(cert: X509Certificate, issuer: X509Certificate): boolean {
  return cert.checkIssued(issuer) && cert.verify(issuer.publicKey)
}

function isSound({ raw, keyUsage, publicKey }: X509Certificate): boolean {
  // Node's `keyUsage` is the extended one.
  const purposes: readonly string[] | undefined = keyUsage
  const bits = publicKey.asymmetricKeyDetails?.modulusLength ?? LEAST_RSA_BITS
  const isForServers = purposes === undefined || purposes.includes(SERVER_AUTH)
  return isForServers && bits >= LEAST_RSA_BITS && !raw.includes(NAME_CONSTRAINTS) && isUnderstood(raw)
}

function isUnderstood(raw: Buffer): boolean {
  for (let at = raw.indexOf(CRITICAL); at >= 0; at = raw.indexOf(CRITICAL, at + 1)) {
    if (!KNOWN_CRITICAL.test(raw.subarray(Math.max(0, at - 5), at).toString('hex'))) return false
  }
  return true
}

function isCurrent({ validFrom, validTo }: X509Certificate, at: JudgedAt): boolean {
  return at === 'never' || (Date.parse(validFrom) <= at * 1000 && at * 1000 <= Date.parse(validTo))
}
