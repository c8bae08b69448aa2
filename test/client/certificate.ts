import { generateKeyPairSync, sign } from 'node:crypto'

/** A certificate nobody trusts unless told to, with its private key, both as PEM. */
export interface Certificate {
  readonly cert: string
  readonly key: string
}

/** Signs itself, is an authority, and is good for the names given and for 127.0.0.1; until 2049. */
export function createCertificate(...names: string[]): Certificate {
  const { publicKey, privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' })
  const name = sequence(set(sequence(COMMON_NAME, der(0x0c, Buffer.from('keyslot test')))))
  const toBeSigned = sequence(
    der(0xa0, VERSION_3),
    der(0x02, Buffer.from([1])),
    sequence(ECDSA_WITH_SHA256),
    name,
    sequence(utcTime('200101000000Z'), utcTime('491231235959Z')),
    name,
    publicKey.export({ type: 'spki', format: 'der' }),
    der(0xa3, sequence(extension(BASIC_CONSTRAINTS, sequence(TRUE)), extension(SUBJECT_ALT_NAME, altNames(names)))),
  )
  const signature = bits(sign('sha256', toBeSigned, privateKey))
  const body = sequence(toBeSigned, sequence(ECDSA_WITH_SHA256), signature).toString('base64')
  const lines = body.match(/.{1,64}/g) ?? []
  const cert = ['-----BEGIN CERTIFICATE-----', ...lines, '-----END CERTIFICATE-----', ''].join('\n')
  return { cert, key: privateKey.export({ type: 'pkcs8', format: 'pem' }).toString() }
}

/** X.690: tag, length, content. */
function der(tag: number, ...parts: Buffer[]): Buffer {
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
const extension = (id: Buffer, value: Buffer) => sequence(id, der(0x04, value))
const altNames = (names: readonly string[]) =>
  sequence(...names.map((name) => der(0x82, Buffer.from(name))), der(0x87, Buffer.from([127, 0, 0, 1])))

const VERSION_3 = der(0x02, Buffer.from([2]))
const TRUE = der(0x01, Buffer.from([0xff]))
const ECDSA_WITH_SHA256 = oid('2a8648ce3d040302')
const COMMON_NAME = oid('550403')
const BASIC_CONSTRAINTS = oid('551d13')
const SUBJECT_ALT_NAME = oid('551d11')
