import { LicenseError, type LicenseFile, type LicenseTokenClaims } from '../../protocol'
import { isRecord, isTexts, parseJson } from '../../protocol/json'
import { check } from '../check/check'
import { readHandedFile } from '../files/read-handed-file'
import type { KitContext, OnlineContext } from '../kit-context'
import type { CacheState, WritableState } from '../store/cache-record'
import { findActivation } from '../store/same-license'
import { errorSentence } from '../words/error-sentences'
import type { LicenseCheck } from '../words/license-check'
import { activationOf, evidenceFor, type SignedToken, timesAfter } from './read-activation'

/** Well above the largest token in its envelope. */
const MAX_BYTES = 131_072
/** No process changes the cache often enough to be faster this many times. */
const MAX_ATTEMPTS = 5

/** Makes a `.lic` file this host's activation; see `LicenseKit.importLicenseFile`. */
export async function importLicenseFile(context: OnlineContext, path: string): Promise<LicenseCheck> {
  if (typeof path !== 'string') throw new TypeError('importLicenseFile needs a path')
  const file = parseLicenseFile(await readHandedFile(path, MAX_BYTES, () => refusal('LICENSE_FILE_MALFORMED')))
  const { licenseToken, signedKey, keyStatements } = file
  const { hostId } = await context.hostId()
  // The statements are signed themselves. When they are of no use, the known keys judge the token.
  if (keyStatements.length > 0) await context.trustedKeys.take(keyStatements).catch(() => undefined)
  const claims = await context.verifiedTokens.verify(licenseToken, hostId, undefined)
  if (claims.key !== signedKey) throw refusal('LICENSE_FILE_MALFORMED')
  if (await context.revocations.revokes(claims, {})) throw refusal('LICENSE_REVOKED')
  await store(context, { licenseToken, claims })
  // The slot is in use again.
  await context.tickets.discard({ licenseKey: claims.key, hostId })
  return await check(context)
}

/** Reads the token and the key statements, which are signed, and the key that the token must name. Nothing else is used. */
function parseLicenseFile(text: string): Required<Pick<LicenseFile, 'licenseToken' | 'signedKey' | 'keyStatements'>> {
  const content = parseJson(text)
  if (!isRecord(content)) throw refusal('LICENSE_FILE_MALFORMED')
  const { licenseToken, signedKey, keyStatements } = content
  if (typeof licenseToken !== 'string' || typeof signedKey !== 'string') throw refusal('LICENSE_FILE_MALFORMED')
  return { licenseToken, signedKey, keyStatements: isTexts(keyStatements) ? keyStatements : [] }
}

/** Stores the activation, but only over the state that it was compared with. */
async function store(context: KitContext, imported: SignedToken): Promise<void> {
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
 * The state that the import leaves in the cache; undefined to leave the cache as it is.
 *
 * A file does not prove the present time, as contact does, so the highest time seen stays. Otherwise somebody who has turned
 * the clock back could import a file again to hide it. Only a file that was signed after every time proven so far is news: see
 * `signedTime`.
 *
 * @throws {LicenseError} LICENSE_REVOKED when the server refused this activation after the file was signed
 */
async function stateAfter(
  context: KitContext,
  found: CacheState,
  token: SignedToken,
): Promise<WritableState | undefined> {
  const { licenseToken, claims } = token
  if (found.kind === 'refused' && found.tokenId === claims.jti && claims.iat <= (found.refusedAt ?? 0)) {
    throw refusal('LICENSE_REVOKED')
  }
  // A file names no key; the server may still know this host by one.
  const proofKey = findActivation(found, claims.key)?.proofKey
  const known = await knownClaims(context, found, claims.machine)
  if (known !== undefined && covers(known, claims)) return undefined
  const times = timesAfter(context, found, known, token)
  const activation = activationOf(context.config, claims, licenseToken, times, proofKey)
  const evidence = await evidenceFor(context, claims.machine)
  // A bridge that gave a budget gives none once more, whatever file comes between.
  const { statedAt } = found.kind === 'activation' ? found.activation : {}
  const stated = statedAt === undefined ? {} : { statedAt }
  return { kind: 'activation', activation: { ...activation, ...evidence, ...stated, fromFile: true } }
}

async function knownClaims(
  { verifiedTokens }: KitContext,
  found: CacheState,
  hostId: string,
): Promise<LicenseTokenClaims | undefined> {
  if (found.kind !== 'activation') return undefined
  const { licenseToken, proofKey } = found.activation
  return await verifiedTokens.verify(licenseToken, hostId, proofKey).catch(() => undefined)
}

/** Whether the stored token is as recent as the file's and reaches as far: the file is the same, or an older one. */
function covers(known: LicenseTokenClaims, offered: LicenseTokenClaims): boolean {
  return known.jti === offered.jti && known.iat >= offered.iat && known.exp >= offered.exp
}

function refusal(code: 'LICENSE_FILE_MALFORMED' | 'LICENSE_REVOKED'): LicenseError {
  return new LicenseError(code, errorSentence(code))
}
