import type { Command } from '../commander'
import { text } from '../option-values'
import { KEY, withStoreOptions } from './store-options'

const KEYS = `
Each user of a host has keys of their own. They are listed in the order in which they came, which is their seniority, with those
who have left or were dropped.

Examples:
  $ keyslot license keys LICENSE-KEY
  $ keyslot license keys LICENSE-KEY --host-id h1.R0CuY0ew`

const DROP = `
That user's license tokens end, and none of that user's keys is bound to the host again. The other users go on.

Example:
  $ keyslot license drop-key LICENSE-KEY --host-id h1.R0CuY0ew --key NzbLsXh8uDCc`

/** The commands about the keys that a license's hosts have shown. */
export function addLicenseKeys(license: Command): void {
  withStoreOptions(license.command('keys'))
    .description('list the keys that the hosts of a license have shown')
    .argument(...KEY)
    .option('--host-id <id>', 'only those of this host', text)
    .addHelpText('after', KEYS)
    .action(async (key, options) => (await import('../actions/license-keys')).listKeys(key, options))
  withStoreOptions(license.command('drop-key'))
    .description('drop one user of a host for good')
    .argument(...KEY)
    .requiredOption('--host-id <id>', 'the host', text)
    .requiredOption('--key <thumbprint>', "a key of the user's, or its first 8 characters and more", text)
    .addHelpText('after', DROP)
    .action(async (key, options) => (await import('../actions/license-keys')).dropKey(key, options))
}
