import { parseJson } from '../../protocol/json'
import { UsageError } from '../failure'
import { type CsvRecord, guessDelimiter, parseRecord, readCsv } from './csv'
import type { Input } from './input'
import { splitLines, type TextLine } from './split-lines'

/** How a file is written: an object a line, one JSON document, or a CSV table with a header line. */
export const FORMATS = ['jsonl', 'json', 'csv'] as const
export type Format = (typeof FORMATS)[number]

/** The place in a file where reading goes on. */
export interface Place {
  readonly offset: number
  /** How many lines are before the place. */
  readonly line: number
}

export const BEGINNING: Place = { offset: 0, line: 0 }

/** A JSON value, or the row of a table by its headings. */
export interface Row {
  /** Its first line in the file; in a JSON document, its number in the array. */
  readonly line: number
  readonly value: unknown
  /** The text for `--rejects`: the row as it was written, or as JSON. */
  readonly raw: () => string
  /** Why there is no value. */
  readonly fault?: string
  /** Where reading goes on after it; undefined where it cannot go on there. */
  readonly next: Place | undefined
}

/** A JSON document is read whole. */
const MAX_DOCUMENT_BYTES = 67_108_864

/** The rows of a file, with the header line of a CSV file; `--rejects` begins with that line. */
export interface Table {
  readonly header: string | undefined
  /** The headings of a CSV file, in lower case, with `_` for spaces and hyphens. */
  readonly names?: readonly string[]
  readonly rows: AsyncIterable<Row>
}

/**
 * The rows of a file.
 * @param unfold makes rows of a JSON value: the value itself, or the rows of a page
 */
export async function readRows(
  input: Input,
  format: Format,
  start: Place,
  unfold: (value: unknown) => readonly unknown[],
): Promise<Table> {
  if (format === 'json') return { header: undefined, rows: readDocument(input, unfold) }
  if (format === 'jsonl') return { header: undefined, rows: readObjects(input, start, unfold) }
  return readTable(input, start)
}

/** The format that a file's name tells. */
export function formatOf(file: string | undefined): Format | undefined {
  const [, ending = ''] = /\.([a-z]+)$/i.exec(file ?? '') ?? []
  const known: Readonly<Record<string, Format>> = {
    csv: 'csv',
    tsv: 'csv',
    json: 'json',
    jsonl: 'jsonl',
    ndjson: 'jsonl',
  }
  return known[ending.toLowerCase()]
}

async function* readObjects(
  input: Input,
  start: Place,
  unfold: (value: unknown) => readonly unknown[],
): AsyncGenerator<Row> {
  let { line } = start
  for await (const { text, end, tooLong } of splitLines(input.read(start.offset), start.offset)) {
    line++
    const next = { offset: end, line }
    if (tooLong) yield { line, value: undefined, raw: () => '', fault: 'is too long', next }
    else yield* rowsOf(line === 1 ? withoutMark(text) : text, line, next, unfold)
  }
}

function* rowsOf(
  text: string,
  line: number,
  next: Place,
  unfold: (value: unknown) => readonly unknown[],
): Generator<Row> {
  if (text.trim() === '') return
  let values: readonly unknown[]
  try {
    values = unfold(JSON.parse(text))
  } catch {
    yield { line, value: undefined, raw: () => text, fault: 'is no JSON', next }
    return
  }
  const [only] = values
  if (values.length === 1) return yield { line, value: only, raw: () => text, next }
  for (const [index, value] of values.entries()) {
    const last = index === values.length - 1
    yield { line, value, raw: () => toText(value), next: last ? next : undefined }
  }
}

async function* readDocument(input: Input, unfold: (value: unknown) => readonly unknown[]): AsyncGenerator<Row> {
  const chunks: Buffer[] = []
  let size = 0
  for await (const chunk of input.read(0)) {
    size += chunk.length
    if (size > MAX_DOCUMENT_BYTES) {
      throw new UsageError(`${input.name} is too large to be read as one JSON document; write an object a line instead`)
    }
    chunks.push(chunk)
  }
  const document = parseDocument(input, withoutMark(Buffer.concat(chunks).toString('utf8')))
  const values = Array.isArray(document) ? document.flatMap(unfold) : unfold(document)
  for (const [index, value] of values.entries()) {
    yield { line: index + 1, value, raw: () => toText(value), next: undefined }
  }
}

/** A row as JSON; nothing of one that is nested deeper than can be written. */
function toText(value: unknown): string {
  try {
    return JSON.stringify(value)
  } catch {
    return ''
  }
}

function parseDocument(input: Input, text: string): unknown {
  const document = parseJson(text)
  if (document === undefined) {
    throw new UsageError(`${input.name} is no JSON document; if it has an object a line, add --format jsonl`)
  }
  return document
}

async function readTable(input: Input, start: Place): Promise<Table> {
  const lines = splitLines(input.read(0), 0)
  const header = await readHeader(input, lines)
  if (header === undefined) return { header: undefined, rows: noRows() }
  if (start.line === 0)
    return { header: header.raw, names: header.names, rows: readRecords(lines, header.next, header) }
  await lines.return(undefined)
  const rows = readRecords(splitLines(input.read(start.offset), start.offset), start, header)
  return { header: header.raw, names: header.names, rows }
}

async function* noRows(): AsyncGenerator<Row> {}

interface Header {
  readonly names: readonly string[]
  readonly raw: string
  readonly delimiter: string
  readonly next: Place
}

/** The first line that is not empty. The lines after it are still to be read. */
async function readHeader(input: Input, lines: AsyncGenerator<TextLine>): Promise<Header | undefined> {
  for (let line = 1; ; line++) {
    const { done, value } = await lines.next()
    if (done) return undefined
    const raw = withoutMark(value.text)
    if (raw.trim() === '') continue
    const delimiter = guessDelimiter(raw)
    const fields = parseRecord(raw, delimiter)
    if (fields === undefined || typeof fields === 'string') {
      throw new UsageError(`the first line of ${input.name} is no CSV header`)
    }
    return { names: fields.map(headingName), raw, delimiter, next: { offset: value.end, line } }
  }
}

async function* readRecords(
  lines: AsyncIterable<TextLine>,
  from: Place,
  { names, delimiter }: Header,
): AsyncGenerator<Row> {
  let { line } = from
  for await (const record of readCsv(lines, delimiter)) {
    line += record.lines
    const first = line - record.raw.split('\n').length + 1
    const next = Number.isNaN(record.end) ? undefined : { offset: record.end, line }
    const fault = record.fault ?? countFault(record, names)
    const value = fault === undefined ? byHeading(record.fields, names) : undefined
    yield { line: first, value, raw: () => record.raw, ...(fault !== undefined && { fault }), next }
  }
}

function countFault({ fields }: CsvRecord, names: readonly string[]): string | undefined {
  return fields.length > names.length ? `has ${fields.length} fields, the header ${names.length}` : undefined
}

function byHeading(fields: readonly string[], names: readonly string[]): Readonly<Record<string, string>> {
  return Object.fromEntries(names.map((name, column) => [name, fields[column] ?? '']))
}

/** `License Key` and `license-key` are `license_key`. */
export function headingName(heading: string): string {
  return heading
    .trim()
    .toLowerCase()
    .replace(/[\s-]+/g, '_')
}

/** Spreadsheets begin a file with a byte order mark. */
function withoutMark(text: string): string {
  return text.replace(/^\ufeff/, '')
}
