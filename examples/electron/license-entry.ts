import { hostname } from 'node:os'
import { type ActivateOptions, isLicenseError, type LicenseKit } from 'keyslot/client'
import { type LicenseView, REQUEST_SAVED, toErrorView, toLimitView, toView } from './license-view'

/** What the page that asks for a license key can have done. Each resolves with what came of it, in words. */
export interface LicenseEntry {
  /** Activates this computer. Where all the license's computers are taken, the answer lists them, if the vendor allows. */
  activate(licenseKey: string): Promise<LicenseView>
  /** Activates this computer in the place of another one, as `devices` of a view names it. */
  moveHere(licenseKey: string, device: string): Promise<LicenseView>
  /** Writes the request for a license file, without network. The license key may be empty, where the vendor knows the license. */
  saveRequest(path: string, licenseKey: string): Promise<LicenseView>
  /** Takes a license file, without network. */
  openFile(path: string): Promise<LicenseView>
  /** Starts this computer's trial, or goes on with it. A license that is good, or that contact mends, is not given up for it. */
  startTrial(): Promise<LicenseView>
}

/** What the vendor and the license's other computers see this one called; leave it out if that is none of theirs. */
const deviceTag = hostname().slice(0, 64) || undefined

export function createLicenseEntry(kit: LicenseKit): LicenseEntry {
  const activate = (licenseKey: string, options: ActivateOptions = {}) =>
    kit.activate(licenseKey, { deviceTag, ...options }).then(toView, (error) => explain(kit, licenseKey, error))
  return {
    activate: (licenseKey) => activate(licenseKey),
    moveHere: (licenseKey, device) => activate(licenseKey, { replaceDevice: device }),
    saveRequest: (path, licenseKey) =>
      kit.createActivationRequest(licenseKey.trim() || undefined, path).then(() => REQUEST_SAVED, toErrorView),
    openFile: (path) => kit.importLicenseFile(path).then(toView, toErrorView),
    async startTrial() {
      const license = await kit.refresh()
      return license.usable ? toView(license) : await kit.startTrial({ deviceTag }).then(toView, explainTrial)
    },
  }
}

async function explain(kit: LicenseKit, licenseKey: string, error: unknown): Promise<LicenseView> {
  if (!isLicenseError(error, 'ACTIVATION_LIMIT_REACHED')) return toErrorView(error)
  try {
    const { devices } = await kit.devices(licenseKey)
    return toLimitView(error, devices)
  } catch (unlisted) {
    if (isLicenseError(unlisted, 'RATE_LIMITED')) return toErrorView(unlisted)
    // The vendor does not offer it, or the list did not come: that the limit is reached is as true as before.
    if (isLicenseError(unlisted)) return toErrorView(error)
    throw unlisted
  }
}

function explainTrial(error: unknown): LicenseView {
  const view = toErrorView(error)
  if (!isLicenseError(error, 'LICENSE_EXPIRED')) return view
  return { ...view, message: 'The trial on this computer is over.', advice: 'Please enter a license key to go on.' }
}
