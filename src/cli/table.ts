import { paint } from './output'

/** Characters that a terminal obeys instead of showing them: controls, and overrides of the text direction. */
const UNSHOWABLE = /[\p{Cc}\p{Zl}\p{Zp}\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069]/gu

const GAP = '  '

/** A value as one cell: a value from outside can neither move the cursor nor look like another line. */
export function cell(value: string | number | Date | null | undefined): string {
  if (value === null || value === undefined || value === '') return '-'
  if (value instanceof Date) return showInstant(value)
  return String(value).replace(UNSHOWABLE, '\ufffd')
}

/** An instant to the second, in UTC: `2026-06-15 12:00:00Z`. */
function showInstant(instant: Date): string {
  return instant
    .toISOString()
    .replace('T', ' ')
    .replace(/\.\d+Z$/, 'Z')
}

/** Columns under their headings, each as wide as its widest cell. */
export function formatTable(headings: readonly string[], rows: readonly (readonly string[])[]): string {
  const widths = headings.map((heading, column) => widest([heading, ...rows.map((row) => row[column] ?? '')]))
  const line = (cells: readonly string[]) =>
    cells
      .map((text, column) => pad(text, widths[column]))
      .join(GAP)
      .trimEnd()
  return [paint('bold', line(headings)), ...rows.map(line)].join('\n')
}

/** Names and values side by side, one pair per line. */
export function formatFields(fields: readonly (readonly [name: string, value: string])[]): string {
  const width = widest(fields.map(([name]) => name))
  return fields.map(([name, value]) => `${paint('dim', pad(name, width))}${GAP}${value}`).join('\n')
}

function widest(texts: readonly string[]): number {
  return Math.max(...texts.map(countCharacters))
}

function pad(text: string, width = 0): string {
  return text + ' '.repeat(Math.max(0, width - countCharacters(text)))
}

/** Counts characters, not UTF-16 units; a wide character counts as one. */
function countCharacters(text: string): number {
  return [...text].length
}
