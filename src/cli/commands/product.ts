import type { Command } from 'commander'
import { list, name, seconds } from '../option-values'
import { addProductVersion } from './product-version'
import { withPaging, withStoreOptions } from './store-options'

const CREATE = `
Examples:
  $ keyslot product create --name "Acme Editor"
  $ keyslot product create --name "Acme Editor" --offline-lifetime "30 days" --grace "7 days" --entitlements export,sync`

const UPDATE = `
A product is named by its id or its package id. What is not given stays. Licenses in use see a change when their app
renews its license token.

Examples:
  $ keyslot product update 1 --offline-lifetime "30 days"
  $ keyslot product update 1 --entitlements export,sync
  $ keyslot product update 1 --entitlements ""         none any more
  $ keyslot product update 1 --deactivate              its license keys look unknown until --activate`

const OFFLINE_LIFETIME = 'how long a license works without contact; default 14 days'
const GRACE = 'how long past that it works with a warning; default 7 days'

export function addProduct(program: Command): void {
  const product = program.command('product').description('create, list and update products and their versions')
  withStoreOptions(product.command('create'))
    .description('make a product')
    .requiredOption('--name <name>', 'what it is called', name)
    .option('--offline-lifetime <time>', OFFLINE_LIFETIME, seconds(1))
    .option('--grace <time>', GRACE, seconds(0))
    .option('--entitlements <list>', 'features its licenses grant, comma-separated', list)
    .addHelpText('after', CREATE)
    .action(async (options) => (await import('../actions/products')).createProduct(options))
  withPaging(withStoreOptions(product.command('list')))
    .description('list products, by package id')
    .action(async (options) => (await import('../actions/products')).listProducts(options))
  withStoreOptions(product.command('update'))
    .description('change a product')
    .argument('<product>', 'id or package id')
    .option('--name <name>', 'what it is called', name)
    .option('--activate', 'make its license keys known again')
    .option('--deactivate', 'make its license keys look unknown')
    .option('--offline-lifetime <time>', OFFLINE_LIFETIME, seconds(1))
    .option('--grace <time>', GRACE, seconds(0))
    .option('--entitlements <list>', 'features its licenses grant, comma-separated', list)
    .addHelpText('after', UPDATE)
    .action(async (product, options) => (await import('../actions/products')).updateProduct(product, options))
  addProductVersion(product)
}
