import type { TextLine } from './split-lines'

/** A record of a CSV file (RFC 4180): its fields, and the lines it was written on. */
export interface CsvRecord {
  readonly fields: readonly string[]
  readonly raw: string
  /** How many lines it was written on: a quoted field may hold line ends. */
  readonly lines: number
  readonly end: number
  /** What is wrong with it, if anything. */
  readonly fault?: string
}

/** No record is this long: a quote that is never closed would otherwise swallow the rest of the file. */
const MAX_RECORD_LENGTH = 131_072

/** The records of a CSV file. Empty lines are passed over, but counted by `lines` of the next. */
export async function* readCsv(lines: AsyncIterable<TextLine>, delimiter: string): AsyncGenerator<CsvRecord> {
  let raw = ''
  let count = 0
  for await (const { text, end, tooLong } of lines) {
    const open = raw !== ''
    count++
    if (!open && text === '' && !tooLong) continue
    raw = open ? `${raw}\n${text}` : text
    const parsed =
      tooLong || raw.length > MAX_RECORD_LENGTH ? 'is too long; is a quote left open?' : parseRecord(raw, delimiter)
    // A quote is open: the record goes on on the next line.
    if (parsed === undefined) continue
    yield typeof parsed === 'string'
      ? { fields: [], raw, lines: count, end, fault: parsed }
      : { fields: parsed, raw, lines: count, end }
    raw = ''
    count = 0
  }
  if (raw !== '') yield { fields: [], raw, lines: count, end: Number.NaN, fault: 'has a quote that is never closed' }
}

/** The delimiter a header line is written with: what it has most of. */
export function guessDelimiter(header: string): string {
  const outside = header.replace(/"[^"]*"/g, '')
  const counts = [',', ';', '\t'].map((delimiter) => ({ delimiter, count: outside.split(delimiter).length }))
  return counts.reduce((most, next) => (next.count > most.count ? next : most)).delimiter
}

/** The fields of one record; undefined where a quote is still open, a sentence where it is no CSV. */
export function parseRecord(text: string, delimiter: string): readonly string[] | string | undefined {
  const fields: string[] = []
  let at = 0
  for (;;) {
    if (text[at] === '"') {
      const quoted = readQuoted(text, at)
      if (quoted === undefined) return undefined
      fields.push(quoted.value)
      at = quoted.end
      if (at < text.length && text[at] !== delimiter) return 'has text after a closing quote'
    } else {
      const next = text.indexOf(delimiter, at)
      const end = next === -1 ? text.length : next
      fields.push(text.slice(at, end))
      at = end
    }
    if (at >= text.length) return fields
    at++
  }
}

function readQuoted(text: string, start: number): { readonly value: string; readonly end: number } | undefined {
  let value = ''
  let from = start + 1
  for (;;) {
    const quote = text.indexOf('"', from)
    if (quote === -1) return undefined
    value += text.slice(from, quote)
    if (text[quote + 1] !== '"') return { value, end: quote + 1 }
    value += '"'
    from = quote + 2
  }
}
