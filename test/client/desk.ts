import { createLicenseKit, type LicenseKit, type LicenseKitOptions } from '../../src/client'
import { type FakeLicenseServer, PUBLISHABLE_TOKEN, startLicenseServer } from './fake-license-server'
import { temporaryDir } from './temporary-dir'
import { createSigningKey, HOST_ID, NOW, PRODUCT_ID, type SigningKey } from './token-factory'

/** A computer with an app on it, a clock to turn, and a license server to reach or not. */
export interface Desk {
  readonly server: FakeLicenseServer
  /** The computer's clock; the server has its own. */
  readonly clock: { now: Date }
  readonly dataDir: string
  /** The app started anew: another process of it, as far as the kit can tell. */
  readonly start: (changes?: Partial<LicenseKitOptions>) => LicenseKit
}

/** @param key what the server signs with */
export async function createDesk(
  changes: Partial<LicenseKitOptions> = {},
  key: SigningKey = createSigningKey(),
): Promise<Desk> {
  const server = await startLicenseServer(key)
  const clock = { now: NOW }
  const dataDir = changes.dataDir ?? (await temporaryDir())
  return { server, clock, dataDir, start: (more = {}) => createLicenseKit({ ...optionsFor(), ...changes, ...more }) }

  function optionsFor(): LicenseKitOptions {
    return {
      serverUrl: server.url,
      productId: PRODUCT_ID,
      accessToken: PUBLISHABLE_TOKEN,
      trustedKeys: [server.key.jwk],
      appName: 'acme-editor',
      dataDir,
      hostId: HOST_ID,
      now: () => clock.now,
      maxTries: 1,
      tryTimeoutMs: 5_000,
      deactivateTimeoutMs: 3_000,
    }
  }
}

export function later(seconds: number): Date {
  return new Date(NOW.getTime() + seconds * 1000)
}
