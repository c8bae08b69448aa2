import type { Command } from '../commander'
import { withListOptions } from './store-options'

const LIST = `
"api" stands for this command line and for your own process; every other name is the id of an access token.

Examples:
  $ keyslot events list --license LICENSE-KEY
  $ keyslot events list --limit 1000 --json`

export function addEvents(program: Command): void {
  const events = program.command('events').description('list what happened: the audit log')
  withListOptions(events.command('list'))
    .description('list what happened, when and by whom, in the order it did')
    .option('--license <license-key>', 'only what happened to a license')
    .addHelpText('after', LIST)
    .action(async (options) => (await import('../actions/events')).listEvents(options))
}
