/**
 * An app that ships the kit: one start of it. It reads what to do from the file that it is called with, and writes what came
 * of it to another, since not every platform that it is tried on has pipes that work.
 */
import { readFileSync, writeFileSync } from 'node:fs'
import { createLicenseKit, diagnose, type LicenseKit, type LicenseKitOptions, runUninstall } from 'keyslot/client'
import { hold } from './held-file'

/** Steps of a start, in their order. */
export type Step =
  | 'check'
  | 'activate'
  | 'refresh'
  | 'deactivate'
  | 'uninstall'
  | 'host'
  | 'folder'
  | 'reach'
  | { readonly float: string }
  /** Holds a file: at once, or when the server says yes next. */
  | { readonly hold: string; readonly forMs: number; readonly from: 'now' | 'answer' }
  | { readonly request: string }
  | { readonly import: string }

export interface AppSetup {
  readonly options: Omit<LicenseKitOptions, 'now'>
  readonly licenseKey: string
  readonly steps: readonly Step[]
  /** Variables of the process that are changed before the kit is made. */
  readonly env: Readonly<Record<string, string>>
  /** By how much the computer's clock is wrong. */
  readonly clockAheadMs: number
  /** The file for the {@link AppReport}. */
  readonly report: string
}

export interface AppReport {
  /** A word for each step: a status, an outcome, or the code of an error. */
  readonly said: readonly string[]
  /** Codes of the process warnings. */
  readonly warnings: readonly string[]
}

async function take(
  step: Exclude<Step, { float: string }>,
  kit: LicenseKit,
  { options, licenseKey }: AppSetup,
): Promise<string> {
  if (typeof step === 'object') {
    if ('hold' in step) return step.from === 'now' ? hold(step.hold, step.forMs) : holdAtNextYes(step)
    if ('import' in step) return (await kit.importLicenseFile(step.import)).status
    return (await kit.createActivationRequest(licenseKey, step.request)).hostId
  }
  if (step === 'host') return Object.values(await kit.hostId()).join(' ')
  if (step === 'folder' || step === 'reach') return await examine(step, options)
  if (step === 'deactivate') return (await kit.deactivate()).outcome
  if (step === 'uninstall')
    return (
      await runUninstall({ appName: options.appName, dataDir: options.dataDir, timeoutMs: options.deactivateTimeoutMs })
    ).outcome
  return (await (step === 'activate' ? kit.activate(licenseKey) : kit[step]())).status
}

function holdAtNextYes({ hold: file, forMs }: { readonly hold: string; readonly forMs: number }): string {
  const ask = globalThis.fetch
  globalThis.fetch = async (...request) => {
    const answer = await ask(...request)
    // The server may ask for another proof first.
    if (answer.status !== 200) return answer
    globalThis.fetch = ask
    hold(file, forMs)
    return answer
  }
  return 'later'
}

async function examine(what: 'folder' | 'reach', { appName, dataDir, serverUrl, proxy }: AppSetup['options']) {
  const { folder, server } = await diagnose({ appName, dataDir, serverUrl, proxy })
  if (what === 'folder') return [folder.path, folder.systemCode].filter(Boolean).join(' ')
  return [server?.health, server?.systemCode].filter(Boolean).join(' ')
}

/**
 * Takes a seat, keeps it while the computer sleeps for ten minutes, which renews it, and gives it back. A seat that looks at
 * the clocks every few seconds does so in a fraction of one here.
 */
async function float({ floating }: LicenseKit, licenseKey: string, clock: { aheadMs: number }): Promise<string> {
  hurryTimers()
  const session = await floating.checkout(licenseKey)
  const held = session.status
  const renewed = new Promise((resolve) => session.on('renewed', resolve))
  // The session's own timers keep no process alive.
  const alive = setInterval(() => undefined, 1_000)
  clock.aheadMs += 600_000
  await renewed
  clearInterval(alive)
  const { outcome } = await session.checkin()
  return [held, 'renewed', outcome, session.status].join(' ')
}

function hurryTimers(): void {
  const setTimer = globalThis.setTimeout
  const hurried = (run: (...args: unknown[]) => void, ms = 0, ...args: unknown[]) =>
    setTimer(run, ms >= 10_000 ? ms / 50 : ms, ...args)
  globalThis.setTimeout = Object.assign(hurried, setTimer) as typeof setTimer
}

async function main(file: string): Promise<void> {
  const setup: AppSetup = JSON.parse(readFileSync(file, 'utf8'))
  const report = { said: [] as string[], warnings: [] as string[] }
  process.on('warning', (warning: Error & { code?: string }) => report.warnings.push(warning.code ?? warning.message))
  Object.assign(process.env, setup.env)
  const clock = { aheadMs: setup.clockAheadMs }
  const kit = createLicenseKit({ ...setup.options, now: () => new Date(Date.now() + clock.aheadMs) })
  for (const step of setup.steps) {
    const taken = typeof step === 'object' && 'float' in step ? float(kit, step.float, clock) : take(step, kit, setup)
    report.said.push(await taken.catch((error) => String(error.code ?? error)))
  }
  // A warning comes in a later turn.
  await new Promise(setImmediate)
  writeFileSync(setup.report, JSON.stringify(report))
}

void main(process.argv[2] ?? '')
