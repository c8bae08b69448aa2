import { CommanderError } from 'commander'
import type { Command } from '../commander'
import { wholeNumber } from '../option-values'

const LEARN = `
For uninstallers: frees the activation slot of this machine, within the time given. It is quiet and always exits 0, even
after a wrong use, so that no uninstaller stops over a license. Offline, it leaves a ticket in the
data folder, which the next run of an app of that name delivers.

Installed apps have no npx: there, call runUninstall() of keyslot/client from the app's own executable.

Example:
  $ keyslot deactivate --app-name acme-editor`

export function addDeactivate(program: Command): void {
  program
    .command('deactivate')
    .description("free this machine's activation slot of an app")
    .requiredOption('--app-name <name>', 'the appName the app gives to createLicenseKit')
    .option('--data-dir <folder>', 'its dataDir, where it gives one')
    .option('--for-all', 'also for the other users of this machine, where this one was there before them')
    .option('--timeout-ms <milliseconds>', 'longest duration', wholeNumber(1, 600_000), 3000)
    .option('--json', 'print the outcome as one line of JSON')
    .addHelpText('after', LEARN)
    // commander has written its line about the wrong use before it comes here.
    .exitOverride((error) => {
      throw new CommanderError(0, error.code, error.message)
    })
    .action(async (options) => (await import('../actions/deactivate')).deactivate(options))
}
