import { type Command, Option } from '../commander'
import { calendarDuration, changeTo, text } from '../option-values'
import { withTermChanges } from '../term-options'
import { KEY, withStoreOptions } from './store-options'

const UPDATE = `
Terms that are not given stay. A lower limit evicts nobody: it counts for hosts that come later. Apps see a change when
they renew their license token.

Examples:
  $ keyslot license update LICENSE-KEY --max-activations 5
  $ keyslot license update LICENSE-KEY --max-activations unlimited --expires never
  $ keyslot license update LICENSE-KEY --valid-for "1 year" --customer ada@example.com
  $ keyslot license update LICENSE-KEY --metadata none --allowed-hosts any --product-version none
  $ keyslot license update LICENSE-KEY --seats 10                  of a floating license`

export function addLicenseUpdate(license: Command): void {
  withTermChanges(withStoreOptions(license.command('update')))
    .description('change the terms of a license')
    .argument(...KEY)
    .addOption(
      new Option('--valid-for <time>', 'instead of --expires: how long it is good for from now')
        .argParser(calendarDuration)
        .conflicts('expires'),
    )
    .option('--product-version <version>', 'a version of its product to tie it to, or none', changeTo('none', text))
    .option('--customer <customer>', 'who holds it, by id or email, or none', changeTo('none', text))
    .addHelpText('after', UPDATE)
    .action(async (key, options) => (await import('../actions/license-update')).updateLicense(key, options))
}
