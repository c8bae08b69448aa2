import { createPublicKey } from 'node:crypto'
import { existsSync } from 'node:fs'
import { computeFingerprint, toSpki } from '../../protocol/jwk'
import { allKeys, type Keyring, type SigningKey } from '../../server/signing/keyring'
import { loadKeyring, rotateKeyringFile } from '../../server/signing/keyring-file'
import { CommandFailure, UsageError } from '../failure'
import type { StoreOptions } from '../open-store'
import { paint, print, printJson } from '../output'
import { keyringFileOf, parseStorage } from '../storage-location'
import { cell, formatFields } from '../table'

export interface KeysOptions extends StoreOptions {
  readonly format?: 'jwk' | 'pem'
  readonly json?: true
}

/** Shows the public half of every key, the current one first. */
export async function showKeys({ format = 'jwk', json, ...where }: KeysOptions): Promise<void> {
  const file = existingFile(where)
  const keyring = await loadKeyring(file)
  if (json) printJson({ keys: allKeys(keyring).map((key) => describe(key, format)) })
  else showToPerson(keyring, format)
}

/** Makes a new current key and says what has to follow. */
export async function rotateKeys({ json, ...where }: KeysOptions): Promise<void> {
  const keyring = await rotateKeyringFile(existingFile(where))
  if (json) return printJson({ keys: allKeys(keyring).map((key) => describe(key, 'jwk')) })
  print(`The new signing key is ${paint('bold', keyring.current.kid)}; the one before goes on verifying.\n`)
  print('Running servers sign with the old key until they restart. Before you restart them:')
  print('  1. put both public keys into trustedKeys of your app (keyslot keys show) and ship it')
  print('  2. wait until that version is in use: older ones will call tokens of the new key untrusted')
}

/** Loading would make the file, and a mistyped name must not. */
function existingFile({ storage, keys }: StoreOptions): string {
  const file = keyringFileOf(parseStorage(storage), keys)
  if (file === undefined) throw new UsageError('a store in memory keeps its keys to itself; this needs --keys FILE')
  if (!existsSync(file)) throw new CommandFailure(`there is no keyring in ${file}; keyslot serve makes one`)
  return file
}

function describe(key: SigningKey, format: 'jwk' | 'pem') {
  return {
    kid: key.kid,
    status: statusOf(key),
    createdAt: key.createdAt,
    retiredAt: key.retiredAt,
    fingerprint: computeFingerprint(key.publicJwk),
    ...(format === 'jwk' ? { jwk: key.publicJwk } : { pem: toPem(key) }),
  }
}

function showToPerson(keyring: Keyring, format: 'jwk' | 'pem'): void {
  for (const key of allKeys(keyring)) {
    print(
      formatFields([
        ['Key', paint('bold', key.kid)],
        ['Status', statusOf(key)],
        ['Made', cell(key.createdAt)],
        ...(key.retiredAt ? [['Retired', cell(key.retiredAt)] as const] : []),
        ['Fingerprint', computeFingerprint(key.publicJwk)],
      ]),
    )
    print(format === 'jwk' ? `${JSON.stringify(key.publicJwk)}\n` : toPem(key))
  }
}

function statusOf({ retiredAt }: SigningKey): 'current' | 'retired' {
  return retiredAt === null ? 'current' : 'retired'
}

function toPem({ publicJwk }: SigningKey): string {
  const publicKey = createPublicKey({ key: toSpki(publicJwk), format: 'der', type: 'spki' })
  return publicKey.export({ format: 'pem', type: 'spki' }).toString()
}
