import { type Command, Option } from '../commander'
import { list } from '../option-values'
import { storageOption } from './store-options'

const LEARN = `
Takes what keyslot export wrote, lines of your own, or the exports of other services by a mapping. A line needs little:
  {"kind":"license","key":"ABCD-1234","product":"Editor","maxActivations":3,"customer":{"name":"Ada","email":"ada@example.com"}}
A number as product is a package id. License keys stay as they are, short ones too, and work on every route.

Importing adds and never changes: a record that is there stays as it is and counts as "there already", so the same file
can be imported again. Interrupted, the same command goes on where it stopped, by a small file beside the input
(FILE.keyslot-import.json), which the end of the import deletes. Refused lines are told on stderr, and the other lines are imported; the exit code is 1 then.

A table tells which of its columns are read. One that is not, and whose name speaks of an end, a limit, a state or an email, is
refused before anything is stored: without it the license would be good for ever. --ignore-columns takes it for of no use.

--map is keymint, authtool, keygen, lemonsqueezy, csv, or a FILE.json of your own, such as a changed copy of one of them.

Examples:
  $ keyslot import backup.jsonl --storage sqlite:restored.db
  $ keyslot import --map csv sold.csv --product 1 --dry-run
  $ keyslot import --map keygen products.json users.json licenses.json machines.json
  $ keyslot import --print-mapping lemonsqueezy > mine.json
  $ keyslot import --map mine.json license-keys.json instances.json --rejects refused.jsonl`

export function addImport(program: Command): void {
  program
    .command('import')
    .description('add licenses and all else from files: exports, your own lines, other services')
    .argument('[files...]', 'JSON Lines, JSON or CSV, one after the other; - is standard input')
    .addOption(storageOption('the store, made if need be: sqlite:FILE, or postgres://USER:PASSWORD@HOST/DATABASE'))
    .option('--map <mapping>', "how somebody else's rows become lines")
    .addOption(
      new Option('--format <format>', "how files are written; default by a file's name").choices([
        'jsonl',
        'json',
        'csv',
      ]),
    )
    .option('--product <product>', 'id, package id or name; for licenses that name none, with --map for all of them')
    .option('--account <id>', 'for lines that name none; default the default account')
    .option('--ignore-columns <names>', 'of a table: columns that are of no use, with commas between', list)
    .option('--rejects <file>', 'keep refused lines there, mode 0600')
    .option('--dry-run', 'check every line, store nothing')
    .option('--strict', 'stop at the first line that is refused')
    .option('--no-resume', 'begin at the beginning, and leave no file beside the input')
    .option('--print-mapping <name>', 'print a mapping, to be copied and changed')
    .option('--print-schema', 'print the JSON Schema of a line')
    .option('--json', 'print one line of JSON at the end')
    .addHelpText('after', LEARN)
    .action(async (files, options) => (await import('../actions/import')).importFiles(files, options))
}
