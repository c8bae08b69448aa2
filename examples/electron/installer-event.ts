import { UNINSTALL_ARGUMENT } from 'keyslot/client'

/** What an installer started the app for: to free this computer's slot, for nothing we do, or not at all. */
export type InstallerEvent = 'uninstall' | 'ignore' | 'none'

/**
 * - Squirrel starts the app with `--squirrel-uninstall` and waits 10 seconds. `-install`, `-updated` and `-obsolete` are
 *   its other life signs: an update must not give the license back.
 * - NSIS (electron-builder) starts it with `--keyslot-deactivate`, from `installer.nsh`.
 */
export function installerEvent(argv: readonly string[]): InstallerEvent {
  if (argv.includes('--squirrel-uninstall') || argv.includes(UNINSTALL_ARGUMENT)) return 'uninstall'
  return argv.some((argument) => argument.startsWith('--squirrel-') && argument !== '--squirrel-firstrun')
    ? 'ignore'
    : 'none'
}
