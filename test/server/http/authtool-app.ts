import { createCipheriv, createDecipheriv, randomBytes } from 'node:crypto'
import { type Fixture, send, type WireAnswer, type WireRequest } from './harness'

/** An app made for AuthTool, as its samples in three languages are, written anew with nothing of ours. */

export const PACKAGE_TOKEN = 'pkg_Zt7Qw2-token-of-the-app'
export const AES_KEY = 'the-32-characters-of-the-aes-key'

export const PREFIXES = ['/public/v1/client', '/api/public/v1/client'] as const

interface Cipher {
  seal(text: string): string
  open(sealed: string): string
}

function base64(...parts: readonly Buffer[]): string {
  return Buffer.concat(parts).toString('base64')
}

/** Swift, CryptoKit: `AES.GCM.seal(…).combined`. */
export const swift: Cipher = {
  seal(text) {
    const nonce = randomBytes(12)
    const cipher = createCipheriv('aes-256-gcm', Buffer.from(AES_KEY), nonce)
    return base64(nonce, cipher.update(text), cipher.final(), cipher.getAuthTag())
  },
  open(sealed) {
    const bytes = Buffer.from(sealed, 'base64')
    const decipher = createDecipheriv('aes-256-gcm', Buffer.from(AES_KEY), bytes.subarray(0, 12))
    decipher.setAuthTag(bytes.subarray(-16))
    return Buffer.concat([decipher.update(bytes.subarray(12, -16)), decipher.final()]).toString()
  },
}

/** Objective-C, CommonCrypto: `kCCOptionPKCS7Padding` without an iv, which stands for zeros. */
export const objectiveC: Cipher = {
  seal(text) {
    const cipher = createCipheriv('aes-256-cbc', Buffer.from(AES_KEY), Buffer.alloc(16))
    return base64(cipher.update(text), cipher.final())
  },
  open(sealed) {
    const decipher = createDecipheriv('aes-256-cbc', Buffer.from(AES_KEY), Buffer.alloc(16))
    return Buffer.concat([decipher.update(Buffer.from(sealed, 'base64')), decipher.final()]).toString()
  },
}

/** Java: `Cipher.getInstance("AES/ECB/PKCS5Padding")`. */
export const java: Cipher = {
  seal(text) {
    const cipher = createCipheriv('aes-256-ecb', Buffer.from(AES_KEY), null)
    return base64(cipher.update(text), cipher.final())
  },
  open(sealed) {
    const decipher = createDecipheriv('aes-256-ecb', Buffer.from(AES_KEY), null)
    return Buffer.concat([decipher.update(Buffer.from(sealed, 'base64')), decipher.final()]).toString()
  },
}

export const CIPHERS = [
  { language: 'Swift', mode: 'gcm', cipher: swift },
  { language: 'Objective-C', mode: 'cbc', cipher: objectiveC },
  { language: 'Java', mode: 'ecb', cipher: java },
] as const

/** What an app tells of its device. */
export function device(uid: string) {
  return { uid, clientOS: 'iOS', clientModel: 'iPhone15,2', clientOSVersion: '17.4' }
}

export interface AppAnswer {
  readonly status: number
  /** What was in `data`, opened by the app's cipher; the whole body of an error. */
  readonly said: Record<string, unknown>
  readonly headers: WireAnswer['headers']
}

/** An app of the fixture's product. */
export function createApp(fixture: Pick<Fixture, 'url'>, cipher: Cipher = swift, prefix: string = PREFIXES[0]) {
  async function call(
    path: string,
    fields: object | undefined,
    { body, ...more }: WireRequest = {},
  ): Promise<AppAnswer> {
    const data = fields && cipher.seal(JSON.stringify(fields))
    const sent = { token: PACKAGE_TOKEN, ...(data !== undefined && { data }), ...(body as object) }
    const answer = await send(fixture.url, 'POST', prefix + path, { body: sent, ...more })
    const said = answer.status === 200 ? JSON.parse(cipher.open(answer.body.data)) : answer.body
    return { status: answer.status, said, headers: answer.headers }
  }
  return {
    package: (request?: WireRequest) => call('/package', undefined, request),
    check: (uid: string, request?: WireRequest) => call('/check', device(uid), request),
    login: (uid: string, key: string, request?: WireRequest) => call('/login', { ...device(uid), key }, request),
    call,
  }
}

/** Serves the fixture's product to such apps. */
export async function serveApps(
  { licensing, productId }: Pick<Fixture, 'licensing' | 'productId'>,
  terms: object = {},
) {
  const authtoolClient = { token: PACKAGE_TOKEN, aesKey: AES_KEY, ...terms }
  await licensing.products.update(productId, { authtoolClient })
}
