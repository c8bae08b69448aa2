import { createCipheriv, createDecipheriv, createHash, sign } from 'node:crypto'
import type { RandomBytes } from '../../domain/random'
import { LicenseError } from '../../protocol/license-error'
import { allKeys, type Keyring, type SigningKey } from './keyring'

const CIPHER = 'aes-256-gcm'
const NONCE_BYTES = 12
const TAG_BYTES = 16
const SECRET_LABEL = 'keyslot sealed text'

/** Encrypts what the store keeps, so that nobody reads it there who has not the keyring as well. */
export interface Sealer {
  /** @param about what the text belongs to: it opens for nothing else */
  seal(text: string, about: string): string
  /** @throws {LicenseError} KEYRING_MISMATCH when no key of the keyring opens it */
  open(sealed: string, about: string): string
}

/** Seals with the current key; every other key of the keyring, retired or revoked, still opens what it has sealed. */
export function createSealer(keyring: Keyring, random: RandomBytes): Sealer {
  return {
    seal(text, about) {
      const nonce = Buffer.from(random(NONCE_BYTES))
      const cipher = createCipheriv(CIPHER, secretOf(keyring.current), nonce).setAAD(Buffer.from(about))
      const parts = [nonce, cipher.update(text, 'utf8'), cipher.final(), cipher.getAuthTag()]
      return `${keyring.current.kid}.${Buffer.concat(parts).toString('base64url')}`
    },
    open(sealed, about) {
      const [kid, body = ''] = sealed.split('.')
      const key = allKeys(keyring).find((one) => one.kid === kid)
      try {
        if (key !== undefined) return decipher(Buffer.from(body, 'base64url'), secretOf(key), about)
      } catch {
        // Altered, or moved here from elsewhere: as good as sealed with a key that is not there.
      }
      throw new LicenseError(
        'KEYRING_MISMATCH',
        `what is sealed of ${about} opens with no key of this keyring: set it anew`,
      )
    },
  }
}

function decipher(bytes: Buffer, secret: Buffer, about: string): string {
  const tagAt = bytes.length - TAG_BYTES
  const opening = createDecipheriv(CIPHER, secret, bytes.subarray(0, NONCE_BYTES), { authTagLength: TAG_BYTES })
  opening.setAAD(Buffer.from(about)).setAuthTag(bytes.subarray(tagAt))
  return Buffer.concat([opening.update(bytes.subarray(NONCE_BYTES, tagAt)), opening.final()]).toString('utf8')
}

/** Ed25519 signatures are deterministic (RFC 8032 §5.1.6): every holder of the key comes to the same secret. */
function secretOf({ privateKey }: SigningKey): Buffer {
  return createHash('sha256')
    .update(sign(null, Buffer.from(SECRET_LABEL), privateKey))
    .digest()
}
