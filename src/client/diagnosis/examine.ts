import { DEFAULT_ISSUER, type PublicJwk } from '../../protocol'
import { assertAppName, resolveDataDir } from '../files/data-dir'
import { type MachineProbes, SYSTEM_PROBES } from '../host/machine-id'
import { createReadClocks } from '../host/system-clocks'
import { proxyOf, systemNow } from '../options'
import { createTrustStore, type TrustStore } from '../trust/trust-store'
import { createTrustedKeys } from '../trust/trusted-keys'
import { createFetch } from '../wire/create-fetch'
import { assertKnown } from '../words/assert-known'
import { assertServerUrl } from '../words/server-url'
import type { DiagnoseOptions } from './diagnose-options'
import type { Diagnosis } from './diagnosis'
import { examineFolder, type ReadFileSystemType, readFileSystemType } from './examine-folder'
import { examineHost } from './examine-host'
import { examineLicense, type Judges, readStored } from './examine-license'
import { type Asking, examineServer, type ServerAnswer } from './examine-server'
import { findNotes, findProblems } from './problems-and-notes'

/** The parts of the system that the examination uses. Tests put in their own. */
export interface DiagnosisSystem {
  readonly probes: MachineProbes
  readonly fileSystemType: ReadFileSystemType
}

const SYSTEM: DiagnosisSystem = { probes: SYSTEM_PROBES, fileSystemType: readFileSystemType }

/** The compiler keeps this list complete. */
const KNOWN_OPTIONS: Record<keyof DiagnoseOptions, true> = {
  appName: true,
  dataDir: true,
  hostId: true,
  serverUrl: true,
  productId: true,
  trustedKeys: true,
  issuer: true,
  fetch: true,
  proxy: true,
  now: true,
  timeoutMs: true,
}

const TIMEOUT_MS = 5_000

/** `diagnose()` itself; see there. */
export async function examine(options: DiagnoseOptions, system = SYSTEM): Promise<Diagnosis> {
  assertKnown(options, KNOWN_OPTIONS)
  const appName = assertAppName(options.appName)
  const dataDir = resolveDataDir(appName, options.dataDir)
  const now = (options.now ?? systemNow)()
  const reading = createReadClocks(systemNow, options.now)()
  const state = await readStored(dataDir)
  const activation = state.kind === 'activation' ? state.activation : undefined

  const sources = { appName, dataDir, hostId: options.hostId, probes: system.probes }
  const host = await examineHost(sources, activation?.hostId)
  const folder = await examineFolder(dataDir, host.container, system.fileSystemType)
  const answer = await askServer(options, dataDir, activation?.serverUrl, system)
  const license = await examineLicense(state, {
    dataDir,
    host,
    productId: options.productId,
    issuer: options.issuer ?? DEFAULT_ISSUER,
    keys: keysOf(options, dataDir, answer?.keys ?? []),
    reading,
    serverAheadSeconds: answer?.finding.clockAheadSeconds ?? undefined,
    persisted: folder.writable || activation !== undefined,
  })

  const findings = { host, folder, license, server: answer?.finding ?? null }
  const problems = findProblems(findings)
  return {
    healthy: problems.length === 0,
    problems,
    notes: findNotes(findings, system.probes.env),
    examinedAt: now,
    runtime: { node: process.versions.node, platform: process.platform, arch: process.arch },
    ...findings,
  }
}

async function askServer(
  options: DiagnoseOptions,
  dataDir: string | undefined,
  storedUrl: string | undefined,
  system: DiagnosisSystem,
): Promise<ServerAnswer | undefined> {
  const proxy = proxyOf(options.proxy)
  const given = options.serverUrl
  // Nothing secret is sent, so plain http: does no harm here. A note mentions it.
  const named = given === undefined ? usableUrl(storedUrl) : assertServerUrl(given, true)
  if (named === undefined) return undefined
  const { movedFrom } = await import('./examine-statements')
  const moved = usableUrl(await movedFrom(dataDir, named))
  const asking: Asking = {
    serverUrl: moved ?? named,
    namedBy: moved !== undefined ? 'statement' : given === undefined ? 'license' : 'option',
    fetch: options.fetch ?? createFetch(proxy),
    ownFetch: options.fetch !== undefined,
    proxy,
    env: system.probes.env,
    timeoutMs: options.timeoutMs ?? TIMEOUT_MS,
    now: options.now ?? systemNow,
  }
  return await examineServer(asking)
}

/** A server's URL in a file, unless it is no usable URL. */
function usableUrl(serverUrl: string | undefined): string | undefined {
  try {
    return serverUrl === undefined ? undefined : assertServerUrl(serverUrl, true)
  } catch {
    return undefined
  }
}

/** The keys to verify with. Given keys also bring the keys that they have vouched for on this computer. */
function keysOf(
  { trustedKeys, issuer = DEFAULT_ISSUER }: DiagnoseOptions,
  dataDir: string | undefined,
  published: readonly PublicJwk[],
): Judges['keys'] {
  if (trustedKeys !== undefined) {
    return { of: 'trusted-keys', source: createTrustedKeys(dataDir, createTrustStore(trustedKeys), issuer) }
  }
  const known = trustStoreOf(published)
  return known === undefined ? undefined : { of: 'server-keys', source: { known, current: async () => known } }
}

/** Undefined when a server publishes no keys, or unusable ones. */
function trustStoreOf(published: readonly PublicJwk[]): TrustStore | undefined {
  try {
    return createTrustStore(published)
  } catch {
    return undefined
  }
}
