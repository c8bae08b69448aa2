import { type Command, Option } from 'commander'
import { storageOption } from './store-options'

const SHOW = `
Put the public keys into trustedKeys of your app: they are what it believes. Private keys are never shown.

Examples:
  $ keyslot keys show
  $ keyslot keys show --keys licensing-keys.json --format pem`

const ROTATE = `
The new key signs from the next start of a server on; running servers go on with the old one, which keeps verifying.
An app that does not know the new key calls tokens signed with it untrusted. So:
  1. keyslot keys rotate      and do not restart any server yet
  2. keyslot keys show        ship your app with both keys in trustedKeys
  3. restart the servers once that version is in use

Example:
  $ keyslot keys rotate --keys /var/lib/keyslot/licenses.db.keys.json`

const STORAGE = 'the store whose keyring it is, where --keys does not say'
const KEYS = 'the keyring; default FILE.keys.json beside the SQLite file, keyslot.keys.json here for PostgreSQL'

export function addKeys(program: Command): void {
  const keys = program.command('keys').description('show or rotate the keys that sign license tokens')
  keys
    .command('show')
    .description('show the public keys')
    .addOption(storageOption(STORAGE))
    .option('--keys <file>', KEYS)
    .addOption(new Option('--format <format>', 'how to write a key').choices(['jwk', 'pem']).default('jwk'))
    .option('--json', 'print JSON, for machines')
    .addHelpText('after', SHOW)
    .action(async (options) => (await import('../actions/keys')).showKeys(options))
  keys
    .command('rotate')
    .description('make a new signing key; the present one retires and goes on verifying')
    .addOption(storageOption(STORAGE))
    .option('--keys <file>', KEYS)
    .option('--json', 'print JSON, for machines')
    .addHelpText('after', ROTATE)
    .action(async (options) => (await import('../actions/keys')).rotateKeys(options))
}
