import { type Command, Option } from 'commander'
import { DEFAULT_STORAGE, keyringFileOf, parseStorage } from '../storage-location'

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

const DEFAULT_FILE = keyringFileOf(parseStorage(DEFAULT_STORAGE), undefined)

export function addKeys(program: Command): void {
  const keys = program.command('keys').description('show or rotate the keys that sign license tokens')
  keys
    .command('show')
    .description('show the public keys')
    .option('--keys <file>', 'the keyring', DEFAULT_FILE)
    .addOption(new Option('--format <format>', 'how to write a key').choices(['jwk', 'pem']).default('jwk'))
    .option('--json', 'print JSON, for machines')
    .addHelpText('after', SHOW)
    .action(async (options) => (await import('../actions/keys')).showKeys(options))
  keys
    .command('rotate')
    .description('make a new signing key; the present one retires and goes on verifying')
    .option('--keys <file>', 'the keyring', DEFAULT_FILE)
    .option('--json', 'print JSON, for machines')
    .addHelpText('after', ROTATE)
    .action(async (options) => (await import('../actions/keys')).rotateKeys(options))
}
