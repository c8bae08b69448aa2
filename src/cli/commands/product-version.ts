import type { Command } from '../commander'
import { changeTo, text } from '../option-values'
import { withListOptions, withStoreOptions } from './store-options'

const CREATE = `
Examples:
  $ keyslot product version create 2.1.0
  $ keyslot product version create 2.1.0 --product 1 --description "Export to PDF"
  $ keyslot license create --product 1 --product-version 2.1.0      a license tied to it`

const UPDATE = `
A version is named as it is written, or by its id. What is not given stays.

Examples:
  $ keyslot product version update 2.1.0 --rename 2.1.1
  $ keyslot product version update 2.1.0 --description none
  $ keyslot product version update 2.1.0 --deactivate      licenses that have it keep it; no others get it`

const PRODUCT = ['--product <product>', 'id or package id; may be left out where there is only one'] as const

export function addProductVersion(product: Command): void {
  const version = product.command('version').description('create, list and update versions of a product')
  withStoreOptions(version.command('create'))
    .description('make a version, which licenses can be tied to')
    .argument('<version>', 'as you write it, such as 2.1.0')
    .option(...PRODUCT)
    .option('--description <text>', 'what it is')
    .addHelpText('after', CREATE)
    .action(async (named, options) => (await import('../actions/product-version')).createVersion(named, options))
  withListOptions(version.command('list'))
    .description('list the versions of a product, oldest first')
    .option(...PRODUCT)
    .action(async (options) => (await import('../actions/product-version')).listVersions(options))
  withStoreOptions(version.command('update'))
    .description('change a version')
    .argument('<version>', 'as it is written, or its id')
    .option(...PRODUCT)
    .option('--rename <version>', 'how it is written from now on')
    .option('--description <text>', 'what it is, or none', changeTo('none', text))
    .option('--activate', 'let licenses be tied to it again')
    .option('--deactivate', 'let no more licenses be tied to it')
    .addHelpText('after', UPDATE)
    .action(async (named, options) => (await import('../actions/product-version')).updateVersion(named, options))
}
