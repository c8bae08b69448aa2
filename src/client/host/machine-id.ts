import { createHash } from 'node:crypto'
import { existsSync } from 'node:fs'
import os from 'node:os'
import { isTimeout, withTimeout } from '../../waiting/with-timeout'
import { readSmallFile } from '../files/read-small-file'

/** The system calls that find a machine id. Tests put in their own, since no failure of the real ones comes on demand. */
export interface MachineProbes {
  readonly platform: NodeJS.Platform
  readonly env: Readonly<Record<string, string | undefined>>
  readonly exists: (file: string) => boolean
  readonly readText: (file: string) => Promise<string>
  /** The original value of node-machine-id. May throw, hang, or return a value that is wrong but plausible. */
  readonly readMachineId: () => Promise<string>
  readonly hostname: () => string
  /** Names the user of the computer that runs this process, the same at every start. May throw. */
  readonly user: () => string
}

interface MachineIdLibrary {
  readonly machineId: (original: boolean) => Promise<string>
}

export const SYSTEM_PROBES: MachineProbes = {
  platform: process.platform,
  env: process.env,
  exists: existsSync,
  readText: (file) => readSmallFile(file),
  readMachineId: async () => {
    // Loaded only here: it costs 13 ms and runs a child process. It is CommonJS marked as an ES module, so some loaders
    // put its exports on `default` and others on the module itself.
    const library: MachineIdLibrary & { default?: MachineIdLibrary } = await import('node-machine-id')
    const { machineId } = library.default ?? library
    const { withSystemPrograms } = await import('./system-programs')
    return await withSystemPrograms({ platform: process.platform, exists: existsSync }, () => machineId(true))
  },
  hostname: os.hostname,
  user: () => String(process.getuid?.() ?? os.userInfo().username),
}

/** Why the machine id could not be used. */
export type MachineIdProblem = 'missing' | 'too-short' | 'placeholder' | 'hostname' | 'failed' | 'timed-out'

export type MachineIdResult =
  | { readonly machineId: string; readonly problem?: undefined }
  | { readonly machineId?: undefined; readonly problem: MachineIdProblem }

const LINUX_FILES = ['/etc/machine-id', '/var/lib/dbus/machine-id']
const LINUX_MACHINE_ID = /^[0-9a-f]{32}$/
const TIMEOUT_MS = 2_000
const MIN_LENGTH = 16

/** Texts that vendors and disk images leave in place of an id, in lower case and without punctuation. */
const PLACEHOLDERS = new Set([
  'uninitialized',
  'none',
  'null',
  'undefined',
  'unknown',
  'defaultstring',
  'tobefilledbyoem',
  'notapplicable',
  'notspecified',
  'systemserialnum',
  'systemserialnumber',
  '03000200040005000006000700080009',
  ...['', 'uninitialized', '0'.repeat(32)].map(sha256),
])

/**
 * Finds the machine's own id. The raw id is never sent or stored. On Linux it is read from its files only: node-machine-id
 * would run `cat` and `hostname` from any folder in PATH there. On other systems node-machine-id has at most 2 seconds.
 */
export async function findMachineId(probes: MachineProbes, timeoutMs = TIMEOUT_MS): Promise<MachineIdResult> {
  if (probes.platform === 'linux') return await readLinuxFiles(probes)
  try {
    return judgeMachineId(await withTimeout(() => probes.readMachineId(), timeoutMs), probes.hostname)
  } catch (error) {
    return { problem: isTimeout(error) ? 'timed-out' : 'failed' }
  }
}

/** Refuses an id that many machines share: an empty one, a placeholder, one repeated character, the hostname. */
export function judgeMachineId(value: unknown, hostname: () => string): MachineIdResult {
  if (typeof value !== 'string') return { problem: 'missing' }
  const machineId = value.trim()
  const compact = machineId.toLowerCase().replace(/[^a-z0-9]/g, '')
  if (compact === '') return { problem: 'missing' }
  if (PLACEHOLDERS.has(compact) || /^(.)\1*$/.test(compact)) return { problem: 'placeholder' }
  const name = readHostname(hostname)
  if (machineId === name || machineId === sha256(name)) return { problem: 'hostname' }
  return compact.length < MIN_LENGTH ? { problem: 'too-short' } : { machineId }
}

async function readLinuxFiles(probes: MachineProbes): Promise<MachineIdResult> {
  let problem: MachineIdProblem = 'missing'
  for (const file of LINUX_FILES) {
    const text = await probes.readText(file).then(
      (content) => content.trim(),
      () => '',
    )
    const judged = judgeMachineId(text, probes.hostname)
    if (judged.machineId !== undefined && LINUX_MACHINE_ID.test(judged.machineId)) return judged
    if (problem === 'missing') problem = judged.problem ?? 'placeholder'
  }
  return { problem }
}

function readHostname(hostname: () => string): string {
  try {
    return hostname()
  } catch {
    return ''
  }
}

function sha256(text: string): string {
  return createHash('sha256').update(text).digest('hex')
}
