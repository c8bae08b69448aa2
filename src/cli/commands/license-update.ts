import { type Command, Option } from '../commander'
import { calendarDuration, changeTo, instant, jsonObject, list, seconds, text, wholeNumber } from '../option-values'
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

const limit = changeTo('unlimited', wholeNumber(1, 9_999_999))

export function addLicenseUpdate(license: Command): void {
  withStoreOptions(license.command('update'))
    .description('change the terms of a license')
    .argument(...KEY)
    .option('--max-activations <number>', 'on how many hosts, or unlimited', limit)
    .option('--expires <instant>', 'when it ends, or never', changeTo('never', instant))
    .addOption(
      new Option('--valid-for <time>', 'instead: how long it is good for from now')
        .argParser(calendarDuration)
        .conflicts('expires'),
    )
    .option('--metadata <json>', 'a JSON object instead of the present one, or none', changeTo('none', jsonObject))
    .option('--allowed-hosts <list>', 'the hostIds that may use it, comma-separated, or any', changeTo('any', list))
    .option('--product-version <version>', 'a version of its product to tie it to, or none', changeTo('none', text))
    .option('--customer <customer>', 'who holds it, by id or email, or none', changeTo('none', text))
    .option('--seats <number>', 'seats of a floating license, or unlimited', limit)
    .option('--heartbeat <time>', 'how often a host with a seat reports, or default', changeTo('default', seconds(60)))
    .option(
      '--lease <time>',
      'how long a seat is kept for a silent host, or default',
      changeTo('default', seconds(300)),
    )
    .addHelpText('after', UPDATE)
    .action(async (key, options) => (await import('../actions/license-update')).updateLicense(key, options))
}
