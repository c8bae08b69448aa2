import { isRecord } from '../../protocol/json'
import { fileIn } from '../files/newest-file'
import { readSmallFile } from '../files/read-small-file'
import { type Bridge, bridgeOf, type CarriedToken, carryOver } from '../trust/bridge'
import { bridgesOf, MAX_BRIDGES, readBridges } from '../trust/bridges'
import { decodePart } from '../trust/decode-jws'
import { listsOf } from '../trust/revocation-list'
import type { KeySource } from '../trust/trusted-keys'
import type { LicenseCheck } from '../words/license-check'

/** What stored bridges are judged by. */
interface Judges {
  readonly dataDir: string | undefined
  readonly issuer: string
  readonly keys: { readonly of: 'trusted-keys' | 'server-keys'; readonly source: KeySource } | undefined
}

const MAX_BYTES = 33_554_432

/** Says what `check()` would say under the bridges that are stored, if there are any. */
export async function underStoredBridge(
  judges: Judges,
  productId: string,
  token: CarriedToken,
  judged: LicenseCheck,
): Promise<LicenseCheck> {
  const text = await readStored(judges.dataDir, 'bridge.jws')
  const bridges = text === undefined ? [] : await storedBridges(text, judges, productId)
  return carryOver(bridges, token, judged)
}

/**
 * The server's address that a stored statement names in place of this one. It is not verified: nothing secret is sent there.
 * @returns undefined where there is none
 */
export async function movedFrom(dataDir: string | undefined, serverUrl: string): Promise<string | undefined> {
  const [line = '', from] = ((await readStored(dataDir, 'moved.jws')) ?? '').split('\n')
  const claims = decodePart(line, 1)
  return from === serverUrl && isRecord(claims) && typeof claims.serverUrl === 'string' ? claims.serverUrl : undefined
}

/** Without the app's own keys a bridge is taken as it says, like the license token itself. */
async function storedBridges(text: string, judges: Judges, productId: string): Promise<readonly Bridge[]> {
  const { issuer, keys } = judges
  if (keys?.of !== 'trusted-keys') return bridgesOf(unverifiedBridges(text, productId)).all
  const reader = { trustStore: await keys.source.current(), issuer, productId }
  return await readBridges(text, reader).then(
    ({ all }) => all,
    () => [],
  )
}

function unverifiedBridges(text: string, productId: string): readonly Bridge[] {
  return text.split('\n', MAX_BRIDGES).flatMap((line) => {
    const claims = decodePart(line, 1)
    try {
      return isRecord(claims) ? bridgeOf(line, claims, { productId }, listsOf([])) : []
    } catch {
      return []
    }
  })
}

async function readStored(dataDir: string | undefined, name: string): Promise<string | undefined> {
  const file = fileIn(dataDir, name)
  return file === undefined ? undefined : await readSmallFile(file, MAX_BYTES).catch(() => undefined)
}
