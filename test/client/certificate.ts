import { generateKeyPairSync, type KeyObject, sign } from 'node:crypto'

/** A certificate nobody trusts unless told to, with its private key, both as PEM. */
export interface Certificate {
  readonly cert: string
  readonly key: string
}

/** What a certificate says. Dates are as X.509 has them, e.g. `400101000000Z`. */
interface Wanted {
  readonly names?: readonly string[]
  readonly from?: string
  readonly to?: string
  /** Default: it signs itself. */
  readonly by?: Issued
  readonly isAuthority?: boolean
  readonly called?: string
  /** Further extensions: the OID in hex, whether it is critical, and its value. */
  readonly more?: readonly (readonly [string, boolean, Buffer])[]
}

/** A certificate that may sign others. */
export interface Issued extends Certificate {
  readonly called: string
  readonly privateKey: KeyObject
}

/** Signs itself, is an authority, and is good for the names given and for 127.0.0.1; until 2049. */
export function createCertificate(...names: string[]): Certificate {
  const { cert, key } = issueCertificate({ names })
  return { cert, key }
}

export function issueCertificate(wanted: Wanted): Issued {
  const { names = [], from = '200101000000Z', to = '491231235959Z', by, isAuthority = true, more = [] } = wanted
  const { called = 'keyslot test' } = wanted
  const { publicKey, privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' })
  const toBeSigned = sequence(
    der(0xa0, VERSION_3),
    der(0x02, Buffer.from([1])),
    sequence(ECDSA_WITH_SHA256),
    nameOf(by?.called ?? called),
    sequence(utcTime(from), utcTime(to)),
    nameOf(called),
    publicKey.export({ type: 'spki', format: 'der' }),
    der(
      0xa3,
      sequence(
        extension(BASIC_CONSTRAINTS, isAuthority ? sequence(TRUE) : sequence()),
        extension(SUBJECT_ALT_NAME, altNames(names)),
        ...more.map(([id, critical, value]) => extension(oid(id), value, critical)),
      ),
    ),
  )
  const signature = bits(sign('sha256', toBeSigned, by?.privateKey ?? privateKey))
  const body = sequence(toBeSigned, sequence(ECDSA_WITH_SHA256), signature).toString('base64')
  const lines = body.match(/.{1,64}/g) ?? []
  const cert = ['-----BEGIN CERTIFICATE-----', ...lines, '-----END CERTIFICATE-----', ''].join('\n')
  return { cert, key: privateKey.export({ type: 'pkcs8', format: 'pem' }).toString(), called, privateKey }
}

/** X.690: tag, length, content. */
export function der(tag: number, ...parts: Buffer[]): Buffer {
  const content = Buffer.concat(parts)
  const { length } = content
  const long = length < 256 ? [0x81, length] : [0x82, length >> 8, length & 0xff]
  const head = length < 128 ? [tag, length] : [tag, ...long]
  return Buffer.concat([Buffer.from(head), content])
}

const sequence = (...parts: Buffer[]) => der(0x30, ...parts)
const set = (...parts: Buffer[]) => der(0x31, ...parts)
const bits = (content: Buffer) => der(0x03, Buffer.from([0]), content)
const utcTime = (text: string) => der(0x17, Buffer.from(text))
const oid = (hex: string) => der(0x06, Buffer.from(hex, 'hex'))
const nameOf = (text: string) => sequence(set(sequence(COMMON_NAME, der(0x0c, Buffer.from(text)))))
const extension = (id: Buffer, value: Buffer, critical = false) =>
  sequence(id, ...(critical ? [TRUE] : []), der(0x04, value))
const altNames = (names: readonly string[]) =>
  sequence(...names.map((name) => der(0x82, Buffer.from(name))), der(0x87, Buffer.from([127, 0, 0, 1])))

const VERSION_3 = der(0x02, Buffer.from([2]))
const TRUE = der(0x01, Buffer.from([0xff]))
const ECDSA_WITH_SHA256 = oid('2a8648ce3d040302')
const COMMON_NAME = oid('550403')
const BASIC_CONSTRAINTS = oid('551d13')
const SUBJECT_ALT_NAME = oid('551d11')
