import type { Command } from '../commander'
import { calendarDuration } from '../option-values'
import { withStoreOptions } from './store-options'

const LEARN = `
For hosts that cannot be online. Their app writes a request with createActivationRequest() of keyslot/client, a person
brings it here and takes the license file back, which the app reads with importLicenseFile(). Signing takes an activation
slot, like activating online; signing again for the same host takes none more.

Nothing in a request is proven: sign only a request that the licensee has sent. The file holds the license key, so that
only its owner can read it.

Examples:
  $ keyslot sign request.json --out acme.lic
  $ keyslot sign request.json --license LICENSE-KEY --ttl "1 year" --out acme.lic`

export function addSign(program: Command): void {
  withStoreOptions(program.command('sign'))
    .description('make a license file for a host without network')
    .argument('<request-file>', 'as the app of that host wrote it')
    .option('--license <license-key>', 'the license to sign; default the one in the request')
    .option(
      '--ttl <time>',
      'how long the file is good for, at most as long as the license; needed if that never expires',
      calendarDuration,
    )
    .option('--out <file>', 'where to write the license file; default stdout')
    .addHelpText('after', LEARN)
    .action(async (requestFile, options) => (await import('../actions/sign')).sign(requestFile, options))
}
