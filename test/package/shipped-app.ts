import type { LicenseKitOptions } from '../../src/client'

/** An app that ships the kit, and tells of its whole life. Both forms differ in how they load it, nothing else. */
const LIFE = `
async function main() {
  const { options, licenseKey } = JSON.parse(process.env.APP_SETUP)
  const kit = createLicenseKit(options)
  const life = [
    (await kit.check()).reason,
    (await kit.activate(licenseKey)).status,
    (await kit.check()).status,
    (await kit.refresh()).status,
    (await kit.deactivate()).outcome,
    (await kit.check()).reason,
  ]
  const { machineIdProblem } = await kit.hostId()
  const { outcome } = await runUninstall(options)
  console.log(JSON.stringify({ life, machineIdProblem, outcome }))
}
main()
`

export const APP = {
  esm: `import { createLicenseKit, runUninstall } from 'keyslot/client'\n${LIFE}`,
  cjs: `const { createLicenseKit, runUninstall } = require('keyslot/client')\n${LIFE}`,
}

/** What the app prints. */
export interface AppReport {
  readonly life: readonly string[]
  readonly machineIdProblem: string | null
  readonly outcome: string
}

/** A life as it should be. */
export const GOOD_LIFE = ['NO_LICENSE', 'valid', 'valid', 'valid', 'freed', 'NO_LICENSE']

/** What the app is told through its environment. */
export function appSetup(options: Omit<LicenseKitOptions, 'appName'>, licenseKey: string): Record<string, string> {
  return { APP_SETUP: JSON.stringify({ options: { appName: 'shipped-app', ...options }, licenseKey }) }
}
