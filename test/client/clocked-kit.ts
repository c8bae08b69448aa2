import { randomUUID } from 'node:crypto'
import type { LicenseKitOptions } from '../../src/client'
import { type MachineProbes, SYSTEM_PROBES } from '../../src/client/host/machine-id'
import { composeLicenseKit, type LicenseKit } from '../../src/client/license-kit'
import { parseOptions } from '../../src/client/options'
import { type FakeLicenseServer, PUBLISHABLE_TOKEN, startLicenseServer } from './fake-license-server'
import { ManualClock } from './manual-clock'
import { NOW, PRODUCT_ID } from './token-factory'

/** A server, and the clock that it goes by, which is moved by hand. */
export interface Clocked {
  readonly server: FakeLicenseServer
  readonly clock: ManualClock
}

export async function startClocked(): Promise<Clocked> {
  const server = await startLicenseServer()
  const clock = new ManualClock(NOW, (now) => {
    server.now = now
  })
  return { server, clock }
}

/** What a kit of the server is not told by its options. */
interface Around {
  readonly probes?: MachineProbes
  /** From 0 up to 1. */
  readonly random?: number
}

/** A kit of that server, on that clock. */
export function composeClocked(
  { server, clock }: Clocked,
  options: Partial<LicenseKitOptions>,
  { probes = SYSTEM_PROBES, random = 0.5 }: Around = {},
): LicenseKit {
  const config = parseOptions({
    serverUrl: server.url,
    productId: PRODUCT_ID,
    accessToken: PUBLISHABLE_TOKEN,
    trustedKeys: [server.key.jwk],
    appName: 'acme-editor',
    now: clock.now,
    maxTries: 1,
    ...options,
  })
  return composeLicenseKit(config, { probes, clock, random: () => random, randomId: randomUUID })
}
