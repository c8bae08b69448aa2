import { Command } from './commander'
import { addBackup, addRestore } from './commands/backup'
import { addCustomer } from './commands/customer'
import { addDeactivate } from './commands/deactivate'
import { addDemo } from './commands/demo'
import { addDoctor } from './commands/doctor'
import { addEvents } from './commands/events'
import { addExport } from './commands/export'
import { addHousekeeping } from './commands/housekeeping'
import { addImport } from './commands/import'
import { addInit } from './commands/init'
import { addKeys } from './commands/keys'
import { addLicense } from './commands/license'
import { addMigrate } from './commands/migrate'
import { addProduct } from './commands/product'
import { addServe } from './commands/serve'
import { addSign } from './commands/sign'
import { addToken } from './commands/token'
import { addWebhook } from './commands/webhook'
import { oneLine } from './failure'

const LEARN = `
A first round:
  $ keyslot demo                                    the whole life of a license on this machine, in seconds
  $ keyslot init "Acme Editor"                      a store, a product, and the code of your server and app
  $ keyslot serve                                   a license server on licenses.db in this folder
  $ keyslot license create --max-activations 3      a license key to sell
  $ keyslot license show LICENSE-KEY                who uses it, on which hosts
  $ keyslot sign request.json --out acme.lic        a license file for a host without network

Every command has its own --help, with examples. --json prints for machines. Exit codes: 0 done, 1 failed, 2 used wrongly;
then one line on stderr says why.`

/** The whole command line. The code of a command is loaded when the command runs, so that no command loads another's. */
export function createProgram(version: string): Command {
  const program = new Command('keyslot')
    .description('License keys, activation slots and offline license checks for Node and Electron apps.')
    .version(version, '-V, --version', 'print the version')
    .helpOption('-h, --help', 'explain a command')
    .addHelpText('after', LEARN)
    .exitOverride()
    .configureOutput({
      // Help goes to standard output, also for a bare `keyslot`; errors go through outputError.
      writeErr: (text) => process.stdout.write(text),
      outputError: (text) => process.stderr.write(`keyslot: ${oneLine(text.replace(/^error: /, ''))}\n`),
    })
  program.commandsGroup('Run:')
  addInit(program)
  addServe(program)
  addDemo(program)
  program.commandsGroup('Manage a store:')
  addProduct(program)
  addLicense(program)
  addSign(program)
  addCustomer(program)
  addToken(program)
  addWebhook(program)
  addEvents(program)
  addKeys(program)
  addHousekeeping(program)
  addBackup(program)
  addRestore(program)
  program.commandsGroup('Move between stores:')
  addImport(program)
  addExport(program)
  addMigrate(program)
  program.commandsGroup('On a machine with the app:')
  addDoctor(program)
  addDeactivate(program)
  program.commandsGroup('Learn:')
  program.helpCommand('help [command]', 'explain a command')
  return program
}
