import { WIRE_OPTIONS } from '../../domain/keymint-wire'
import { type Command, Option } from '../commander'
import { changeTo, hosts, trustedProxies, wholeNumber } from '../option-values'
import { freeUnseenOption, keysEnvOption, keysOption, PRIVATE_WEBHOOK, storageOption } from './store-options'

const LEARN = `
The first start on a store makes a product, a secret and a publishable access token, and prints them once.
It delivers webhooks and deletes what has had its day, also what other commands on the store left to do.
SIGTERM or Ctrl+C finishes the requests in flight, closes the store and exits 0; a second one exits at once.

With --json exactly one line goes to stdout, once the server listens, and everything else to stderr:
  {"url","accountId","productId","packageId","secretToken","publishableToken","jwks"}
The product is the same on every start of a store. The tokens are made for this line and good for 24 hours; earlier ones
stay valid, so that several servers on one store accept each other's.

--storage says where licenses are, --keys where the private keys are that sign license tokens:
  sqlite:licenses.db                                    licensing-keys.json, beside it; so in any folder
  sqlite:FILE                                           FILE.keys.json, beside it
  postgres://USER:PASSWORD@HOST/DATABASE?schema=NAME    licensing-keys.json, in this folder
  memory                                                nowhere: gone when the process ends
Other users can read a command line: a password is better off in the environment variable KEYSLOT_STORAGE, which every
command takes for --storage, or in PGPASSWORD. Servers on one database need the same keys: one file, which KEYSLOT_KEYS
names as --keys does, or a variable that holds what such a file holds, named by --keys-env.

Examples:
  $ keyslot serve
  $ keyslot serve --port 8080 --host 0.0.0.0 --storage sqlite:/var/lib/keyslot/licenses.db
  $ KEYSLOT_STORAGE=postgres://vendor:secret@db.internal/licenses keyslot serve --keys /etc/keyslot/keys.json
  $ keyslot serve --storage memory --port 0 --json      a throw-away server for tests
  $ keyslot serve --trust-proxy 1
  $ keyslot serve --allow-private-webhook hooks.internal --allow-private-webhook 10.0.0.7

It speaks plain HTTP: put it behind a proxy that does TLS, or mount the router into your own Express app instead. Behind a
proxy --trust-proxy says whose X-Forwarded-For is true, else limits take all callers for one: 1 for one proxy, or addresses
and subnets, such as 10.0.0.0/8,loopback. It takes 10,000 connections at once, 1,000 of an address that is no trusted proxy,
and ends those that send or read nothing for a minute.`

/** See `seatReuse` in docs/seats.md. */
const FREE_MOVES =
  'how often slots of a license change hands at once in 30 days, or "any"; default 5 and one for each slot'

/** See `keymintWire` in the options of the server. */
const WIRE = "the form of KeyMint's answers: that of September 2026, before, or as each access token shows"

export function addServe(program: Command): void {
  program
    .command('serve')
    .description('start a license server')
    .option('--port <port>', 'port to listen on; 0 takes a free one', wholeNumber(0, 65_535), 3000)
    .option('--host <host>', 'address to listen on', '127.0.0.1')
    .addOption(storageOption('memory, sqlite:FILE or postgres://…; file or schema are made if need be'))
    .addOption(keysOption('signing keys, made if need be; default as below'))
    .addOption(keysEnvOption())
    .option('--json', 'print one line of JSON once it listens')
    .option('--trust-proxy <proxies>', 'how many proxies are before it, or their addresses; see below', trustedProxies)
    .option('--no-rate-limit', 'answer as many requests as come; for measurements, not where strangers can reach it')
    .option('--allow-private-webhook <host>', PRIVATE_WEBHOOK, hosts)
    .option('--free-moves <number>', FREE_MOVES, changeTo('any', wholeNumber(0, 10_000)))
    .option('--users-per-host <number>', 'users a computer may have, 1 to 32; default 5', wholeNumber(1, 32))
    .option('--frees-per-month <number>', 'devices freed by key holders in 30 days; default 5', wholeNumber(0, 10_000))
    .option('--hosts-per-day <number>', 'hosts that may take a slot of one license in a day', wholeNumber(1, 10_000))
    .addOption(freeUnseenOption())
    .addOption(new Option('--keymint-wire <form>', WIRE).choices(WIRE_OPTIONS).default('auto'))
    .option('--adopt-keys', 'accept signing keys this store has not seen; apps that trust only others stop working')
    .addHelpText('after', LEARN)
    .action(async (options) => (await import('../actions/serve')).serve(options))
}
