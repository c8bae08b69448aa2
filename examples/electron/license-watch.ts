import { powerMonitor } from 'electron'
import type { LicenseCheck, LicenseKit } from 'keyslot/client'
import { type LicenseView, toView } from './license-view'

/** A check costs next to nothing, and renewing one request, which `refreshDue` asks for about once in days. */
const LOOK_INTERVAL_MS = 60 * 60 * 1000

/** The license as it stands while the app runs. */
export interface LicenseWatch {
  /** As last seen. */
  view(): LicenseView
  /** Checks the license now, and renews it where that is due. */
  look(): Promise<void>
  /** For what another call of the kit has found. */
  see(check: LicenseCheck): LicenseView
}

/**
 * Follows the license: looks every hour, and when the computer wakes, since timers stand still while it sleeps.
 * @param onChange told of every change, and of nothing else
 */
export async function watchLicense(kit: LicenseKit, onChange: (view: LicenseView) => void): Promise<LicenseWatch> {
  let last = toView(await kit.check())
  const see = (check: LicenseCheck): LicenseView => {
    const view = toView(check)
    const changed = view.status !== last.status || view.message !== last.message
    last = view
    if (changed) onChange(view)
    return view
  }
  const look = async () => {
    const check = await kit.check()
    see(check)
    if (check.refreshDue) see(await kit.refresh())
  }
  setInterval(() => void look(), LOOK_INTERVAL_MS).unref()
  powerMonitor.on('resume', () => void look())
  return { view: () => last, look, see }
}
