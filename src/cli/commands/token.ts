import { KEYMINT_WIRES } from '../../protocol/enumerations'
import { SCOPES } from '../../protocol/routes'
import { type Command, Option } from '../commander'
import { calendarDuration, end, list, name, several } from '../option-values'
import { withListOptions, withStoreOptions } from './store-options'

const CREATE = `
A secret token (at_…) authenticates your own servers: give it the scopes it needs, or "all". A publishable token (pk_…)
ships inside an app, where everyone can read it: it can activate, validate and deactivate for its products, nothing else.
The text is shown here, once; the store keeps only its hash.

Scopes: ${SCOPES.slice(0, 5).join(', ')},
        ${SCOPES.slice(5).join(', ')}

Examples:
  $ keyslot token create shop --scopes licenses:write,customers:write
  $ keyslot token create --publishable --product 1
  $ keyslot token create "Acme Editor 2" --publishable --product 1 --product 2
  $ keyslot token create ci --scopes all --valid-for "30 days"`

const REVOKE = `
Running servers go on accepting it for a few seconds, until what they remember of it has run out.

Example:
  $ keyslot token list
  $ keyslot token revoke tok_…`

const PRODUCT =
  'a product it is for, by id or package id; can be given several times; default all for a secret one, the only one else'

const WIRE =
  "the form of KeyMint's answers that its callers read: that of September 2026, or before; default what they show"

export function addToken(program: Command): void {
  const token = program.command('token').description('create, list and revoke access tokens')
  withStoreOptions(token.command('create'))
    .description('make an access token and show it, once')
    .argument('[name]', 'what it is for, as keyslot token list shows it', name, 'keyslot token create')
    .option('--publishable', 'one that ships inside an app; default a secret one')
    .option('--scopes <list>', 'what a secret token may do, comma-separated, or all', list)
    .option('--product <product>', PRODUCT, several)
    .option('--addresses <list>', 'addresses and CIDR ranges it may be used from; default any', list)
    .addOption(new Option('--wire <form>', WIRE).choices(KEYMINT_WIRES))
    .option('--expires <instant>', 'when it ends, a date to the end of its day in UTC; default never', end)
    .addOption(
      new Option('--valid-for <time>', 'instead: how long it is good for')
        .argParser(calendarDuration)
        .conflicts('expires'),
    )
    .addHelpText('after', CREATE)
    .action(async (called, options) => (await import('../actions/token')).createToken(called, options))
  withListOptions(token.command('list'))
    .description('list access tokens, oldest first; never their texts')
    .action(async (options) => (await import('../actions/token')).listTokens(options))
  withStoreOptions(token.command('revoke'))
    .description('make an access token worthless')
    .argument('<token-id>', 'its id, as keyslot token list shows it')
    .addHelpText('after', REVOKE)
    .action(async (tokenId, options) => (await import('../actions/token')).revokeToken(tokenId, options))
}
