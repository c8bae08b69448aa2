import { NUMBERS } from '../../protocol/bounds'
import { CLONE_RULES } from '../../protocol/enumerations'
import { type Command, Option } from '../commander'
import { changeTo, list, name, seconds, text, wholeNumber } from '../option-values'
import { addProductVersion } from './product-version'
import { withListOptions, withStoreOptions } from './store-options'

const CREATE = `
Examples:
  $ keyslot product create "Acme Editor"
  $ keyslot product create "Acme Editor" --offline-lifetime "30 days" --grace "7 days" --entitlements export,sync
  $ keyslot product create "Acme Editor" --require-proof --self-service --trial-days 14`

const UPDATE = `
A product is named by its id or its package id. Terms that are not given stay. Licenses in use see a change when their
app renews its license token.

Examples:
  $ keyslot product update 1 --offline-lifetime "30 days"
  $ keyslot product update 1 --entitlements export,sync
  $ keyslot product update 1 --entitlements ""         none any more
  $ keyslot product update 1 --trial-days none         no trials any more; those under way go on
  $ keyslot product update 1 --authtool-client client.json     serves apps made for AuthTool; see docs/authtool-client.md
  $ keyslot product update 1 --deactivate              its license keys look unknown until --activate`

const MAX_TRIAL_DAYS = NUMBERS.trialSeconds[1] / 86_400

/** Declares the options that give terms of a product. */
function withTerms(command: ReturnType<typeof withStoreOptions>) {
  return command
    .option(
      '--offline-lifetime <time>',
      'how long a license works without contact; default 14 days',
      seconds(...NUMBERS.offlineLifetimeSeconds),
    )
    .option(
      '--grace <time>',
      'how long past that it works with a warning; default 7 days',
      seconds(...NUMBERS.graceSeconds),
    )
    .option('--entitlements <list>', 'features its licenses grant, comma-separated', list)
    .option('--require-proof', 'apps must prove which host they are, as the client kit does and others cannot')
    .option('--self-service', 'the holder of a license key may list its devices and free one')
    .addOption(
      new Option('--on-clone <rule>', 'what follows where a host and its clone both renew; default event').choices(
        CLONE_RULES,
      ),
    )
}

export function addProduct(program: Command): void {
  const product = program.command('product').description('create, list and update products and their versions')
  withTerms(withStoreOptions(product.command('create')))
    .description('make a product')
    .argument('<name>', 'what it is called', name)
    .option(
      '--trial-days <days>',
      'how long a trial lasts, which each host may have once',
      wholeNumber(1, MAX_TRIAL_DAYS),
    )
    .option(
      '--users-per-host <number>',
      'how many users a computer may have, 1 to 32; default as the server is set, 5',
      wholeNumber(...NUMBERS.usersPerHost),
    )
    .addHelpText('after', CREATE)
    .action(async (called, options) => (await import('../actions/product')).createProduct(called, options))
  withListOptions(product.command('list'))
    .description('list products, by package id')
    .action(async (options) => (await import('../actions/product')).listProducts(options))
  withTerms(withStoreOptions(product.command('update')))
    .description('change a product')
    .argument('<product>', 'id or package id')
    .option('--name <name>', 'what it is called', name)
    .option('--activate', 'make its license keys known again')
    .option('--deactivate', 'make its license keys look unknown')
    .option('--no-require-proof', 'apps need not')
    .option('--no-self-service', 'nobody but you may')
    .option(
      '--trial-days <days>',
      'how long a trial lasts, or "none"',
      changeTo('none', wholeNumber(1, MAX_TRIAL_DAYS)),
    )
    .option(
      '--users-per-host <number>',
      'how many users a computer may have, or "default"',
      changeTo('default', wholeNumber(...NUMBERS.usersPerHost)),
    )
    .option(
      '--authtool-client <file>',
      'JSON with token and aesKey of apps made for AuthTool ("-": standard input), which are served then; or "none"',
      changeTo('none', text),
    )
    .addHelpText('after', UPDATE)
    .action(async (product, options) => (await import('../actions/product')).updateProduct(product, options))
  addProductVersion(product)
}
