import { createPublicKey } from 'node:crypto'
import { existsSync } from 'node:fs'
import { computeFingerprint, toSpki } from '../../protocol/jwk'
import { allKeys, type Keyring, type SigningKey } from '../../server/signing/keyring'
import { loadKeyring, rotateKeyringFile } from '../../server/signing/keyring-file'
import { CommandFailure } from '../failure'
import { paint, print, printJson } from '../output'
import { cell, formatFields } from '../table'

export interface KeysOptions {
  readonly keys: string
  readonly format?: 'jwk' | 'pem'
  readonly json?: true
}

/** Shows the public half of every key, the current one first. */
export async function showKeys({ keys: file, format = 'jwk', json }: KeysOptions): Promise<void> {
  requireFile(file)
  const keyring = await loadKeyring(file)
  if (json) printJson({ keys: allKeys(keyring).map((key) => describe(key, format)) })
  else showToPerson(keyring, format)
}

/** Makes a new current key and says what has to follow. */
export async function rotateKeys({ keys: file, json }: KeysOptions): Promise<void> {
  requireFile(file)
  const keyring = await rotateKeyringFile(file)
  if (json) return printJson({ keys: allKeys(keyring).map((key) => describe(key, 'jwk')) })
  print(`The new signing key is ${paint('bold', keyring.current.kid)}; the one before goes on verifying.\n`)
  print('Running servers sign with the old key until they restart. Before you restart them:')
  print('  1. put both public keys into trustedKeys of your app (keyslot keys show) and ship it')
  print('  2. wait until that version is in use: older ones will call tokens of the new key untrusted')
}

/** Loading would make the file, and a mistyped name must not. */
function requireFile(file: string): void {
  if (!existsSync(file)) throw new CommandFailure(`there is no keyring in ${file}; keyslot serve makes one`)
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
