import { type CipherGCM, createCipheriv, createDecipheriv, type DecipherGCM } from 'node:crypto'
import type { RandomBytes } from '../../domain/random'
import type { AuthtoolMode } from '../../protocol/enumerations'
import { isRecord } from '../../protocol/json'

/**
 * How apps made for AuthTool encrypt what they send: AES-256 under the 32 characters of their package's key, in base64. Whoever
 * has an app has its key, and nothing in it tells one answer from an older one: it hides nothing and proves nothing. It is here so
 * that those apps go on.
 */

const NONCE_BYTES = 12
const TAG_BYTES = 16
const NO_NONCE = Buffer.alloc(16)

/** What an app has sent, and the mode it was encrypted in. */
export interface Opened {
  readonly mode: AuthtoolMode
  readonly fields: Readonly<Record<string, unknown>>
}

/**
 * Opens what an app has sent; undefined where it is no JSON object in any mode. A text of one block is the same in CBC and ECB:
 * then the package's own mode decides.
 */
export function openData(data: string, key: string, packageMode: AuthtoolMode): Opened | undefined {
  const bytes = Buffer.from(data, 'base64')
  const modes: readonly AuthtoolMode[] = packageMode === 'ecb' ? ['gcm', 'ecb', 'cbc'] : ['gcm', 'cbc', 'ecb']
  for (const mode of modes) {
    const fields = tryOpen(bytes, key, mode)
    if (fields !== undefined) return { mode, fields }
  }
  return undefined
}

/** Encrypts an answer. */
export function sealData(value: object, key: string, mode: AuthtoolMode, random: RandomBytes): string {
  const text = JSON.stringify(value)
  if (mode !== 'gcm') {
    const cipher = createCipheriv(`aes-256-${mode}`, key, mode === 'cbc' ? NO_NONCE : null)
    return Buffer.concat([cipher.update(text, 'utf8'), cipher.final()]).toString('base64')
  }
  const nonce = Buffer.from(random(NONCE_BYTES))
  const cipher: CipherGCM = createCipheriv('aes-256-gcm', key, nonce)
  return Buffer.concat([nonce, cipher.update(text, 'utf8'), cipher.final(), cipher.getAuthTag()]).toString('base64')
}

function tryOpen(bytes: Buffer, key: string, mode: AuthtoolMode): Readonly<Record<string, unknown>> | undefined {
  try {
    const text = mode === 'gcm' ? openGcm(bytes, key) : openBlocks(bytes, key, mode)
    const value: unknown = JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(text))
    return isRecord(value) ? value : undefined
  } catch {
    return undefined
  }
}

function openGcm(bytes: Buffer, key: string): Buffer {
  const tagAt = bytes.length - TAG_BYTES
  const nonce = bytes.subarray(0, NONCE_BYTES)
  const decipher: DecipherGCM = createDecipheriv('aes-256-gcm', key, nonce, { authTagLength: TAG_BYTES })
  decipher.setAuthTag(bytes.subarray(tagAt))
  return Buffer.concat([decipher.update(bytes.subarray(NONCE_BYTES, tagAt)), decipher.final()])
}

function openBlocks(bytes: Buffer, key: string, mode: 'cbc' | 'ecb'): Buffer {
  const decipher = createDecipheriv(`aes-256-${mode}`, key, mode === 'cbc' ? NO_NONCE : null)
  return Buffer.concat([decipher.update(bytes), decipher.final()])
}
