import { MAX_BRIDGE_DAYS } from '../../protocol/server-statement'
import { type Command, Option } from '../commander'
import { instantOrNow, several, text, wholeNumber } from '../option-values'
import { DEFAULT_KEYS, keysEnvOption, keysOption, storageOption } from './store-options'

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

const BRIDGE = `
For the day when the license server is lost and only the keyring is left. A bridge is a signed text. An app that takes it
goes on with a license token that was good, grace included, when the server was lost: until that date and the days you
give, and not past the end of its license. Trials never go on past their end. Give the last revocation list that you have
(--revocation-list): what it revokes stays revoked.

To extend a bridge, or to make it shorter, make another with the same date of loss: of one date the newest counts. Where
the dates differ, the bridge counts that reaches furthest; a token that the first carries is good for the second.

Put the text at the statementsUrl that your app names, or let the app read it with kit.importStatement().

Examples:
  $ keyslot keys bridge --days 30 --lost-at now --out statements.jws
  $ keyslot keys bridge --days 14 --lost-at 2030-05-01 --past-end --revocation-list revocations.jws`

const MOVED = `
For the day when the license server moves to another address and the old one is gone, or soon will be. An app that takes
the statement asks the new address from then on. Its product and its keys stay: the server there needs the same keyring.

Put the text at the statementsUrl that your app names, or let the app read it with kit.importStatement(). An app whose
release names another serverUrl than before goes by its release.

Example:
  $ keyslot keys moved --from https://old.example.com/licensing --to https://licenses.example.com/licensing --out statements.jws`

const STORAGE = 'the store whose keyring it is, where --keys does not say'
const ISSUER = 'the issuer of your license tokens, where the server was given one; default keyslot'
const KEYS = `the keyring; ${DEFAULT_KEYS}`

export function addKeys(program: Command): void {
  const keys = program
    .command('keys')
    .description('show, rotate or revoke the keys that sign license tokens; sign a bridge, or that a server has moved')
  keys
    .command('show')
    .description('show the public keys')
    .addOption(storageOption(STORAGE))
    .addOption(keysOption(KEYS))
    .addOption(keysEnvOption())
    .addOption(new Option('--format <format>', 'how to write a key').choices(['jwk', 'pem']).default('jwk'))
    .option('--json', 'print JSON, for machines')
    .addHelpText('after', SHOW)
    .action(async (options) => (await import('../actions/keys')).showKeys(options))
  keys
    .command('rotate')
    .description('make a new signing key; the present one retires and goes on verifying')
    .addOption(storageOption(STORAGE))
    .addOption(keysOption(KEYS))
    .option('--json', 'print JSON, for machines')
    .addHelpText('after', ROTATE)
    .action(async (options) => (await import('../actions/keys')).rotateKeys(options))
  keys
    .command('revoke')
    .description('stop trusting a retired key that has leaked')
    .argument('<key-id>', 'of the key; where it begins with a dash, last and after --')
    .addOption(storageOption(STORAGE))
    .addOption(keysOption(KEYS))
    .option('--json', 'print JSON, for machines')
    .addHelpText('after', REVOKE)
    .action(async (kid, options) => (await import('../actions/keys')).revokeKey(kid, options))
  addBridge(keys)
  addMoved(keys)
}

function addBridge(keys: Command): void {
  keys
    .command('bridge')
    .description('carry license tokens over while the server is lost')
    .requiredOption(
      '--days <number>',
      `how long, from the loss on: 1 to ${MAX_BRIDGE_DAYS}`,
      wholeNumber(1, MAX_BRIDGE_DAYS),
    )
    .requiredOption('--lost-at <date>', 'when the server was lost; or "now"', instantOrNow)
    .option('--past-end', 'also for licenses that end meanwhile, since nobody can renew them')
    .option('--product <id>', 'for one product; default all', text)
    .option('--revocation-list <file>', 'a signed revocation list to go by; can be given several times', several)
    .option('--out <file>', 'where to write the text; default stdout')
    .option('--issuer <name>', ISSUER)
    .addOption(storageOption(STORAGE))
    .addOption(keysOption(KEYS))
    .addOption(keysEnvOption())
    .option('--json', 'print JSON, for machines')
    .addHelpText('after', BRIDGE)
    .action(async (options) => (await import('../actions/statements')).makeBridge(options))
}

function addMoved(keys: Command): void {
  keys
    .command('moved')
    .description('tell apps that the server has another address')
    .requiredOption('--to <url>', 'where the licensing router is mounted now; https only')
    .option('--from <url>', 'the address it has left: no app made for another one takes the statement; default any')
    .option('--product <id>', 'for one product; can be given several times; default all', several)
    .option('--out <file>', 'where to write the text; default stdout')
    .option('--issuer <name>', ISSUER)
    .addOption(storageOption(STORAGE))
    .addOption(keysOption(KEYS))
    .addOption(keysEnvOption())
    .option('--json', 'print JSON, for machines')
    .addHelpText('after', MOVED)
    .action(async (options) => (await import('../actions/statements')).makeMoved(options))
}
