import { randomUUID } from 'node:crypto'
import { fileURLToPath, pathToFileURL } from 'node:url'
import type { LicenseKit, LicenseKitOptions } from '../../src/client'
import type { MachineProbes } from '../../src/client/host/machine-id'
import { type Clock, SYSTEM_CLOCK } from '../../src/waiting/clock'

type Server = typeof import('../../src/server')
type Sqlite = typeof import('../../src/storage/sqlite')
type Kits = typeof import('../../src/client/license-kit')
type Options = typeof import('../../src/client/options')
type Statements = typeof import('../../src/server/signing/server-statement')

/** One build of keyslot, both halves. */
export interface Build extends Pick<Server, 'createLicensing' | 'createKeyring' | 'rotateKeyring' | 'revokeKey'> {
  readonly sqliteStorage: Sqlite['sqliteStorage']
  /** Absent from builds that know no statements. */
  readonly statements: Pick<Statements, 'signBridge' | 'signMoved'> | undefined
  /**
   * A kit on a machine; options that this build does not know are left out.
   * @param clock of what runs in the background; default the system's
   */
  createKit(options: LicenseKitOptions, probes: MachineProbes, clock?: Clock): LicenseKit
}

const THIS_BUILD = fileURLToPath(new URL('../..', import.meta.url))

/** @param root of a checkout; by default this one */
export async function loadBuild(root = THIS_BUILD): Promise<Build> {
  const load = (file: string) => import(pathToFileURL(`${root}/src/${file}`).href)
  const server: Server = await load('server/index.ts')
  const { sqliteStorage }: Sqlite = await load('storage/sqlite/index.ts')
  const { composeLicenseKit }: Kits = await load('client/license-kit.ts')
  const { parseOptions }: Options = await load('client/options.ts')
  const statements: Statements | undefined = await load('server/signing/server-statement.ts').catch(() => undefined)
  const system = { random: Math.random, randomId: randomUUID }
  return {
    ...server,
    sqliteStorage,
    statements,
    createKit: (options, probes, clock = SYSTEM_CLOCK) =>
      composeLicenseKit(knownOnly(parseOptions, options), { ...system, clock, probes }),
  }
}

const NEWER_OPTIONS = ['uptime', 'statementsUrl']

function knownOnly(parse: Options['parseOptions'], options: LicenseKitOptions): ReturnType<Options['parseOptions']> {
  try {
    return parse(options)
  } catch {
    return parse(Object.fromEntries(Object.entries(options).filter(([name]) => !NEWER_OPTIONS.includes(name))) as never)
  }
}
