import type { Command } from '../commander'
import { changeTo, name, text } from '../option-values'
import { withListOptions, withStoreOptions } from './store-options'

const CREATE = `
Examples:
  $ keyslot customer create "Ada Lovelace" --email ada@example.com
  $ keyslot license create --customer ada@example.com      a license for her`

const UPDATE = `
Terms that are not given stay.

Examples:
  $ keyslot customer update ada@example.com --name "Ada King"
  $ keyslot customer update cust_… --email none`

const DISABLE = `
Licenses of a disabled customer cannot be activated; hosts that use them can still be deactivated.

Example:
  $ keyslot customer disable ada@example.com`

const DELETE = `
Deletes the customer, all licenses of the customer and their activations, for good.

Example:
  $ keyslot customer delete ada@example.com --yes`

const CUSTOMER = ['<customer>', 'id or email'] as const

export function addCustomer(program: Command): void {
  const customer = program
    .command('customer')
    .description('create, show, list, update, disable, enable and delete customers')
  withStoreOptions(customer.command('create'))
    .description('make a customer, who can hold licenses')
    .argument('<name>', 'the name of the customer', name)
    .option('--email <email>', 'no other customer may have it')
    .addHelpText('after', CREATE)
    .action(async (called, options) => (await import('../actions/customer')).createCustomer(called, options))
  withStoreOptions(customer.command('show'))
    .description('show a customer with their licenses')
    .argument(...CUSTOMER)
    .action(async (named, options) => (await import('../actions/customer')).showCustomer(named, options))
  withListOptions(customer.command('list'))
    .description('list customers, oldest first')
    .action(async (options) => (await import('../actions/customer')).listCustomers(options))
  withStoreOptions(customer.command('update'))
    .description('change a customer')
    .argument(...CUSTOMER)
    .option('--name <name>', 'the name of the customer', name)
    .option('--email <email>', 'no other customer may have it; or none', changeTo('none', text))
    .addHelpText('after', UPDATE)
    .action(async (named, options) => (await import('../actions/customer')).updateCustomer(named, options))
  withStoreOptions(customer.command('disable'))
    .description('stop activations of their licenses, until enabled')
    .argument(...CUSTOMER)
    .addHelpText('after', DISABLE)
    .action(async (named, options) => (await import('../actions/customer')).setCustomerActive(false, named, options))
  withStoreOptions(customer.command('enable'))
    .description('let their licenses be activated again')
    .argument(...CUSTOMER)
    .action(async (named, options) => (await import('../actions/customer')).setCustomerActive(true, named, options))
  withStoreOptions(customer.command('delete'))
    .description('delete a customer with all their licenses')
    .argument(...CUSTOMER)
    .option('--yes', 'needed: nothing brings them back')
    .addHelpText('after', DELETE)
    .action(async (named, options) => (await import('../actions/customer')).deleteCustomer(named, options))
}
