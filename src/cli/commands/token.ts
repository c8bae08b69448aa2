import { type Command, Option } from 'commander'
import { SCOPES } from '../../protocol/routes'
import { calendarDuration, instant, list, name } from '../option-values'
import { withPaging, withStoreOptions } from './store-options'

const CREATE = `
A secret token (at_…) authenticates your own servers: give it the scopes it needs, or "all". A publishable token (pk_…)
ships inside an app, where everyone can read it: it can activate, validate and deactivate for its products, nothing else.
The text is shown here, once; the store keeps only its hash.

Scopes: ${SCOPES.slice(0, 5).join(', ')},
        ${SCOPES.slice(5).join(', ')}

Examples:
  $ keyslot token create --name shop --scopes licenses:write,customers:write
  $ keyslot token create --name "Acme Editor 2" --kind publishable --products 1
  $ keyslot token create --name ci --scopes all --valid-for "30 days"`

const REVOKE = `
Running servers go on accepting it for a few seconds, until what they remember of it has run out.

Example:
  $ keyslot token list
  $ keyslot token revoke tok_…`

export function addToken(program: Command): void {
  const token = program.command('token').description('create, list and revoke access tokens')
  withStoreOptions(token.command('create'))
    .description('make an access token and show it, once')
    .requiredOption('--name <name>', 'what it is for', name)
    .addOption(new Option('--kind <kind>', 'who holds it').choices(['secret', 'publishable']).default('secret'))
    .option('--scopes <list>', 'what a secret token may do, comma-separated, or all', list)
    .option('--products <list>', 'ids or package ids it is for; default all for a secret one, the only one else', list)
    .option('--addresses <list>', 'addresses and CIDR ranges it may be used from; default any', list)
    .option('--expires <instant>', 'when it ends; default never', instant)
    .addOption(
      new Option('--valid-for <time>', 'instead: how long it is good for')
        .argParser(calendarDuration)
        .conflicts('expires'),
    )
    .addHelpText('after', CREATE)
    .action(async (options) => (await import('../actions/tokens')).createToken(options))
  withPaging(withStoreOptions(token.command('list')))
    .description('list access tokens, oldest first; never their texts')
    .action(async (options) => (await import('../actions/tokens')).listTokens(options))
  withStoreOptions(token.command('revoke'))
    .description('make an access token worthless')
    .argument('<token-id>', 'its id, as keyslot token list shows it')
    .addHelpText('after', REVOKE)
    .action(async (tokenId, options) => (await import('../actions/tokens')).revokeToken(tokenId, options))
}
