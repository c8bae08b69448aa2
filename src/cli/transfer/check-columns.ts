import { UsageError } from '../failure'
import type { Fields, Mapping } from './mapping-file'

/** What a column's name promises that nobody may lose unseen: an end, a limit, a state, or who holds it. */
const PROMISING =
  /(^|_)(expir\w*|valid(_\w+)?|until|ends?|end_date|lifetime|limit|max\w*|seats?|activations?|times_activated\w*|status|state|revoked?|blocked?|disabled?|suspended|refund\w*|disput\w*|chargeback\w*|e_?mail|mail)($|_)/

/** Which columns of a table a mapping reads. */
export interface Columns {
  readonly used: readonly string[]
  readonly unused: readonly string[]
}

/**
 * Looks at the header of a table before anything is read of it: a column that nobody reads defaults to the most generous terms.
 *
 * @param names the headings, in lower case, with `_` for spaces and hyphens
 * @param ignored headings, as they are written in the table, that are known to be of no use
 * @throws {UsageError} for a heading that is there twice, and for unused ones that promise an end, a limit, a state or an email
 */
export function checkColumns(
  name: string,
  names: readonly string[],
  mapping: Mapping,
  ignored: readonly string[],
): Columns {
  const twice = names.find((heading, column) => heading !== '' && names.indexOf(heading) !== column)
  if (twice !== undefined) throw new UsageError(`${name} has the column ${twice} twice; rename or remove one`)
  const read = new Set(mapping.records.flatMap(pathsOf))
  const used = names.filter((heading) => read.has(heading))
  const unused = names.filter((heading) => heading !== '' && !read.has(heading))
  const lost = unused.filter((heading) => PROMISING.test(heading) && !ignored.includes(heading))
  if (lost.length === 0) return { used, unused }
  throw new UsageError(
    `${name} has columns that nothing reads, and that may say when, how often or whether a license is good: ${lost.join(', ')}. ` +
      'Name them in a mapping of your own (keyslot import --print-mapping csv > mine.json), rename them, or say that they ' +
      `are of no use: --ignore-columns ${lost.join(',')}`,
  )
}

/** The places that a rule reads of a row. */
function pathsOf({ when = {}, fields, customer = {}, activations }: Mapping['records'][number]): readonly string[] {
  const each = activations === undefined ? [] : [activations.each].flat()
  return [...Object.keys(when), ...placesOf(fields), ...placesOf(customer), ...each]
}

function placesOf(fields: Fields): readonly string[] {
  return Object.values(fields).flatMap((rule) => {
    if (typeof rule === 'string') return [rule]
    if (isPlaces(rule)) return rule
    return [...[rule.from ?? []].flat(), ...placesOf(rule.fields ?? {})]
  })
}

function isPlaces(rule: Fields[string]): rule is readonly string[] {
  return Array.isArray(rule)
}
