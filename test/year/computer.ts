import { randomUUID } from 'node:crypto'
import { mkdirSync } from 'node:fs'
import { join } from 'node:path'
import type { LicenseKit, LicenseKitOptions } from '../../src/client'
import { type MachineProbes, SYSTEM_PROBES } from '../../src/client/host/machine-id'
import type { Build } from './build'
import { fetchOver, type Network } from './networks'
import { DAY, type Time } from './time'
import type { Release } from './vendor'

/** A computer with its clock, its network and the folders of its users. */
export interface Computer {
  readonly name: string
  /** Null where the system tells none. */
  machineId: string | null
  network: Network
  /** How far its clock is ahead of true time, in milliseconds. */
  clockAhead: number
  /** In true time. */
  bootedAt: number
  /** What a rider sets. */
  env: Record<string, string>
  /** The files that a container has. */
  files: readonly string[]
  release: Release
  /** What the app on this computer is told besides. */
  options: Partial<LicenseKitOptions>
  folderOf(user: string): string
  /** The app's data is somewhere else from now on: an image put back, another disk. */
  moveFolder(user: string, folder: string): void
  /** Starts the app anew. */
  open(user?: string): LicenseKit
  /** Switches the computer off and on. */
  boot(): void
}

export interface Surroundings {
  readonly build: Build
  readonly time: Time
  /** Where data folders are made. */
  readonly root: string
}

export function createComputer({ build, time, root }: Surroundings, name: string, release: Release): Computer {
  const folders = new Map<string, string>()
  const computer: Computer = {
    name,
    machineId: newMachineId(),
    network: 'online',
    clockAhead: 0,
    bootedAt: time.now - DAY / 2,
    env: {},
    files: [],
    release,
    options: {},
    folderOf(user) {
      const known = folders.get(user)
      if (known !== undefined) return known
      const made = newFolder(root)
      folders.set(user, made)
      return made
    },
    moveFolder: (user, folder) => void folders.set(user, folder),
    boot() {
      computer.bootedAt = time.now - 60_000
    },
    open(user = 'owner') {
      const clock: Partial<LicenseKitOptions> = {
        now: () => time.date(computer.clockAhead),
        uptime: () => (time.now - computer.bootedAt) / 1000,
      }
      const options = {
        ...computer.release,
        appName: 'acme-editor',
        dataDir: computer.folderOf(user),
        maxTries: 1,
        tryTimeoutMs: 30_000,
        totalTimeoutMs: 60_000,
        startTimeoutMs: 60_000,
        deactivateTimeoutMs: 30_000,
        fetch: fetchOver(() => computer.network),
        ...clock,
        ...computer.options,
      }
      return build.createKit(options, probesOf(computer, user))
    },
  }
  return computer
}

export function newMachineId(): string {
  return randomUUID().replaceAll('-', '')
}

export function newFolder(root: string): string {
  const folder = join(root, randomUUID())
  mkdirSync(folder)
  return folder
}

function probesOf(computer: Computer, user: string): MachineProbes {
  const readText = async (file: string) => {
    if (file !== '/etc/machine-id' || computer.machineId === null) throw new Error('ENOENT')
    return `${computer.machineId}\n`
  }
  return {
    ...SYSTEM_PROBES,
    platform: 'linux',
    env: computer.env,
    exists: (file) => computer.files.includes(file),
    readText,
    hostname: () => computer.name,
    user: () => user,
  }
}
