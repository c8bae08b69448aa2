import type { CommandUnknownOpts as Command } from '@commander-js/extra-typings'
import { describe, expect, it } from 'vitest'
import { createProgram } from '../../src/cli/program'
import { keyslot } from './keyslot-process'

const program = createProgram('1.2.3')

function subcommands(command: Command): string[] {
  return command.commands.map((sub) => sub.name())
}

function named(group: string): Command {
  const found = program.commands.find((command) => command.name() === group)
  if (found === undefined) throw new Error(`there is no command ${group}`)
  return found
}

/** Every command that does something, by its full name. */
function leaves(command: Command, path = ''): readonly (readonly [string, Command])[] {
  if (command.commands.length === 0) return [[path, command]]
  return command.commands.flatMap((sub) => leaves(sub, `${path} ${sub.name()}`.trim()))
}

const GROUPS: Readonly<Record<string, readonly string[]>> = {
  product: ['create', 'list', 'update', 'version'],
  license: [
    'create',
    'show',
    'list',
    'why',
    'free',
    'update',
    'keys',
    'drop-key',
    'block',
    'unblock',
    'reset',
    'delete',
  ],
  customer: ['create', 'show', 'list', 'update', 'disable', 'enable', 'delete'],
  token: ['create', 'list', 'revoke'],
  webhook: ['create', 'list', 'update', 'rotate-secret', 'delete', 'deliveries', 'redeliver', 'deliver'],
  events: ['list'],
  keys: ['show', 'rotate', 'revoke', 'bridge', 'moved'],
}

describe('the help a person learns from', () => {
  it('names every command, at the top and in its group', () => {
    const managing = [
      'product',
      'license',
      'sign',
      'customer',
      'token',
      'webhook',
      'events',
      'keys',
      'housekeeping',
      'backup',
      'restore',
    ]
    const top = ['init', 'serve', 'demo', ...managing, 'import', 'export', 'migrate']
    expect(subcommands(program)).toEqual([...top, 'doctor', 'deactivate'])
    for (const name of subcommands(program)) expect(program.helpInformation()).toMatch(new RegExp(`^  ${name} `, 'm'))
    for (const [group, names] of Object.entries(GROUPS)) {
      expect(subcommands(named(group))).toEqual(names)
      for (const name of names) {
        expect(named(group).helpInformation()).toMatch(new RegExp(`^  ${name} `, 'm'))
        // The line that stands for the group says what it can do.
        expect(named(group).description()).toContain(name.split('-')[0])
      }
    }
    expect(leaves(named('product')).map(([path]) => path)).toContain('version update')
  })

  it('offers --json wherever something is printed', () => {
    const without = leaves(program).filter(([, { options }]) => !options.some(({ long }) => long === '--json'))
    expect(without.map(([path]) => path)).toEqual([])
  })

  it('is printed on stdout, with examples, also by a bare keyslot', async () => {
    const [asked, bare] = await Promise.all([keyslot('--help'), keyslot()])
    expect(asked).toMatchObject({ code: 0, stderr: '' })
    expect(asked.stdout).toContain('$ keyslot demo')
    expect(bare).toEqual(asked)
  })
})

describe('a wrong use', () => {
  it.each([
    [['serv'], "unknown command 'serv' (Did you mean serve?)"],
    [['token', 'publicise'], "unknown command 'publicise'"],
    [['serve', '--prot', '1'], "unknown option '--prot' (Did you mean --port?)"],
    [
      ['serve', '--port', '70000'],
      "option '--port <port>' argument '70000' is invalid. It must be a whole number from 0 to 65535.",
    ],
    [
      ['serve', '--storage', 'postgres://vendor:s3cret#@db/licenses'],
      '--storage must be postgres://USER:PASSWORD@HOST:PORT/DATABASE, if need be with ?schema=NAME; ' +
        'other than letters and digits, user and password are percent-encoded (%40 for @)',
    ],
    [['serve', '--storage', 'licenses.db'], '--storage must be memory, sqlite:FILE or postgres://…'],
    [['product', 'create'], "missing required argument 'name'"],
    [['customer', 'create'], "missing required argument 'name'"],
    [['product', 'create', '--name', 'Editor'], "unknown option '--name'"],
    [
      ['token', 'create', '--publishable', '--scopes', 'all'],
      'a publishable token has its one scope; leave --scopes out',
    ],
    [['license', 'show'], "missing required argument 'license-key'"],
    [
      ['license', 'list', '--storage', 'memory'],
      'a store in memory is inside its server and cannot be reached; this needs --storage sqlite:FILE or postgres://…',
    ],
    [['license', 'create', '--seats', '5'], '--seats, --heartbeat and --lease need --floating'],
    [
      ['license', 'create', '--floating', '--max-activations', '5'],
      "option '--max-activations <number>' cannot be used with option '--floating'",
    ],
    [['license', 'update', 'KEY'], 'nothing to change was given; see --help'],
    [
      ['license', 'update', 'KEY', '--expires', 'soon'],
      "option '--expires <instant>' argument 'soon' is invalid. It must be a date (2030-12-31) or a date-time " +
        '(2030-12-31T18:00:00Z). Or "never".',
    ],
    [['license', 'delete', 'KEY'], 'this deletes the license with its activations for good; add --yes if it is meant'],
    [
      ['customer', 'delete', 'ada@example.com'],
      'this deletes the customer with all its licenses for good; add --yes if it is meant',
    ],
    [
      ['webhook', 'delete', 'wh_1'],
      'this deletes the webhook with all its deliveries for good; add --yes if it is meant',
    ],
    [
      ['serve', '--allow-private-webhook', 'http://hooks.internal'],
      "option '--allow-private-webhook <host>' argument 'http://hooks.internal' is invalid. " +
        'It must be a host name or address, without scheme and port.',
    ],
    [['token', 'create', 'x'], 'a secret token needs --scopes, such as licenses:write,licenses:read, or all'],
  ])('%j ends with 2 and one line that says why', async (args, why) => {
    expect(await keyslot(...args)).toEqual({ code: 2, stdout: '', stderr: `keyslot: ${why}\n` })
  })
})
