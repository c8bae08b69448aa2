import { type Command, Option } from '../commander'
import { DEFAULT_KEYS, storageOption } from './store-options'

const SHOW = `
Put the public keys into trustedKeys of your app: they are what it believes, and what it believes other keys by. Private
keys are never shown, and of revoked keys only the name.

Examples:
  $ keyslot keys show
  $ keyslot keys show --keys /var/lib/acme/licensing-keys.json --format pem`

const ROTATE = `
The new key signs from the next start of a server on; running servers go on with the old one, which keeps verifying.
Apps follow by themselves: the server publishes the new key in a statement signed with the old one, which they take at
their next contact, or with the next license file. Restart the servers one after the other, at any time.

Only other programs that verify tokens with keys of their own need the new key (keyslot keys show) before you restart.

Example:
  $ keyslot keys rotate --storage sqlite:/var/lib/keyslot/licenses.db`

const REVOKE = `
For a key that may have leaked: a thief can sign licenses with it. Do this at once:
  1. keyslot keys rotate             unless the key is retired already
  2. restart every server            or one that still signs with the key hands out licenses that apps come to refuse
  3. keyslot keys revoke KEY-ID      as keyslot keys show prints it
  4. restart every server
Apps that come into contact then stop trusting the key, also where they shipped with it, and renew their licenses. Sign
the license files it has signed anew. Apps without contact go on trusting it until a release of yours does not.

Examples:
  $ keyslot keys revoke kPrK_qmxVWaYVA9wwBF6Iuo3vVzz7TxHCTwXBygrS4k
  $ keyslot keys revoke -- -sTqBHAG5uXJHVoNWD7aHjdaCwhBqpbKCTS4eVuZmcE`

const STORAGE = 'the store whose keyring it is, where --keys does not say'
const KEYS = `the keyring; ${DEFAULT_KEYS}`

export function addKeys(program: Command): void {
  const keys = program.command('keys').description('show, rotate or revoke the keys that sign license tokens')
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
  keys
    .command('revoke')
    .description('stop trusting a retired key that has leaked')
    .argument('<key-id>', 'of the key; where it begins with a dash, last and after --')
    .addOption(storageOption(STORAGE))
    .option('--keys <file>', KEYS)
    .option('--json', 'print JSON, for machines')
    .addHelpText('after', REVOKE)
    .action(async (kid, options) => (await import('../actions/keys')).revokeKey(kid, options))
}
