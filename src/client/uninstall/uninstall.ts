import { DEFAULTS } from '../options'
import type { SecretStore } from '../store/secret-store'
import type { Fetch } from '../wire/fetch'
import { type DeactivateResult, NOTHING_TO_FREE } from '../words/deactivate-result'

/** What {@link runUninstall} takes: the rest it reads from the cache file. */
export interface UninstallOptions {
  /** As given to `createLicenseKit`. */
  readonly appName: string
  /** As given to `createLicenseKit`. */
  readonly dataDir?: string | undefined
  /** Longest duration, in milliseconds. Default 3000 (3 seconds). */
  readonly timeoutMs?: number | undefined
  /** Sends requests in place of the global `fetch`. */
  readonly fetch?: Fetch | undefined
  /**
   * As given to `createLicenseKit`. What it does not open, here and now, is left as it is: the slot is then freed by the
   * server's own expiry.
   */
  readonly secretStore?: SecretStore | undefined
}

/** What came of {@link runUninstall}. */
export interface UninstallResult extends DeactivateResult {
  /** What to exit with: always 0, since an uninstaller must never stop over a license. */
  readonly exitCode: 0
}

/** The argument an installer starts the app's own executable with. */
export const UNINSTALL_ARGUMENT = '--keyslot-deactivate'

/**
 * Frees this host's slot from an uninstaller: no dialog, no output, no license check.
 *
 * @returns always, within `timeoutMs`, whatever is wrong. Offline, a ticket stays in the data folder, which the next
 * run of an app of that name delivers.
 * @example
 * ```ts
 * if (process.argv.includes(UNINSTALL_ARGUMENT)) {
 *   const { exitCode } = await runUninstall({ appName: 'acme-editor' })
 *   process.exit(exitCode)
 * }
 * ```
 */
export async function runUninstall(options: UninstallOptions): Promise<UninstallResult> {
  const timeoutMs = timeoutOf(options)
  let timer: NodeJS.Timeout | undefined
  // The files may be on a disk that hangs; the ticket, if one could be written, was.
  const timeout = new Promise<DeactivateResult>((resolve) => {
    timer = setTimeout(resolve, timeoutMs, { outcome: 'queued-offline', persisted: false })
  })
  const work = import('./uninstall-host').then(({ uninstallHost }) => uninstallHost(options, timeoutMs))
  const result = await Promise.race([work.catch(() => NOTHING_TO_FREE), timeout])
  clearTimeout(timer)
  return { ...result, exitCode: 0 }
}

function timeoutOf(options: UninstallOptions): number {
  const timeoutMs = options?.timeoutMs
  return typeof timeoutMs === 'number' && timeoutMs > 0 && timeoutMs < 2 ** 31
    ? timeoutMs
    : DEFAULTS.deactivateTimeoutMs
}
