import { type Command, Option } from '../commander'
import { calendarDuration, name } from '../option-values'
import { withNewTerms, withSoughtTerms } from '../term-options'
import { addLicenseKeys } from './license-keys'
import { addLicenseUpdate } from './license-update'
import { addLicenseWhy } from './license-why'
import { KEY, withListOptions, withStoreOptions } from './store-options'

const CREATE = `
What is left out is not limited: any number of hosts, no end, no customer. With --customer-name a customer is found by
email, or made. A floating license has seats, which hosts borrow while they run, instead of activation slots.

Examples:
  $ keyslot license create --max-activations 3
  $ keyslot license create --product 1 --valid-for "1 year" --customer-name "Ada Lovelace" --customer-email ada@example.com
  $ keyslot license create --max-activations 1 --idempotency-key payment-4711     repeating it makes no second one
  $ keyslot license create --floating --seats 5 --heartbeat "5 minutes" --lease "15 minutes"`

const LIST = `
License keys are shown in full, since every other command names a license by its key: keep the output to yourself.

Examples:
  $ keyslot license list --product 1 --limit 20
  $ keyslot license list --customer ada@example.com`

const DELETE = `
Its hosts are told that there is no such license. To stop a license for a while, block it instead.

Example:
  $ keyslot license delete LICENSE-KEY --yes`

export function addLicense(program: Command): void {
  const license = program
    .command('license')
    .description(
      'create, show, list, update, block, unblock, reset and delete licenses; why one is refused; free hosts; list and drop keys',
    )
  withNewTerms(withStoreOptions(license.command('create')))
    .description('make a license and show its key')
    .option('--product <product>', 'id or package id; may be left out where there is only one')
    .option('--floating', 'a floating license')
    .addOption(
      new Option('--valid-for <time>', 'instead of --expires: how long it is good for')
        .argParser(calendarDuration)
        .conflicts('expires'),
    )
    .option('--product-version <version>', 'a version of the product to tie it to; default none')
    .addOption(
      new Option('--customer <customer>', 'who holds it, by id or email').conflicts(['customerName', 'customerEmail']),
    )
    .option('--customer-name <name>', 'instead: who holds it, found or made', name)
    .option('--customer-email <email>', "the holder's email; needs --customer-name")
    .option('--key <license-key>', 'a key made elsewhere, or before; default a new one')
    .option('--idempotency-key <text>', 'the reason for it, such as a payment id: the same one makes no second license')
    .addHelpText('after', CREATE)
    .action(async (options) => (await import('../actions/license')).createLicense(options))
  withStoreOptions(license.command('show'))
    .description('show a license and the hosts it is in use on')
    .argument(...KEY)
    .action(async (key, options) => (await import('../actions/license')).showLicense(key, options))
  withSoughtTerms(withListOptions(license.command('list')))
    .description('list licenses, oldest first')
    .option('--product <product>', 'only those of a product, by id or package id')
    .option('--customer <customer>', 'only those of a customer, by id or email')
    .addHelpText('after', LIST)
    .action(async (options) => (await import('../actions/license')).listLicenses(options))
  addLicenseWhy(license)
  addLicenseUpdate(license)
  addLicenseKeys(license)
  withStoreOptions(license.command('block'))
    .description('make a license unusable, until it is unblocked')
    .argument(...KEY)
    .action(async (key, options) => (await import('../actions/license')).changeLicense('block', key, options))
  withStoreOptions(license.command('unblock'))
    .description('make a blocked license usable again')
    .argument(...KEY)
    .action(async (key, options) => (await import('../actions/license')).changeLicense('unblock', key, options))
  withStoreOptions(license.command('reset'))
    .description('free every activation slot of a license')
    .argument(...KEY)
    .action(async (key, options) => (await import('../actions/license')).changeLicense('reset', key, options))
  withStoreOptions(license.command('delete'))
    .description('delete a license with its activations')
    .argument(...KEY)
    .option('--yes', 'needed: nothing brings it back')
    .addHelpText('after', DELETE)
    .action(async (key, options) => (await import('../actions/license')).deleteLicense(key, options))
}
