import { type Command, Option } from '../commander'

const LEARN = `
Copies every record, with all ids, then counts both stores kind by kind and fails where the target has fewer. Running it
again goes on where it was interrupted and changes nothing that is there. The source stays as it is.

Stop the servers first: what they write meanwhile may be missing. The keyring goes along: copy its file yourself, or every
shipped app would refuse the next license token. Idempotency records, good for a day, are not carried.

Examples:
  $ KEYSLOT_TO=postgres://keyslot:PASSWORD@db.internal/licenses keyslot migrate --from sqlite:licenses.db
  $ keyslot migrate --from sqlite:old.db --to sqlite:new.db && cp old.db.keys.json new.db.keys.json`

export function addMigrate(program: Command): void {
  program
    .command('migrate')
    .description('copy everything from one store into another')
    .addOption(storeOption('--from <where>', 'the store to copy: sqlite:FILE or postgres://…', 'KEYSLOT_FROM'))
    .addOption(storeOption('--to <where>', 'the store to fill, made if need be', 'KEYSLOT_TO'))
    .option('--merge', 'also into a store that has signing keys and data of its own')
    .option('--json', 'print one line of JSON at the end')
    .addHelpText('after', LEARN)
    .action(async (options) => (await import('../actions/migrate')).migrate(options))
}

/** A store as an option or an environment variable: other users can see a command line, and a password on it. */
function storeOption<Flags extends string>(flags: Flags, description: string, variable: string) {
  return new Option(flags, description).env(variable).makeOptionMandatory()
}
