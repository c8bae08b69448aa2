import { CsvError, parse } from 'csv-parse/sync'
import type { TextLine } from './split-lines'

/** A record of a CSV file (RFC 4180): its fields, and the lines it was written on. */
export interface CsvRecord {
  readonly fields: readonly string[]
  readonly raw: string
  /** How many lines were read for the record: a quoted field may hold line ends, and empty lines may precede it. */
  readonly lines: number
  readonly end: number
  /** What is wrong with the record, if anything. */
  readonly fault?: string
}

/** No record is this long: a quote that is never closed would otherwise swallow the rest of the file. */
const MAX_RECORD_LENGTH = 131_072

/**
 * The records of a CSV file. Empty lines are passed over, but counted by `lines` of the next record.
 *
 * csv-parse reads one record at a time; finding the lines of a record stays here. Given a whole file, csv-parse takes the
 * lines after a damaged record into that record, up to some later quote: good licenses would be lost with a bad one. Here
 * the line after a damaged record begins the next one, and every record knows the byte at which reading can go on.
 */
export async function* readCsv(lines: AsyncIterable<TextLine>, delimiter: string): AsyncGenerator<CsvRecord> {
  let raw = ''
  let count = 0
  for await (const { text, end, tooLong } of lines) {
    const open = raw !== ''
    count++
    if (!open && text === '' && !tooLong) continue
    raw = open ? `${raw}\n${text}` : text
    const isTooLong = tooLong || raw.length > MAX_RECORD_LENGTH
    // Only a quote closes a quote.
    if (open && !isTooLong && !text.includes('"')) continue
    const parsed = isTooLong ? 'is too long; is a quote left open?' : parseRecord(raw, delimiter)
    if (parsed === undefined) continue
    yield typeof parsed === 'string'
      ? { fields: [], raw, lines: count, end, fault: parsed }
      : { fields: parsed, raw, lines: count, end }
    raw = ''
    count = 0
  }
  if (raw !== '') yield { fields: [], raw, lines: count, end: Number.NaN, fault: 'has a quote that is never closed' }
}

/** The delimiter of a header line: the one that occurs most often. csv-parse does not guess. */
export function guessDelimiter(header: string): string {
  const outside = header.replace(/"[^"]*"/g, '')
  const counts = [',', ';', '\t'].map((delimiter) => ({ delimiter, count: outside.split(delimiter).length }))
  return counts.reduce((most, next) => (next.count > most.count ? next : most)).delimiter
}

/** The fields of one record; undefined where a quote is still open, a sentence where the text is no CSV. */
export function parseRecord(text: string, delimiter: string): readonly string[] | string | undefined {
  // Splitting is many times faster than a call of csv-parse, and most lines of most files have no quote.
  if (!text.includes('"')) return text.split(delimiter)
  try {
    return readQuoted(text, delimiter)
  } catch (error) {
    if (!(error instanceof CsvError)) throw error
    if (error.code === 'CSV_QUOTE_NOT_CLOSED') return undefined
    if (error.code === 'CSV_INVALID_CLOSING_QUOTE') return 'has text after a closing quote'
    throw error
  }
}

/** A quote within an unquoted field, such as `24" screen`, is an ordinary character, unlike text after a closing quote. */
function readQuoted(text: string, delimiter: string): readonly string[] {
  const options = { delimiter, record_delimiter: '\n' }
  try {
    return parse(text, options)[0] ?? []
  } catch (error) {
    if (!(error instanceof CsvError && error.code === 'INVALID_OPENING_QUOTE')) throw error
    return parse(text, { ...options, relax_quotes: true })[0] ?? []
  }
}
