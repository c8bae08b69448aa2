import { createPublicKey } from 'node:crypto'
import { existsSync } from 'node:fs'
import { computeFingerprint, toSpki } from '../../protocol/jwk'
import { isLicenseError } from '../../protocol/license-error'
import { allKeys, type Keyring, type SigningKey } from '../../server/signing/keyring'
import { loadKeyring, revokeKeyInFile, rotateKeyringFile } from '../../server/signing/keyring-file'
import { CommandFailure, UsageError } from '../failure'
import { paint, print, printJson } from '../output'
import { type KeysNamed, keyringSourceOf, parseStorage } from '../storage-location'
import { cell, formatFields } from '../table'

interface KeysPlace extends KeysNamed {
  readonly storage: string
}

export interface KeysOptions extends KeysPlace {
  readonly format?: 'jwk' | 'pem'
  readonly json?: true
}

/** Shows the public half of every trusted key, the current one first, and the names of revoked keys. */
export async function showKeys({ format = 'jwk', json, ...where }: KeysOptions): Promise<void> {
  const keyring = await loadExistingKeyring(where)
  if (json) printJson({ keys: allKeys(keyring).map((key) => describe(key, format)) })
  else showToPerson(keyring, format)
}

/** Makes a new current key and prints the next steps. */
export async function rotateKeys({ json, ...where }: KeysOptions): Promise<void> {
  const keyring = await rotateKeyringFile(existingFile(where))
  if (json) return printJson({ keys: allKeys(keyring).map((key) => describe(key, 'jwk')) })
  print(`The new signing key is ${paint('bold', keyring.current.kid)}; the one before goes on verifying.\n`)
  print('Running servers sign with the old key until they restart. From then on:')
  print('  - apps follow by themselves: at their next contact they take the new key, for which the old one vouches')
  print('  - license files carry that along, for hosts without network')
  print('Put the new key into trustedKeys of your next release too (keyslot keys show).')
  print('Other programs that verify tokens with keys of their own need the new key before you restart.')
}

/** Declares a retired key stolen and prints the next steps. */
export async function revokeKey(kid: string, { json, ...where }: KeysOptions): Promise<void> {
  const file = existingFile(where)
  const keyring = await revokeKeyInFile(file, kid).catch((error: unknown) => {
    throw isLicenseError(error, 'INVALID_REQUEST') ? new CommandFailure(`${error.message} (${file})`) : error
  })
  if (json) return printJson({ keys: allKeys(keyring).map((key) => describe(key, 'jwk')) })
  print(`The key ${paint('bold', kid)} is revoked.\n`)
  print('Restart every server now: until then they publish it as trusted. From then on:')
  print('  - apps that come into contact stop trusting it, and renew the license tokens it has signed')
  print('  - license files it has signed are worthless where that is known: sign them anew (keyslot sign)')
  print('Bridges and statements of a move that it has signed count no more: make them anew.')
  print('Apps without contact know nothing of it: take the key out of trustedKeys and ship a release.')
}

/** The keyring of these options, which must be there. */
export async function loadExistingKeyring(where: KeysPlace): Promise<Keyring> {
  const { keysEnv } = where
  return await loadKeyring(keysEnv === undefined ? existingFile(where) : { env: keysEnv })
}

/** The keyring's file, which must exist: loading would make the file, and a mistyped name must not. */
function existingFile({ storage, keys }: KeysPlace): string {
  const file = keyringSourceOf(parseStorage(storage), { keys })
  if (typeof file !== 'string')
    throw new UsageError('a store in memory keeps its keys to itself; this needs --keys FILE')
  if (!existsSync(file)) throw new CommandFailure(`there is no keyring in ${file}; keyslot serve makes one`)
  return file
}

/** A key for the output. Of a revoked key only the name is shown: nobody should come to trust it. */
function describe(key: SigningKey, format: 'jwk' | 'pem') {
  return {
    kid: key.kid,
    status: statusOf(key),
    createdAt: key.createdAt,
    retiredAt: key.retiredAt,
    revokedAt: key.revokedAt,
    fingerprint: computeFingerprint(key.publicJwk),
    ...(key.revokedAt === null && (format === 'jwk' ? { jwk: key.publicJwk } : { pem: toPem(key) })),
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
        ...(key.revokedAt ? [['Revoked', cell(key.revokedAt)] as const] : []),
        ['Fingerprint', computeFingerprint(key.publicJwk)],
      ]),
    )
    if (key.revokedAt !== null) print('')
    else print(format === 'jwk' ? `${JSON.stringify(key.publicJwk)}\n` : toPem(key))
  }
}

function statusOf({ retiredAt, revokedAt }: SigningKey): 'current' | 'retired' | 'revoked' {
  if (revokedAt !== null) return 'revoked'
  return retiredAt === null ? 'current' : 'retired'
}

function toPem({ publicJwk }: SigningKey): string {
  const publicKey = createPublicKey({ key: toSpki(publicJwk), format: 'der', type: 'spki' })
  return publicKey.export({ format: 'pem', type: 'spki' }).toString()
}
