import type { CommandUnknownOpts as Command } from '@commander-js/extra-typings'
import { describe, expect, it } from 'vitest'
import { createProgram } from '../../src/cli/program'
import { shownCommands, wordsOf } from './documented'

/** What is wrong with a command as it is shown; undefined for nothing. Only its use is looked at: nothing is run. */
function faultOf(shown: string): string | undefined {
  const [first, ...rest] = wordsOf(shown)
  if (first?.startsWith('-')) return undefined
  let command: Command | undefined = createProgram('1.2.3')
  let words = [first ?? '', ...rest]
  while (command !== undefined && command.commands.length > 0) {
    const [name, ...others]: string[] = words
    // A whole group may be spoken of: `keyslot keys`.
    if (name === undefined) return undefined
    command = command.commands.find((sub) => sub.name() === name)
    words = others
  }
  if (command === undefined) return `there is no such command: ${shown}`
  const { operands, unknown } = command.parseOptions(words)
  if (unknown.length > 0) return `there is no option ${unknown.join(' ')}: ${shown}`
  const taken = command.registeredArguments
  return operands.length > taken.length && !taken.at(-1)?.variadic ? `it takes fewer arguments: ${shown}` : undefined
}

describe('the commands that documents and help show', () => {
  it('exist, with these options', () => {
    const shown = shownCommands()
    expect(shown.length).toBeGreaterThan(80)
    expect(shown.map(faultOf).filter((fault) => fault !== undefined)).toEqual([])
  })

  it('would be told apart from those that do not', () => {
    expect(faultOf('product make "Acme Editor"')).toContain('no such command')
    expect(faultOf('product create --name "Acme Editor"')).toContain('no option --name')
    expect(faultOf('product create Acme Editor')).toContain('fewer arguments')
    expect(faultOf('product create "Acme Editor" --trial-days 14   # with trials')).toBeUndefined()
  })
})
