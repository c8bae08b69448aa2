import { lastInstantOf, parseInstant } from '../../protocol/schemas/instant'

/** Reads an instant as another service writes it, in UTC where it names no zone; undefined where it is no instant. */
export function readDate(value: unknown, written: string): Date | undefined {
  if (written === 'unix' || written === 'unix-ms') {
    // JSON has objects that are no number and cannot be asked: `{"valueOf": 1, "toString": 1}`.
    if (typeof value !== 'number' && typeof value !== 'string') return undefined
    const date = new Date(Number(value) * (written === 'unix' ? 1000 : 1))
    return value === '' || Number.isNaN(date.getTime()) ? undefined : date
  }
  if (typeof value !== 'string') return undefined
  if (written === 'iso') return parseInstant(toInstant(value.trim()))
  return readPattern(value.trim(), written)
}

/** The same, but a date without a time is the last instant of its day. */
export function readLastInstant(value: unknown, written: string): Date | undefined {
  const date = readDate(value, written)
  return date !== undefined && isDay(value, written) ? lastInstantOf(date) : date
}

/** Asked of what was read as a date only. */
function isDay(value: unknown, written: string): boolean {
  if (written === 'iso') return !/\d[T ]\d/.test(String(value).trim())
  return !written.startsWith('unix') && !written.includes('HH')
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
function readPattern(text: string, pattern: string): Date | undefined {
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
  return parseInstant(`${day}T${part('HH', 2, '0')}:${part('mm', 2, '0')}:${part('ss', 2, '0')}Z`)
}
