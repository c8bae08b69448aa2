import type { Command } from '../commander'
import { wholeNumber } from '../option-values'

const LEARN = `
For support. Shows the id of this computer for an app and where the id comes from, the folder of the license and what is
stored there, the way to the license server and its answer, and how far the clocks are apart. Run it as the user who
runs the app. It changes nothing, takes no activation slot, and prints neither the machine id, nor a token, nor a whole
license key.

Exit code 0 unless something keeps the app from working; then 1, and one line on stderr says what.

Examples:
  $ keyslot doctor --app-name acme-editor
  $ keyslot doctor --app-name acme-editor --server https://example.com/licensing --json`

export function addDoctor(program: Command): void {
  program
    .command('doctor')
    .description("find out what is wrong with an app's license on this machine")
    .requiredOption('--app-name <name>', 'the appName the app gives to createLicenseKit')
    .option('--server <url>', 'its serverUrl (default: the stored license names it)')
    .option('--product <id>', 'its productId (default: the stored license names it)')
    .option('--data-dir <folder>', 'its dataDir, where it gives one')
    .option('--host-id <id>', 'its hostId, where it gives one')
    .option('--proxy <url>', 'its proxy, where it gives one (default: what the environment names)')
    .option('--no-proxy', 'ask the server directly')
    .option('--timeout-ms <milliseconds>', 'longest wait for each answer', wholeNumber(1, 600_000), 5000)
    .option('--json', 'print the diagnosis as one line of JSON')
    .addHelpText('after', LEARN)
    .action(async (options) => (await import('../actions/doctor')).doctor(options, program.version() ?? ''))
}
