import { type Command, Option } from 'commander'
import { calendarDuration, instant, jsonObject, list, name, wholeNumber } from '../option-values'
import { withPaging, withStoreOptions } from './store-options'

const CREATE = `
What is left out is not limited: any number of hosts, no end, no customer. A customer is found by email, or made.

Examples:
  $ keyslot license create --max-activations 3
  $ keyslot license create --product 1 --valid-for "1 year" --customer-name "Ada Lovelace" --customer-email ada@example.com
  $ keyslot license create --max-activations 1 --idempotency-key payment-4711     repeating it makes no second one`

const LIST = `
License keys are shown in full, since every other command names a license by its key: keep the output to yourself.

Example:
  $ keyslot license list --product 1 --limit 20`

const KEY = ['<license-key>', 'letter case does not matter'] as const

export function addLicense(program: Command): void {
  const license = program.command('license').description('create, show, list, block, unblock and reset licenses')
  withStoreOptions(license.command('create'))
    .description('make a license and show its key')
    .option('--product <product>', 'id or package id; may be left out where there is only one')
    .option('--max-activations <number>', 'on how many hosts; default any number', wholeNumber(1, 9_999_999))
    .option('--expires <instant>', 'when it ends; default never', instant)
    .addOption(
      new Option('--valid-for <time>', 'instead: how long it is good for')
        .argParser(calendarDuration)
        .conflicts('expires'),
    )
    .option('--customer-name <name>', 'who holds it', name)
    .option('--customer-email <email>', "the holder's email; needs --customer-name")
    .option(
      '--metadata <json>',
      'a JSON object that travels in the license token, where the app can read it',
      jsonObject,
    )
    .option('--allowed-hosts <list>', 'the hostIds that may use it, comma-separated; default any', list)
    .option('--idempotency-key <text>', 'the reason for it, such as a payment id: the same one makes no second license')
    .addHelpText('after', CREATE)
    .action(async (options) => (await import('../actions/licenses')).createLicense(options))
  withStoreOptions(license.command('show'))
    .description('show a license and the hosts it is active on')
    .argument(...KEY)
    .action(async (key, options) => (await import('../actions/licenses')).showLicense(key, options))
  withPaging(withStoreOptions(license.command('list')))
    .description('list licenses, oldest first')
    .option('--product <product>', 'only those of a product, by id or package id')
    .option('--customer <customer-id>', 'only those of a customer')
    .addHelpText('after', LIST)
    .action(async (options) => (await import('../actions/licenses')).listLicenses(options))
  withStoreOptions(license.command('block'))
    .description('make a license unusable, until it is unblocked')
    .argument(...KEY)
    .action(async (key, options) => (await import('../actions/licenses')).changeLicense('block', key, options))
  withStoreOptions(license.command('unblock'))
    .description('make a blocked license usable again')
    .argument(...KEY)
    .action(async (key, options) => (await import('../actions/licenses')).changeLicense('unblock', key, options))
  withStoreOptions(license.command('reset'))
    .description('free every activation slot of a license')
    .argument(...KEY)
    .action(async (key, options) => (await import('../actions/licenses')).changeLicense('reset', key, options))
}
