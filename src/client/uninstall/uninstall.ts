import { withTimeout } from '../../waiting/with-timeout'
import { DEFAULTS } from '../options'
import { type DeactivateResult, NOTHING_TO_FREE, queuedOffline } from '../words/deactivate-result'
import type { UninstallOptions } from './uninstall-options'

/** The result of {@link runUninstall}. */
export interface UninstallResult extends DeactivateResult {
  /** The code to exit with. It is always 0, since a license must never stop an uninstaller. */
  readonly exitCode: 0
}

/** The disk may hang. The ticket is written first, so it is there if the disk could write one. */
const OUT_OF_TIME = queuedOffline(false)

/** The argument with which an uninstaller starts the app's own executable. */
export const UNINSTALL_ARGUMENT = '--keyslot-deactivate'

/**
 * Frees this host's slot from an uninstaller: no dialog, no output, no license check.
 *
 * @returns always and within `timeoutMs`, also when something fails. Offline, a ticket stays in the data folder, and the
 * next run of an app of that name delivers it.
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
  const work = async () => await (await import('./uninstall-host')).uninstallHost(options, timeoutMs)
  const result = await withTimeout(() => work().catch(() => NOTHING_TO_FREE), timeoutMs).catch(() => OUT_OF_TIME)
  return { ...result, exitCode: 0 }
}

function timeoutOf(options: UninstallOptions): number {
  const timeoutMs = options?.timeoutMs
  return typeof timeoutMs === 'number' && timeoutMs > 0 && timeoutMs < 2 ** 31
    ? timeoutMs
    : DEFAULTS.deactivateTimeoutMs
}
