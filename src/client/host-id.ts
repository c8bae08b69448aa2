import { createHmac } from 'node:crypto'
import { readFile } from 'node:fs/promises'
import path from 'node:path'
import { LicenseError } from '../protocol'
import { writeAtomically } from './atomic-file'
import { ensureInstallationId, readInstallationId } from './installation-id'
import { findMachineId, isContainer, type MachineIdProblem, type MachineProbes } from './machine-id'
import { sentenceFor } from './messages'

/** Which host this is, and how the kit knows. */
export interface HostIdentity {
  /** Opaque and stable: the option as given, or `h1.` and 43 base64url characters. */
  readonly hostId: string
  /**
   * - `option`: given by the app.
   * - `machine`: derived from the machine's own id.
   * - `installation`: derived from a random id kept in the data folder.
   */
  readonly source: 'option' | 'machine' | 'installation'
  /** True inside a container. There, an explicit `hostId` or a data folder on a volume keeps the identity. */
  readonly container: boolean
  /** Why the machine's own id was not used, or could not be confirmed; null where it was or nobody asked. */
  readonly machineIdProblem: MachineIdProblem | 'container' | null
}

export interface HostIdSources {
  readonly appName: string
  readonly dataDir: string | undefined
  /** The explicit option. */
  readonly hostId: string | undefined
  readonly probes: MachineProbes
}

const REMEMBERED_FILE = 'host-id'
const HOST_ID = /^h1\.[A-Za-z0-9_-]{43}$/

/**
 * The raw id stays on the machine: keyed this way, two vendors cannot correlate one machine, and `h1.` leaves room for a
 * better scheme. 46 characters.
 * @see machine-id(5) of systemd, "must not be used directly"
 */
export function deriveHostId(machineId: string, appName: string): string {
  return `h1.${createHmac('sha256', machineId).update(appName).digest('base64url')}`
}

/**
 * Works out the hostId. The first that applies wins:
 *
 * 1. the explicit option;
 * 2. an installation id kept earlier, which nothing overrides;
 * 3. outside containers, the machine id. Once chosen it is remembered: a later probe that *fails* keeps the remembered
 *    hostId, one that finds *another* machine id replaces it;
 * 4. an installation id, made now. Inside containers this is the rule, since a machine id there is its image's and
 *    shared by every container made from it; a container whose data folder is no volume is a new host each time it is
 *    created anew.
 *
 * @throws {LicenseError} HOST_ID_UNAVAILABLE when there is no machine id and an installation id cannot be kept
 */
export async function resolveHostId({ appName, dataDir, hostId, probes }: HostIdSources): Promise<HostIdentity> {
  const container = isContainer(probes)
  if (hostId !== undefined) return { hostId, source: 'option', container, machineIdProblem: null }

  const kept = dataDir === undefined ? undefined : await readInstallationId(dataDir)
  if (kept !== undefined) return fromInstallation(kept, appName, container, null)

  const found = await findMachineId(probes)
  const fresh = found.machineId === undefined ? undefined : deriveHostId(found.machineId, appName)
  const remembered = await readRemembered(dataDir)
  if (remembered !== undefined && (fresh === undefined || fresh === remembered)) {
    return { hostId: remembered, source: 'machine', container, machineIdProblem: found.problem ?? null }
  }
  if (fresh !== undefined && !container) {
    await remember(dataDir, fresh)
    return { hostId: fresh, source: 'machine', container, machineIdProblem: null }
  }

  const made = dataDir === undefined ? undefined : await ensureInstallationId(dataDir)
  if (made === undefined) throw new LicenseError('HOST_ID_UNAVAILABLE', sentenceFor('HOST_ID_UNAVAILABLE'))
  return fromInstallation(made, appName, container, found.problem ?? 'container')
}

/** Kept apart from machine ids, so that no installation id can be planted that yields another machine's hostId. */
function fromInstallation(
  installationId: string,
  appName: string,
  container: boolean,
  machineIdProblem: HostIdentity['machineIdProblem'],
): HostIdentity {
  const hostId = deriveHostId(`installation:${installationId}`, appName)
  return { hostId, source: 'installation', container, machineIdProblem }
}

async function readRemembered(dataDir: string | undefined): Promise<string | undefined> {
  if (dataDir === undefined) return undefined
  const text = await readFile(path.join(dataDir, REMEMBERED_FILE), 'utf8').catch(() => '')
  return HOST_ID.test(text.trim()) ? text.trim() : undefined
}

/** Best effort: a machine id that can be read again needs no memory. */
async function remember(dataDir: string | undefined, hostId: string): Promise<void> {
  if (dataDir === undefined) return
  await writeAtomically(path.join(dataDir, REMEMBERED_FILE), `${hostId}\n`).catch(() => undefined)
}
