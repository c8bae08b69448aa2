import { powerMonitor } from 'electron'
import type { LicenseKit } from 'keyslot/client'
import { type LicenseView, toView } from './license-view'

/** The license as it stands while the app runs. */
export interface LicenseWatch {
  /** As last seen. */
  view(): LicenseView
  /** Checks the license now, and renews it where that is due. Resolves with the license as it then stands. */
  look(): Promise<LicenseView>
}

/**
 * Follows the license, which the kit renews in the background. Timers stand still while the computer sleeps, so it is
 * looked at on waking, too.
 * @param onChange told of every change, and of nothing else
 */
export async function watchLicense(kit: LicenseKit, onChange: (view: LicenseView) => void): Promise<LicenseWatch> {
  // The first page is chosen by it: where contact mends a license that is over, the server is asked first.
  await kit.start()
  const watch = await kit.watch((license) => onChange(toView(license)))
  powerMonitor.on('resume', () => void watch.look())
  return { view: () => toView(watch.license), look: () => watch.look().then(toView) }
}
