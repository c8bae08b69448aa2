import type { License, LicenseTerms } from '../domain/license'
import type { LicenseFilter } from '../domain/license-filter'
import { Option } from './commander'
import { TERMS, type Term, type TermOption } from './license-terms'
import { type Change, changeTo } from './option-values'
import { cell } from './table'

/** Declares, reads and shows the terms of a license on the command line, all by the one table of them. */

/** Any term: what type its value has, its field alone tells. */
type AnyTerm = Omit<TermOption<'metadata'>, 'read' | 'shown' | 'sought'> & {
  readonly read: (text: string) => unknown
  readonly shown?: readonly [label: string, text: (value: unknown) => string]
  readonly sought?: string
}

const ALL = Object.entries(TERMS) as unknown as readonly (readonly [Term, AnyTerm])[]
const SOUGHT = ALL.filter(([, { sought }]) => sought !== undefined)

interface Declaring {
  addOption(option: InstanceType<typeof Option>): unknown
}

/** Options as commander gives them, by its names. */
type Given = object

/** Declares the options that give the terms of a new license. */
export function withNewTerms<C extends Declaring>(command: C): C {
  for (const [, { flags, made, read, of }] of ALL) {
    const option = new Option(flags, made).argParser(read)
    command.addOption(of === 'node-locked' ? option.conflicts('floating') : option)
  }
  return command
}

/** Declares the options that change the terms of a license. */
export function withTermChanges<C extends Declaring>(command: C): C {
  for (const [, { flags, changed, read, none }] of ALL) {
    command.addOption(new Option(flags, changed).argParser(changeTo(none, read)))
  }
  return command
}

/** Declares the options that licenses are looked for by. */
export function withSoughtTerms<C extends Declaring>(command: C): C {
  for (const [, { flags, sought, read }] of SOUGHT) command.addOption(new Option(flags, sought).argParser(read))
  return command
}

/** Terms of a new license: those that only this type has, or those that both have. */
export function newTerms(given: Given, of?: License['type']): Partial<Pick<LicenseTerms, Term>> {
  return valuesOf(
    ALL.filter(([, term]) => term.of === of),
    given,
  )
}

export function termChanges(given: Given): Partial<Pick<LicenseTerms, Term>> {
  const changes = Object.entries(valuesOf(ALL, given)) as [string, Change<unknown>][]
  return Object.fromEntries(changes.map(([field, { to }]) => [field, to]))
}

export function soughtTerms(given: Given): LicenseFilter {
  return valuesOf(SOUGHT, given)
}

/** True where terms are given that only this type of license has. */
export function givesTermsOf(type: License['type'], given: Given): boolean {
  return Object.keys(newTerms(given, type)).length > 0
}

/** The terms that `license show` has a line of their own for. */
export function shownTerms(license: License): readonly (readonly [string, string])[] {
  return ALL.flatMap(([field, { shown }]) => {
    const value = license[field]
    return shown === undefined || value === null ? [] : [[shown[0], cell(shown[1](value))] as const]
  })
}

function valuesOf(terms: typeof ALL, given: Given): Readonly<Record<string, never>> {
  const values = terms.map(([field, { flags }]) => [field, (given as Given & Record<string, unknown>)[nameOf(flags)]])
  return Object.fromEntries(values.filter(([, value]) => value !== undefined))
}

/** How commander names the value of an option. */
function nameOf(flags: string): string {
  return new Option(flags).attributeName()
}
