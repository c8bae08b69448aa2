import { InvalidArgumentError } from 'commander'
import { RECORD_KINDS, type RecordKind } from '../../storage/records'
import type { Command } from '../commander'
import { list } from '../option-values'
import { storageOption } from './store-options'

const LEARN = `
Every record of the store, one JSON object a line, in an order in which keyslot import takes them again: with all ids, so
that the other store is the same. It reads batch by batch and needs no more memory for a large store. What servers write
meanwhile may be missing: stop them for an exact copy. Idempotency records are not carried; they are good for a day.

The lines hold license keys, webhook secrets and hashes of access tokens. A file gets mode 0600. The keyring is not in it:
keep its file with it, licensing-keys.json or FILE.keys.json.

Kinds: ${RECORD_KINDS.join(', ')}

Examples:
  $ keyslot export -o backup.jsonl
  $ keyslot export --kinds customer,license,activation | jq -c 'select(.kind == "license")'
  $ keyslot export --storage postgres://db.internal/licenses -o backup.jsonl --json`

export function addExport(program: Command): void {
  program
    .command('export')
    .description('write everything in a store as JSON Lines')
    .addOption(storageOption('the store: sqlite:FILE, or postgres://USER:PASSWORD@HOST/DATABASE?schema=NAME'))
    .option('--kinds <kinds>', 'only these kinds of record, with commas between', recordKinds)
    .option('--account <id>', 'only what belongs to this account')
    .option('-o, --out <file>', 'write into a file, mode 0600; default standard output')
    .option('--json', 'print the counts as JSON: on stdout with --out, else on stderr')
    .addHelpText('after', LEARN)
    .action(async (options) => (await import('../actions/export')).exportStore(options))
}

function recordKinds(text: string): readonly RecordKind[] {
  return list(text).map((name) => {
    const kind = RECORD_KINDS.find((known) => known === name)
    if (kind !== undefined) return kind
    throw new InvalidArgumentError(`It must be some of ${RECORD_KINDS.join(', ')}.`)
  })
}
