import type { Command } from '../commander'
import { keysEnvOption, keysOption, storageOption } from './store-options'

const BACKUP = `
The copy is the store as it was at one moment, also while a server writes: never copy licenses.db itself beside a server, what
stands in its write-ahead log would be missing. Before it is called FILE, the copy is read whole. Its keyring goes beside it, as
beside any store (FILE.keys.json): who loses that, loses every shipped app. Both have mode 0600: keep them as you keep the store.

For a store on PostgreSQL use pg_dump, and keep the keyring with the dump.

Examples:
  $ keyslot backup /backups/licenses-2030-05-01.db
  $ keyslot backup nightly.db --replace --no-keyring`

const RESTORE = `
The backup is read whole first, and must be of a store that its keyring has signed for. Stop the server. A store that is there is
kept beside it, under another name; its keyring stays, where it holds the keys of the backup.

What happened since the backup is gone. Apps that were activated since come back by themselves, and so do those whose slots were
freed since; what you blocked, deleted or revoked since, do again. Your documents say more: docs/operate.md.

Examples:
  $ keyslot restore /backups/licenses-2030-05-01.db
  $ keyslot restore nightly.db --replace`

const KEYS = 'its keyring; default licensing-keys.json beside licenses.db, FILE.keys.json beside any other FILE'

/** The options of a command about a store in a file. */
function ofFile(command: Command) {
  return command
    .addOption(storageOption('the store: sqlite:FILE'))
    .addOption(keysOption(KEYS))
    .addOption(keysEnvOption())
    .option('--json', 'print JSON, for machines')
}

export function addBackup(program: Command): void {
  ofFile(program.command('backup'))
    .description('copy a store and its keyring, while a server runs')
    .argument('<file>', 'where the copy goes')
    .option('--replace', 'replace an earlier copy')
    .option('--no-keyring', 'leave the keyring out; it is backed up elsewhere')
    .addHelpText('after', BACKUP)
    .action(async (file, options) => (await import('../actions/backup')).backup(file, options))
}

export function addRestore(program: Command): void {
  ofFile(program.command('restore'))
    .description('put a backup in the place of a store, while no server runs')
    .argument('<file>', 'as keyslot backup made it')
    .option('--replace', 'where there is a store: it is kept under another name')
    .addHelpText('after', RESTORE)
    .action(async (file, options) => (await import('../actions/restore')).restore(file, options))
}
