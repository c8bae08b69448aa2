import { randomUUID } from 'node:crypto'
import { cp, readFile, writeFile } from 'node:fs/promises'
import path from 'node:path'
import { type MachineProbes, SYSTEM_PROBES } from '../../src/client/host/machine-id'
import { composeLicenseKit, type LicenseKit } from '../../src/client/license-kit'
import { type LicenseKitOptions, parseOptions } from '../../src/client/options'
import { SYSTEM_CLOCK } from '../../src/waiting/clock'
import { temporaryDir } from '../client/temporary-dir'
import type { Fixture } from '../server/http/harness'

export const DAY = 86_400_000

/** A Linux machine of this id; of none, without one. */
export function machine(machineId?: string, changes: Partial<MachineProbes> = {}): MachineProbes {
  const readText = async (file: string) => {
    if (file !== '/etc/machine-id' || machineId === undefined) throw new Error('ENOENT')
    return `${machineId}\n`
  }
  return { ...SYSTEM_PROBES, platform: 'linux', env: {}, exists: () => false, readText, ...changes }
}

/** The machine id of the computer of this number. */
export function idOf(index: number): string {
  return `3d1219c7c4c5404aaa1f6d2a48adfd${10 + index}`
}

/** The app started anew, in this folder on this machine; its clock is the server's. */
export function startApp(
  fixture: Fixture,
  dataDir: string,
  probes: MachineProbes,
  changes: Partial<LicenseKitOptions> = {},
): LicenseKit {
  const config = parseOptions({
    serverUrl: fixture.url,
    productId: fixture.productId,
    accessToken: fixture.publishable,
    trustedKeys: fixture.licensing.jwks.keys,
    appName: 'acme-editor',
    dataDir,
    maxTries: 1,
    now: () => fixture.clock.now,
    ...changes,
  })
  return composeLicenseKit(config, { probes, clock: SYSTEM_CLOCK, random: Math.random, randomId: randomUUID })
}

export async function copyOf(dataDir: string): Promise<string> {
  const copy = path.join(await temporaryDir(), 'copy')
  await cp(dataDir, copy, { recursive: true })
  return copy
}

/** Takes out what the kit knows of its folder: what a kit stored that looked at the machine id alone. */
export async function forgetFolder(dataDir: string): Promise<void> {
  const file = path.join(dataDir, 'license.json')
  const { folder: _folder, ...record } = JSON.parse(await readFile(file, 'utf8'))
  await writeFile(file, JSON.stringify(record))
}
