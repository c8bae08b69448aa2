import { parseInstant } from '../../protocol/schemas/instant'

/**
 * Reads an instant as another service writes it, in UTC where it names no zone; undefined where it is no instant.
 * @param parse reads ISO 8601, and so says what a date without a time means
 */
export function readDate(value: unknown, written: string, parse = parseInstant): Date | undefined {
  if (written === 'unix' || written === 'unix-ms') {
    // JSON has objects that are no number and cannot be asked: `{"valueOf": 1, "toString": 1}`.
    if (typeof value !== 'number' && typeof value !== 'string') return undefined
    const date = new Date(Number(value) * (written === 'unix' ? 1000 : 1))
    return value === '' || Number.isNaN(date.getTime()) ? undefined : date
  }
  if (typeof value !== 'string') return undefined
  if (written === 'iso') return parse(toInstant(value.trim()))
  return readPattern(value.trim(), written, parse)
}

/** ISO 8601 as databases write it: a space for the T, no zone for UTC, a zone without its colon. */
function toInstant(text: string): string {
  const dated = text.replace(/^(\d{4}-\d{2}-\d{2}) (?=\d)/, '$1T').replace(/ ?UTC$/, 'Z')
  if (/T[\d:.]+$/.test(dated)) return `${dated}Z`
  return dated.replace(/([+-]\d{2})(\d{2})$/, (zone, hours, minutes) =>
    dated.includes('T') ? `${hours}:${minutes}` : zone,
  )
}

const PARTS = ['YYYY', 'MM', 'DD', 'HH', 'mm', 'ss'] as const

/** Reads a date by a pattern. The parts of a pattern are numbers; all other characters must be in the text as they are. */
function readPattern(text: string, pattern: string, parse: typeof parseInstant): Date | undefined {
  const order: string[] = []
  const source = pattern.replace(/YYYY|MM|DD|HH|mm|ss|[^\w\s]|\s+/g, (piece) => {
    if (PARTS.some((part) => part === piece)) {
      order.push(piece)
      return piece === 'YYYY' ? '(\\d{4})' : '(\\d{1,2})'
    }
    return piece.trim() === '' ? '\\s+' : `\\${piece}`
  })
  const match = new RegExp(`^${source}$`).exec(text)
  if (match === null) return undefined
  const part = (name: (typeof PARTS)[number], size: number, absent: string) => {
    const index = order.indexOf(name)
    return (index === -1 ? absent : (match[index + 1] ?? absent)).padStart(size, '0')
  }
  const day = `${part('YYYY', 4, '')}-${part('MM', 2, '1')}-${part('DD', 2, '1')}`
  if (!['HH', 'mm', 'ss'].some((name) => order.includes(name))) return parse(day)
  return parse(`${day}T${part('HH', 2, '0')}:${part('mm', 2, '0')}:${part('ss', 2, '0')}Z`)
}
