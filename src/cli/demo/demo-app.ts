import { join } from 'node:path'
import { createLicenseKit, type LicenseKit, type LicenseKitOptions, type PublicJwk } from '../../client/index'
import { runJson } from './run-own-command'
import type { ServeLine } from './server-process'

export const APP_NAME = 'keyslot-demo'

const DAY_MS = 86_400_000

/** The app that the demo ships. */
export interface DemoApp {
  readonly dataDir: string
  /** Starts the app anew, on this machine unless `changes` say otherwise. */
  start(changes?: Partial<LicenseKitOptions>): LicenseKit
}

export function createDemoApp(line: ServeLine, trustedKeys: readonly PublicJwk[], folder: string): DemoApp {
  const { url: serverUrl, productId, publishableToken: accessToken } = line
  const dataDir = join(folder, 'app-data')
  const options = { serverUrl, productId, accessToken, trustedKeys, appName: APP_NAME, dataDir }
  return { dataDir, start: (changes = {}) => createLicenseKit({ ...options, ...changes }) }
}

/** The changes for a machine whose clock was turned back. */
export function clockBehind(days: number): Partial<LicenseKitOptions> {
  return { now: () => new Date(Date.now() - days * DAY_MS) }
}

/** The changes for a machine without network. */
export function withoutNetwork(folder: string): Partial<LicenseKitOptions> {
  return {
    dataDir: join(folder, 'machine-without-network'),
    hostId: 'machine-without-network',
    fetch: () => Promise.reject(new TypeError('there is no network here')),
  }
}

interface KeysJson {
  readonly keys: readonly { readonly kid: string; readonly jwk: PublicJwk }[]
}

/** Makes the signing key of the server's next start; returns all public keys, the new one first. */
export async function rotateKeys(storage: string): Promise<readonly PublicJwk[]> {
  const { keys } = await runJson<KeysJson>('keys', 'rotate', '--storage', storage)
  return keys.map(({ jwk }) => jwk)
}

/** Answers a request file with a license file, as the vendor does. */
export async function signRequest(storage: string, requestFile: string, licenseFile: string): Promise<void> {
  await runJson('sign', requestFile, '--storage', storage, '--out', licenseFile)
}
