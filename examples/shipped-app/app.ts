/**
 * A program that refuses to run without a license.
 *
 *   app                    run it
 *   app activate KEY       enter a license key, once, online
 *   app deactivate         give this computer's slot back
 *   app --keyslot-deactivate   the same from an uninstaller: quiet, at most 3 seconds, always exit code 0
 */
import { isLicenseError, runUninstall, UNINSTALL_ARGUMENT } from 'keyslot/client'
import { APP_NAME, createKit, DATA_DIR } from './licensing'

const EXIT_UNLICENSED = 3

async function main(command: string | undefined, licenseKey: string | undefined): Promise<number> {
  if (command === UNINSTALL_ARGUMENT) return (await runUninstall({ appName: APP_NAME, dataDir: DATA_DIR })).exitCode
  const kit = createKit()
  if (command === 'activate') return activate(kit, licenseKey ?? '')
  if (command === 'deactivate') {
    console.log(`This computer: ${(await kit.deactivate()).outcome}.`)
    return 0
  }
  // Asks the server only where the license is over, and contact may mend that: after three weeks away, say.
  const license = await kit.start()
  if (!license.usable) {
    console.error(license.message)
    return EXIT_UNLICENSED
  }
  if (license.status === 'grace') console.warn(license.message)
  // Renewing is not worth waiting for, and never a reason to stop.
  if (license.refreshDue) void kit.refresh()
  console.log(`Acme Editor, licensed to ${license.license.customerName ?? 'you'} (${license.license.maskedKey}).`)
  return 0
}

async function activate(kit: ReturnType<typeof createKit>, licenseKey: string): Promise<number> {
  try {
    const license = await kit.activate(licenseKey)
    console.log(license.message)
    if (!license.persisted) {
      console.warn(
        'It cannot be stored on this computer, and is asked for again. Is the disk full, or the folder locked?',
      )
    }
    return license.usable ? 0 : EXIT_UNLICENSED
  } catch (error) {
    if (!isLicenseError(error)) throw error
    // The sentence is fit to be shown; the code is what an app would switch on.
    console.error(`${error.message} (${error.code})`)
    return EXIT_UNLICENSED
  }
}

process.exitCode = await main(process.argv[2], process.argv[3])
