import type { Command } from '../commander'
import { hosts } from '../option-values'
import { freeUnseenOption, PRIVATE_WEBHOOK, withStoreOptions } from './store-options'

const LEARN = `
Deletes what is no longer needed (cleanable licenses, lapsed sessions, old idempotency records, revocations, deliveries)
and delivers the webhooks that are due. A running server does both on its own; this is for stores whose server was told not
to, or is not running.

Example, every hour by cron:
  0 * * * *  keyslot housekeeping --storage sqlite:/var/lib/keyslot/licenses.db`

export function addHousekeeping(program: Command): void {
  withStoreOptions(program.command('housekeeping'))
    .description('delete what is no longer needed and deliver due webhooks, once')
    .option('--allow-private-webhook <host>', PRIVATE_WEBHOOK, hosts)
    .addOption(freeUnseenOption())
    .addHelpText('after', LEARN)
    .action(async (options) => (await import('../actions/housekeeping')).runHousekeeping(options))
}
