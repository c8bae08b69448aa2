import type { Command } from 'commander'
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

describe('the help a person learns from', () => {
  it('names every command, at the top and in its group', () => {
    expect(subcommands(program)).toEqual(['serve', 'demo', 'product', 'license', 'token', 'keys', 'deactivate'])
    for (const name of subcommands(program)) expect(program.helpInformation()).toMatch(new RegExp(`^  ${name} `, 'm'))
    expect(subcommands(named('keys'))).toEqual(['show', 'rotate'])
    expect(subcommands(named('token'))).toEqual(['create', 'list', 'revoke'])
    expect(subcommands(named('product'))).toEqual(['create', 'list', 'update'])
    expect(subcommands(named('license'))).toEqual(['create', 'show', 'list', 'block', 'unblock', 'reset'])
    for (const group of ['keys', 'token', 'product', 'license']) {
      for (const name of subcommands(named(group))) {
        expect(named(group).helpInformation()).toMatch(new RegExp(`^  ${name} `, 'm'))
        // The line that stands for the group says what it can do.
        expect(named(group).description()).toContain(name)
      }
    }
  })

  it('offers --json wherever something is printed', () => {
    const leaves = program.commands.flatMap((command) => (command.commands.length > 0 ? command.commands : [command]))
    const without = leaves.filter((command) => !command.options.some(({ long }) => long === '--json'))
    expect(without.map((command) => command.name())).toEqual([])
  })

  it('is printed on stdout, with examples, also by a bare keyslot', async () => {
    const [asked, bare] = await Promise.all([keyslot('--help'), keyslot()])
    expect(asked).toMatchObject({ code: 0, stderr: '' })
    expect(asked.stdout).toContain('$ keyslot demo')
    expect(bare).toEqual(asked)
  })

  it('says what --no-rate-limit does today', () => {
    expect(named('serve').helpInformation().replace(/\s+/g, ' ')).toContain('this version has no rate limits')
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
      ['serve', '--storage', 'postgres://vendor:s3cret@db/licenses'],
      'this version keeps licenses in memory or in SQLite only; PostgreSQL is not supported yet',
    ],
    [['serve', '--storage', 'licenses.db'], '--storage must be memory or sqlite:FILE'],
    [['license', 'show'], "missing required argument 'license-key'"],
    [
      ['license', 'list', '--storage', 'memory'],
      'a store in memory is inside its server and cannot be reached; this needs --storage sqlite:FILE',
    ],
    [['token', 'create', '--name', 'x'], 'a secret token needs --scopes, such as licenses:write,licenses:read, or all'],
  ])('%j ends with 2 and one line that says why', async (args, why) => {
    expect(await keyslot(...args)).toEqual({ code: 2, stdout: '', stderr: `keyslot: ${why}\n` })
  })
})
