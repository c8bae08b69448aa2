import { HOSTILE_JSON } from '../hostile-json'
import type { Dice } from '../storage/verbs/differential/dice'

const PIECES = [
  ...[
    '',
    ' ',
    '\0',
    '\ud800',
    '\ufeff',
    '\r\n',
    '"',
    "'",
    '\\',
    '%',
    '%00',
    '%ff',
    '../',
    '{',
    '}',
    '[',
    ']',
    ',',
    ':',
  ],
  ...['.', '-', '+', '/', '|', ';', '=', '&', '#', 'null', 'true', '1e999', '-0', '0x1', 'NaN', '9'.repeat(40)],
  ...['__proto__', 'constructor', 'toString', 'é', '\u0130', '\u202e', '👩🏽‍🚀', 'A'.repeat(300), '\ud83d', '(((('],
]

/** Characters that a text begins with changed, taken out, doubled or put in, a few times. */
export function mutateText(text: string, dice: Dice): string {
  let mutant = text
  for (let rounds = 1 + dice.upTo(3); rounds > 0; rounds--) mutant = mutateOnce(mutant, dice)
  return mutant
}

function mutateOnce(text: string, dice: Dice): string {
  const from = dice.upTo(text.length + 1)
  const to = Math.min(text.length, from + dice.upTo(8))
  const [before, middle, after] = [text.slice(0, from), text.slice(from, to), text.slice(to)]
  switch (dice.upTo(7)) {
    case 0:
      return before + after
    case 1:
      return before + middle + middle + after
    case 2:
      return before + String.fromCharCode(dice.upTo(dice.chance(70) ? 128 : 65_536)) + after
    case 3:
      return before
    case 4:
      return after + before
    case 5:
      return before + dice.one(PIECES).repeat(dice.chance(5) ? 400 : 1) + after
    default:
      return before + dice.one(PIECES) + middle + after
  }
}

/** JSON text of a value, in one place of which is something else. */
export function mutateJson(value: unknown, dice: Dice): string {
  if (typeof value !== 'object' || value === null || dice.chance(10)) return hostileValue(value, dice)
  const entries = Object.entries(value)
  const chosen = dice.upTo(entries.length + 1)
  const parts = entries.flatMap(([name, child], index) => {
    if (index === chosen && dice.chance(15)) return []
    const text = index === chosen ? mutateJson(child, dice) : JSON.stringify(child)
    return [Array.isArray(value) ? text : `${JSON.stringify(name)}:${text}`]
  })
  if (chosen === entries.length) parts.push(`${Array.isArray(value) ? '' : '"__proto__":'}${dice.one(HOSTILE_JSON)}`)
  return Array.isArray(value) ? `[${parts}]` : `{${parts}}`
}

function hostileValue(value: unknown, dice: Dice): string {
  if (typeof value === 'string' && dice.chance(50)) return JSON.stringify(mutateText(value, dice))
  if (typeof value === 'number' && dice.chance(50)) return `${value * (dice.upTo(2001) - 1000)}`
  return dice.one(HOSTILE_JSON)
}
