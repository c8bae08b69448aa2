import { sign } from 'node:crypto'
import { KEYS, type TestKey } from './keys'

/** What may differ from what a server signs. */
export interface Signing {
  readonly by?: TestKey
  /** Takes the place of header fields; a field that is undefined is left out. */
  readonly header?: object
  /** Signs the text; Ed25519 with the key unless given. */
  readonly signature?: (text: string) => Buffer
}

/** A compact JWS, signed by the current key as a server does, but for what is given. `node:crypto` alone. */
export function jws(typ: string, payload: unknown, signing: Signing = {}): string {
  const { by = KEYS.current, header, signature = (text) => sign(null, Buffer.from(text), by.privateKey) } = signing
  const text = `${encode({ alg: 'EdDSA', kid: by.kid, typ, ...header })}.${encode(payload)}`
  return `${text}.${signature(text).toString('base64url')}`
}

/** The three parts of a compact JWS. */
export function partsOf(text: string): [string, string, string] {
  const [header = '', payload = '', signature = ''] = text.split('.')
  return [header, payload, signature]
}

/** base64url of a JSON text. A string is one already. */
export function encode(value: unknown): string {
  return Buffer.from(typeof value === 'string' ? value : JSON.stringify(value)).toString('base64url')
}
