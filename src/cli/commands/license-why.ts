import type { Command } from '../commander'
import { text } from '../option-values'
import { KEY, withStoreOptions } from './store-options'

const WHY = `
For the day when a customer writes "it says that the limit is reached". It says whether a new host would be let in, who has the
slots and was seen when, and what happened lately: who was refused, who freed what. It changes nothing, and needs no signing keys.

Example:
  $ keyslot license why LICENSE-KEY`

const FREE = `
The slot, or the seat of a floating license, is free at once, and the host's license tokens are revoked. The host may take one
again: block the license, or drop a user (drop-key), to keep somebody out.

Examples:
  $ keyslot license free LICENSE-KEY --host-id h1.R0CuY0ew
  $ keyslot license free LICENSE-KEY --session tFf0pQ2mUu3oJd8s`

/** The commands for whoever answers a customer. */
export function addLicenseWhy(license: Command): void {
  withStoreOptions(license.command('why'))
    .description('say why a customer is refused, who has the slots, and what happened lately')
    .argument(...KEY)
    .addHelpText('after', WHY)
    .action(async (key, options) => (await import('../actions/license-why')).explainLicense(key, options))
  withStoreOptions(license.command('free'))
    .description('free the slot of one host, or end one session of a floating license')
    .argument(...KEY)
    .option('--host-id <id>', 'the host', text)
    .option('--session <id>', 'instead: the session, as "license show" lists it', text)
    .addHelpText('after', FREE)
    .action(async (key, options) => (await import('../actions/license-why')).freeHost(key, options))
}
