import { readFile } from 'node:fs/promises'
import * as z from 'zod'
import { parseJson } from '../../protocol/json'
import { CommandFailure, UsageError } from '../failure'
import { FORMATS } from './read-rows'

/** The place of a value in a row: the names on the way to the value, with dots between; `.` is the row itself. */
const path = z.string().min(1)
const paths = z.union([path, z.array(path).min(1)])

/** The types that a value can be read as. */
const TYPES = ['text', 'number', 'boolean', 'list', 'reference'] as const

/** How one field of a line is read from a row. */
export interface FieldRule {
  /** The place of the value; of several places, the first that has a value. */
  readonly from?: string | readonly string[] | undefined
  /** A fixed value; the row is not read. */
  readonly value?: unknown
  /** The type the value is read as; default: as it is. `reference` is a package id where all are digits, else text. */
  readonly as?: (typeof TYPES)[number] | undefined
  /** How an instant is written: `iso`, `unix`, `unix-ms`, or a pattern such as `DD/MM/YYYY HH:mm`, in UTC. */
  readonly date?: string | undefined
  /** Whether a date without a time means the end of that day, as the end of a license does. Default its beginning. */
  readonly lastInstant?: boolean | undefined
  /** The values of the row and their meanings, letter case aside. A value that is not listed is an error. */
  readonly values?: Readonly<Record<string, unknown>> | undefined
  /** Values that mean "none": an unlimited number, an end that never comes. */
  readonly none?: readonly unknown[] | undefined
  /** The value where the row has none. */
  readonly default?: unknown
  /** Text around it: `{}` is the value. */
  readonly template?: string | undefined
  /** The longest text, in characters; the rest is cut off. */
  readonly cut?: number | undefined
  /** The fields of an object. Fields without a value are left out, and so is an object without fields. */
  readonly fields?: Fields | undefined
}

/** How each field is read, or only its place. */
export type Fields = Readonly<Record<string, FieldRule | string | readonly string[]>>

const fieldRule: z.ZodType<Fields[string]> = z.lazy(() =>
  z.union([
    paths,
    z.strictObject({
      from: paths.optional(),
      value: z.unknown().optional(),
      as: z.enum(TYPES).optional(),
      date: z.string().min(1).optional(),
      lastInstant: z.boolean().optional(),
      values: z.record(z.string(), z.unknown()).optional(),
      none: z.array(z.unknown()).optional(),
      default: z.unknown().optional(),
      template: z.string().includes('{}').optional(),
      cut: z.int().min(1).optional(),
      fields: z.record(z.string(), fieldRule).optional(),
    }),
  ]),
)
const fields = z.record(z.string(), fieldRule)

const mappingFile = z.strictObject({
  $schema: z.string().optional(),
  description: z.string().optional(),
  /** The format of the files, where neither their names nor `--format` tell it. */
  format: z.enum(FORMATS).optional(),
  /** The places of rows in a JSON value: lists of rows, or single rows. A value without any of them is a row itself. */
  rows: z.array(path).optional(),
  /** Names of products in the rows, with the id, package id or name of each product in the store. */
  products: z.record(z.string(), z.union([z.string(), z.number()])).optional(),
  /** Rules for rows. The first rule that fits a row makes its line; a row that no rule fits is passed over. */
  records: z
    .array(
      z.strictObject({
        kind: z.enum(['license', 'activation', 'customer', 'product']),
        /** The rule fits a row that has one of these values, letter case aside, at each of these places. */
        when: z.record(z.string(), z.array(z.unknown())).optional(),
        fields,
        customer: fields.optional(),
        activations: z
          .strictObject({
            /** The place of the activations: a list, or a text that holds one. */
            each: paths,
            /** The separator in such a text. */
            split: z.string().min(1).optional(),
            fields,
          })
          .optional(),
      }),
    )
    .min(1),
})

/** The rules by which rows of another service's export become lines. */
export type Mapping = z.output<typeof mappingFile>
export type RecordRule = Mapping['records'][number]

const SHIPPED = {
  keymint: () => import('./mappings/keymint.json'),
  authtool: () => import('./mappings/authtool.json'),
  keygen: () => import('./mappings/keygen.json'),
  lemonsqueezy: () => import('./mappings/lemonsqueezy.json'),
  csv: () => import('./mappings/csv.json'),
} satisfies Readonly<Record<string, () => Promise<{ readonly default: unknown }>>>

export const SHIPPED_MAPPINGS = Object.keys(SHIPPED)

/**
 * Loads a mapping that comes with keyslot, or one from a file.
 * @throws {UsageError} when there is no such mapping, or the file is not a valid mapping
 */
export async function loadMapping(named: string): Promise<Mapping> {
  const result = mappingFile.safeParse(await readMapping(named))
  if (result.success) return result.data
  const [issue] = result.error.issues
  throw new UsageError(`the mapping ${named} is wrong at ${issue?.path.join('.') || 'its top'}: ${issue?.message}`)
}

/** The text of a mapping that comes with keyslot, to be copied and changed. */
export async function printedMapping(named: string): Promise<string> {
  const shipped = shippedMapping(named)
  if (shipped === undefined)
    throw new UsageError(`there is no mapping ${named}; there are ${SHIPPED_MAPPINGS.join(', ')}`)
  return JSON.stringify((await shipped()).default, null, 2)
}

function shippedMapping(named: string) {
  return Object.entries(SHIPPED).find(([name]) => name === named)?.[1]
}

async function readMapping(named: string): Promise<unknown> {
  const shipped = shippedMapping(named)
  if (shipped !== undefined) return (await shipped()).default
  if (!named.endsWith('.json')) {
    throw new UsageError(`--map must be one of ${SHIPPED_MAPPINGS.join(', ')}, or a FILE.json of your own`)
  }
  const text = await readFile(named, 'utf8').catch((error: NodeJS.ErrnoException) => {
    throw new CommandFailure(`${named} cannot be read (${error.code})`)
  })
  const mapping = parseJson(text)
  if (mapping === undefined) throw new UsageError(`${named} is no JSON`)
  return mapping
}
