import { createHash } from 'node:crypto'
import { existsSync } from 'node:fs'
import { readFile } from 'node:fs/promises'
import os from 'node:os'

/** The system calls a machine id is found with; injectable, since none of their failures can be had on demand. */
export interface MachineProbes {
  readonly platform: NodeJS.Platform
  readonly env: Readonly<Record<string, string | undefined>>
  readonly exists: (file: string) => boolean
  readonly readText: (file: string) => Promise<string>
  /** node-machine-id's original value. May throw, hang, or return something wrong but plausible. */
  readonly readMachineId: () => Promise<string>
  readonly hostname: () => string
}

interface MachineIdLibrary {
  readonly machineId: (original: boolean) => Promise<string>
}

export const SYSTEM_PROBES: MachineProbes = {
  platform: process.platform,
  env: process.env,
  exists: existsSync,
  readText: (file) => readFile(file, 'utf8'),
  readMachineId: async () => {
    // Loaded only here: it costs 13 ms and runs a child process. It is CommonJS marked as ES module, so that loaders
    // disagree whether its exports are the default's or the module's own.
    const library: MachineIdLibrary & { default?: MachineIdLibrary } = await import('node-machine-id')
    return await (library.default ?? library).machineId(true)
  },
  hostname: os.hostname,
}

/** Why a machine id could not be used. */
export type MachineIdProblem = 'missing' | 'too-short' | 'placeholder' | 'hostname' | 'failed' | 'timed-out'

export type MachineIdResult =
  | { readonly machineId: string; readonly problem?: undefined }
  | { readonly machineId?: undefined; readonly problem: MachineIdProblem }

const LINUX_FILES = ['/etc/machine-id', '/var/lib/dbus/machine-id']
const LINUX_MACHINE_ID = /^[0-9a-f]{32}$/
const TIMEOUT_MS = 2_000
const MIN_LENGTH = 16

/** What vendors and images leave where an id belongs, in lower case without punctuation. */
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
 * The machine's own id, raw: never to be sent or stored. On Linux it is read from its files and nowhere else: there
 * node-machine-id would run `cat` and `hostname` from whatever PATH says. Elsewhere node-machine-id is asked, for at
 * most 2 seconds.
 */
export async function findMachineId(probes: MachineProbes, timeoutMs = TIMEOUT_MS): Promise<MachineIdResult> {
  if (probes.platform === 'linux') return await readLinuxFiles(probes)
  try {
    const machineId = await withTimeout(probes.readMachineId(), timeoutMs)
    return machineId === undefined ? { problem: 'timed-out' } : judgeMachineId(machineId, probes.hostname)
  } catch {
    return { problem: 'failed' }
  }
}

/** Refuses what many machines share: nothing, placeholders, one repeated character, the hostname. */
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

/** A container's machine id is its image's, so that many containers share it. */
export function isContainer({ env, exists }: MachineProbes): boolean {
  return exists('/.dockerenv') || exists('/run/.containerenv') || (env.KUBERNETES_SERVICE_HOST ?? '') !== ''
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

async function withTimeout<T>(work: Promise<T>, timeoutMs: number): Promise<T | undefined> {
  let timer: NodeJS.Timeout | undefined
  const timeout = new Promise<undefined>((resolve) => {
    timer = setTimeout(resolve, timeoutMs, undefined)
  })
  return await Promise.race([work, timeout]).finally(() => clearTimeout(timer))
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
