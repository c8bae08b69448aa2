import type { Command } from '../commander'

const LEARN = `
It starts a real server on a SQLite file in a temporary folder, makes a license key over HTTP, activates this machine,
stops the server, checks the license offline, shows what a copied and a forged license and a clock set back are worth,
uninstalls offline and delivers that later, changes the signing key under a shipped app, gives the slot back, and licenses
a machine without network. Each step checks its own result. Nothing is left on this machine.`

export function addDemo(program: Command): void {
  program
    .command('demo')
    .description('see the whole life of a license on this machine, in a few seconds')
    .option('--json', 'print one line of JSON with the outcome of every step')
    .addHelpText('after', LEARN)
    .action(async (options) => (await import('../actions/demo')).demo(options))
}
