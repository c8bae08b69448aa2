import { LicenseError, type LicenseFile, type LicenseTokenClaims } from '../protocol'
import { activationOf } from './activate'
import { type CachedActivation, type CacheState, parseJson, type WritableState } from './cache-record'
import { isRecord } from './claims'
import type { KitContext } from './kit-context'
import type { LicenseCheck } from './license-check'
import { sentenceFor } from './messages'
import { readHandedFile } from './read-handed-file'
import { readStatus } from './read-status'

/** Well above the largest token in its envelope. */
const MAX_BYTES = 131_072
/** Nobody changes the cache often enough to be faster this many times. */
const MAX_ATTEMPTS = 5

/** What was read and verified. */
interface Imported {
  readonly licenseToken: string
  readonly claims: LicenseTokenClaims
}

/** Takes a `.lic` file as this host's activation; see `LicenseKit.importLicenseFile`. */
export async function importLicenseFile(context: KitContext, path: string): Promise<LicenseCheck> {
  if (typeof path !== 'string') throw new TypeError('importLicenseFile needs a path')
  const { licenseToken, signedKey } = parseLicenseFile(await readHandedFile(path, MAX_BYTES, 'LICENSE_FILE_MALFORMED'))
  const { hostId } = await context.hostId()
  const claims = await context.verifiedTokens.verify(licenseToken, hostId)
  if (claims.key !== signedKey) throw refusal('LICENSE_FILE_MALFORMED')
  if ((await context.revocations.newest())?.tokenIds.has(claims.jti)) throw refusal('LICENSE_REVOKED')
  await store(context, { licenseToken, claims })
  // The slot is in use again.
  await context.tickets.discard({ licenseKey: claims.key, hostId })
  return await readStatus(context)
}

/** Only the token is signed, and only the token is believed. */
function parseLicenseFile(text: string): Pick<LicenseFile, 'licenseToken' | 'signedKey'> {
  const content = parseJson(text)
  if (!isRecord(content)) throw refusal('LICENSE_FILE_MALFORMED')
  const { licenseToken, signedKey } = content
  if (typeof licenseToken !== 'string' || typeof signedKey !== 'string') throw refusal('LICENSE_FILE_MALFORMED')
  return { licenseToken, signedKey }
}

/** Stores it over exactly the state it was compared with. */
async function store(context: KitContext, imported: Imported): Promise<void> {
  for (let attempt = 1; attempt <= MAX_ATTEMPTS; attempt++) {
    const { state } = await context.cache.read()
    const next = await stateAfter(context, state, imported)
    if (next === undefined) return
    let stored = false
    await context.cache.update((found) => {
      stored = found === state
      return stored ? next : undefined
    })
    if (stored) return
  }
}

/**
 * What the cache should say; undefined to leave it. A file has no contact to prove what time it is, so the highest time
 * seen stays: else importing a file again would undo a clock turned back. Only one signed after everything proven so
 * far is news of the time, and heals a clock that once ran ahead, as contact does.
 * @throws {LicenseError} LICENSE_REVOKED when the server refused this activation after the file was signed
 */
async function stateAfter(
  context: KitContext,
  found: CacheState,
  { licenseToken, claims }: Imported,
): Promise<WritableState | undefined> {
  if (found.kind === 'refused' && found.tokenId === claims.jti && claims.iat <= (found.refusedAt ?? 0)) {
    throw refusal('LICENSE_REVOKED')
  }
  const imported = { ...activationOf(context.config, claims, licenseToken, claims.iat), fromFile: true } as const
  const known = await knownClaims(context, found, claims.machine)
  if (known === undefined || found.kind !== 'activation') return { kind: 'activation', activation: imported }
  if (covers(known, claims)) return undefined
  const provenTime = Math.max(known.iat, found.activation.provenTime ?? 0)
  if (claims.iat > provenTime) return { kind: 'activation', activation: imported }
  const highestTimeSeen = Math.max(timeSeen(context, found.activation), provenTime)
  return { kind: 'activation', activation: { ...imported, highestTimeSeen, provenTime } }
}

async function knownClaims(
  { verifiedTokens }: KitContext,
  found: CacheState,
  hostId: string,
): Promise<LicenseTokenClaims | undefined> {
  if (found.kind !== 'activation') return undefined
  return await verifiedTokens.verify(found.activation.licenseToken, hostId).catch(() => undefined)
}

/** True where the token here is as recent and reaches as far: the same file again, or an older one. */
function covers(known: LicenseTokenClaims, offered: LicenseTokenClaims): boolean {
  return known.jti === offered.jti && known.iat >= offered.iat && known.exp >= offered.exp
}

function timeSeen({ timeMark }: KitContext, { highestTimeSeen, licenseToken }: CachedActivation): number {
  return Math.max(highestTimeSeen, timeMark.current(licenseToken))
}

function refusal(code: 'LICENSE_FILE_MALFORMED' | 'LICENSE_REVOKED'): LicenseError {
  return new LicenseError(code, sentenceFor(code))
}
