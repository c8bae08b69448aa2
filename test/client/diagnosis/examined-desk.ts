import { createLicenseKit } from '../../../src/client'
import type { DiagnoseOptions } from '../../../src/client/diagnosis/diagnose-options'
import { type DiagnosisSystem, examine } from '../../../src/client/diagnosis/examine'
import { resolveHostId } from '../../../src/client/host/host-id'
import type { MachineProbes } from '../../../src/client/host/machine-id'
import { type FakeLicenseServer, type Fault, PUBLISHABLE_TOKEN, startLicenseServer } from '../fake-license-server'
import { temporaryDir } from '../temporary-dir'
import { DAY, LICENSE_KEY, NOW, PRODUCT_ID } from '../token-factory'

export const MACHINE_ID = '5f0c3a9be1d24c7f8a6b2e4d90c1f37a'
export const EXT4 = 0xef53

/** A Linux machine; nothing of the one the tests run on shows through. */
export function machine(
  machineId: string | undefined,
  changes: Partial<MachineProbes> = {},
  type = EXT4,
): DiagnosisSystem {
  const probes: MachineProbes = {
    platform: 'linux',
    env: {},
    exists: () => false,
    readText: async () => machineId ?? Promise.reject(new Error('ENOENT')),
    readMachineId: () => Promise.reject(new Error('not asked on Linux')),
    user: () => '1000',
    hostname: () => 'ada-laptop',
    ...changes,
  }
  return { probes, fileSystemType: async () => type }
}

export const PHYSICAL = machine(MACHINE_ID)
export const DOCKER = { exists: (file: string) => file === '/.dockerenv' }

/** A fake license server that also tells its health and its keys. */
export async function startServer(): Promise<FakeLicenseServer> {
  const server = await startLicenseServer()
  server.fault = wellKnown(server)
  return server
}

export function wellKnown(server: FakeLicenseServer, health: object = { status: 'ok' }): Fault {
  return (response, { path: asked }) => {
    if (asked === '/licensing/healthz') response.end(JSON.stringify(health))
    else if (asked.endsWith('jwks.json')) response.end(JSON.stringify({ keys: [server.key.jwk] }))
    else return false
    return true
  }
}

interface Desk {
  readonly server: FakeLicenseServer
  readonly dataDir: string
  readonly doctor: (changes?: Partial<DiagnoseOptions>, system?: DiagnosisSystem) => ReturnType<typeof examine>
}

/** A computer on which the license was activated for the machine {@link PHYSICAL}. */
export async function setUp(): Promise<Desk> {
  const server = await startServer()
  const dataDir = await temporaryDir()
  const { hostId } = await resolveHostId({ appName: 'acme', dataDir, hostId: undefined, probes: PHYSICAL.probes })
  const kit = createLicenseKit({
    serverUrl: server.url,
    productId: PRODUCT_ID,
    accessToken: PUBLISHABLE_TOKEN,
    trustedKeys: [server.key.jwk],
    appName: 'acme',
    dataDir,
    hostId,
    now: () => NOW,
  })
  await kit.activate(LICENSE_KEY)
  const doctor: Desk['doctor'] = (changes = {}, system = PHYSICAL) =>
    examine({ appName: 'acme', dataDir, now: () => NOW, timeoutMs: 1_000, ...changes }, system)
  return { server, dataDir, doctor }
}

export const daysLater = (days: number) => new Date(NOW.getTime() + days * DAY * 1000)
