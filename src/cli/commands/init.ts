import type { Command } from '../commander'
import { name, text } from '../option-values'
import { withStoreOptions } from './store-options'

const LEARN = `
Makes what is missing: the store, its signing keys, the product, and a publishable access token that ships in your app. Then it
prints the code of your server and of your app, ready to be copied. Nothing that is there is changed; run again, it makes
another token, since the text of a token is shown this once.

Examples:
  $ keyslot init "Acme Editor"
  $ keyslot init "Acme Editor" --server-url https://example.com/licensing --app-name acme-editor`

export function addInit(program: Command): void {
  withStoreOptions(program.command('init'))
    .description('make all that a server and an app need, and print their code')
    .argument('<name>', 'what you sell', name)
    .option(
      '--server-url <url>',
      'where your app will find the licensing router; default http://localhost:3000/licensing',
      text,
    )
    .option('--app-name <name>', 'how your app is called in folders; default made of the name', text)
    .addHelpText('after', LEARN)
    .action(async (called, options) => (await import('../actions/init')).init(called, options))
}
