import { createHmac } from 'node:crypto'
import path from 'node:path'
import { writeAtomically } from '../../files/atomic-file'
import { LicenseError } from '../../protocol'
import { readSmallFileIfAny } from '../files/read-small-file'
import { checkSentence } from '../words/check-sentences'
import { isContainer } from './container'
import { readInstallationId } from './kept-installation-id'
import { findMachineId, type MachineIdProblem, type MachineProbes } from './machine-id'

/** The id of this host, and how the kit knows it. */
export interface HostIdentity {
  /** Opaque and stable: the option as given, or `h1.` and 43 base64url characters. */
  readonly hostId: string
  /**
   * - `option`: given by the app.
   * - `machine`: derived from the machine's own id.
   * - `installation`: derived from a random id kept in the data folder.
   */
  readonly source: 'option' | 'machine' | 'installation'
  /** True inside a container. An explicit `hostId`, or a data folder on a volume, keeps the identity there. */
  readonly container: boolean
  /** Why the machine's own id was not used or could not be confirmed; null when it was, or when nobody asked. */
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
/** The latest hostId, and as many earlier ones as the server lets a host name. */
const MAX_REMEMBERED = 9
const HOST_ID = /^h1\.[A-Za-z0-9_-]{43}$/

/**
 * Derives the hostId from a machine id. The raw id stays on the machine. Each app name gives another hostId, so that two
 * vendors cannot recognise the same machine. The prefix `h1.` leaves room for a better scheme. 46 characters.
 * @see machine-id(5) of systemd, "must not be used directly"
 */
export function deriveHostId(machineId: string, appName: string): string {
  return `h1.${createHmac('sha256', machineId).update(appName).digest('base64url')}`
}

export function isDerivedHostId(hostId: string): boolean {
  return HOST_ID.test(hostId)
}

/**
 * Works out the hostId. The first of these that applies wins:
 *
 * 1. the explicit option;
 * 2. outside containers, the machine id. Its hostId is remembered. When a later probe *fails*, the remembered hostId stays.
 *    When a later probe finds *another* machine id, the new hostId replaces it, and `activate()` still names the old one;
 * 3. inside containers, the machine id whose hostId the data folder remembers: this container shares both with its machine;
 * 4. an installation id that is kept in the data folder, or made now. That is the rule inside other containers, where the
 *    machine id is the image's and every container of the image shares it. A container whose data folder is no volume is a
 *    new host each time it is created. Beside a good machine id outside containers no installation id is believed: whoever
 *    copied its file would be the same host.
 *
 * @throws {LicenseError} HOST_ID_UNAVAILABLE when there is no machine id and an installation id cannot be kept, or the one that
 * is kept cannot be read at present: without it this would be another host
 */
export async function resolveHostId(sources: HostIdSources): Promise<HostIdentity> {
  const { appName, dataDir } = sources
  const { identity, toRemember, container, machineIdProblem } = await findHostId(sources).catch(unavailable)
  if (identity !== undefined) {
    if (toRemember.length > 0) await remember(dataDir, toRemember)
    return identity
  }
  const made = dataDir === undefined ? undefined : await makeInstallationId(dataDir)
  if (made === undefined) return unavailable()
  return fromInstallation(made, appName, container, machineIdProblem)
}

function unavailable(cause?: unknown): never {
  throw new LicenseError('HOST_ID_UNAVAILABLE', checkSentence('HOST_ID_UNAVAILABLE'), { cause })
}

/** What is known about the hostId before anything is written. */
export interface HostIdFinding extends Pick<HostIdentity, 'container' | 'machineIdProblem'> {
  /** Undefined when an installation id must be made first. */
  readonly identity: HostIdentity | undefined
  /** The hostIds that the data folder should remember from now on, the latest first; empty when nothing changes. */
  readonly toRemember: readonly string[]
}

/** All of {@link resolveHostId} but making an installation id. */
export async function findHostId({ appName, dataDir, hostId, probes }: HostIdSources): Promise<HostIdFinding> {
  const container = await isContainer(probes)
  if (hostId !== undefined) return known({ hostId, source: 'option', container, machineIdProblem: null })

  const found = await findMachineId(probes)
  const { problem = null } = found
  const fresh = found.machineId === undefined ? undefined : deriveHostId(found.machineId, appName)
  const readable = await readRemembered(dataDir).catch(() => undefined)
  const remembered = readable ?? []
  if (fresh !== undefined && (!container || remembered.includes(fresh))) {
    const isNews = !container && fresh !== remembered[0]
    const identity = { hostId: fresh, source: 'machine', container, machineIdProblem: null } as const
    return known(identity, isNews && readable ? [fresh, ...readable] : [])
  }
  const kept = dataDir === undefined ? undefined : await readInstallationId(dataDir)
  const [latest] = remembered
  if (latest !== undefined && fresh === undefined && !(container && kept !== undefined)) {
    return known({ hostId: latest, source: 'machine', container, machineIdProblem: problem })
  }
  const machineIdProblem = problem ?? 'container'
  if (kept !== undefined) return known(fromInstallation(kept, appName, container, machineIdProblem))
  return { identity: undefined, toRemember: [], container, machineIdProblem }
}

function known(identity: HostIdentity, toRemember: readonly string[] = []): HostIdFinding {
  const { container, machineIdProblem } = identity
  return { identity, toRemember, container, machineIdProblem }
}

/** The code for it is loaded once in the life of an installation. */
async function makeInstallationId(dataDir: string): Promise<string | undefined> {
  const part = await import('./installation-id').catch(() => undefined)
  return await part?.ensureInstallationId(dataDir)
}

/** The prefix keeps installation ids apart from machine ids: nobody can plant one that gives another machine's hostId. */
function fromInstallation(
  installationId: string,
  appName: string,
  container: boolean,
  machineIdProblem: HostIdentity['machineIdProblem'],
): HostIdentity {
  const hostId = deriveHostId(`installation:${installationId}`, appName)
  return { hostId, source: 'installation', container, machineIdProblem }
}

/**
 * Reads the hostIds that were derived from a machine id before, the latest first; none when the file is damaged.
 * @throws the system's error when it cannot be read at present
 */
export async function readRemembered(dataDir: string | undefined): Promise<readonly string[]> {
  if (dataDir === undefined) return []
  const text = await readSmallFileIfAny(path.join(dataDir, REMEMBERED_FILE))
  const hostIds = text.trim().split('\n')
  return hostIds.every(isDerivedHostId) ? hostIds : []
}

/** Best effort: while the machine id can be read, nothing needs to be remembered. */
async function remember(dataDir: string | undefined, hostIds: readonly string[]): Promise<void> {
  if (dataDir === undefined) return
  const text = `${[...new Set(hostIds)].slice(0, MAX_REMEMBERED).join('\n')}\n`
  await writeAtomically(path.join(dataDir, REMEMBERED_FILE), text).catch(() => undefined)
}
