import { readFile } from 'node:fs/promises'
import * as z from 'zod'
import { CommandFailure, UsageError } from '../failure'
import { FORMATS } from './read-rows'

/** Where a value is in a row: the names on the way to it, with dots between; `.` is the row itself. */
const path = z.string().min(1)
const paths = z.union([path, z.array(path).min(1)])

/** How one field of a line is read from a row. */
export interface FieldRule {
  /** Where it is; of several places the first that has something. */
  readonly from?: string | readonly string[] | undefined
  /** What it is, whatever the row says. */
  readonly value?: unknown
  /** What it is read as; default: as it is. `reference` is a package id where it is all digits, else text. */
  readonly as?: 'text' | 'number' | 'boolean' | 'list' | 'reference' | undefined
  /** How an instant is written: `iso`, `unix`, `unix-ms`, or a pattern such as `DD/MM/YYYY HH:mm`, in UTC. */
  readonly date?: string | undefined
  /** What stands for a value, letter case aside; one that is not listed is an error. */
  readonly values?: Readonly<Record<string, unknown>> | undefined
  /** Values that stand for none: an unlimited number, an end that never comes. */
  readonly none?: readonly unknown[] | undefined
  /** What it is where the row has nothing. */
  readonly default?: unknown
  /** Text around it: `{}` is the value. */
  readonly template?: string | undefined
  /** At most so many characters; the rest is cut off. */
  readonly cut?: number | undefined
  /** An object made of fields of its own; those without a value are left out, and an empty one is none. */
  readonly fields?: Fields | undefined
}

/** By field: how it is read, or only where it is. */
export type Fields = Readonly<Record<string, FieldRule | string | readonly string[]>>

const fieldRule: z.ZodType<Fields[string]> = z.lazy(() =>
  z.union([
    paths,
    z.strictObject({
      from: paths.optional(),
      value: z.unknown().optional(),
      as: z.enum(['text', 'number', 'boolean', 'list', 'reference']).optional(),
      date: z.string().min(1).optional(),
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
  /** How the files are written, where neither their names nor `--format` say so. */
  format: z.enum(FORMATS).optional(),
  /** Where in a JSON value its rows are: lists of rows, or single ones. Without it, or where nothing is there, it is a row itself. */
  rows: z.array(path).optional(),
  /** What the rows name a product by, and the id, package id or name it has in the store. */
  products: z.record(z.string(), z.union([z.string(), z.number()])).optional(),
  /** What rows become: the first rule that fits. A row that none fits is passed over. */
  records: z
    .array(
      z.strictObject({
        kind: z.enum(['license', 'activation', 'customer', 'product']),
        /** Fits where the row has one of these values, letter case aside, at each of these places. */
        when: z.record(z.string(), z.array(z.unknown())).optional(),
        fields,
        customer: fields.optional(),
        activations: z
          .strictObject({
            /** Where they are: a list, or a text that holds one. */
            each: paths,
            /** What stands between them in a text. */
            split: z.string().min(1).optional(),
            fields,
          })
          .optional(),
      }),
    )
    .min(1),
})

/** How the rows of somebody else's export become lines. */
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
 * A mapping by the name of one that comes with keyslot, or of a file.
 * @throws {UsageError} when it is neither, or not as a mapping must be
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
  try {
    return JSON.parse(text)
  } catch {
    throw new UsageError(`${named} is no JSON`)
  }
}
