import { type Fault, faultInValues } from './fault'

/** What goes wrong with values. */
export const faultsInValues: Readonly<Record<string, Fault>> = {
  'loses characters beyond the first plane': faultInValues((value) =>
    typeof value === 'string' ? value.replace(/[\u{10000}-\u{10ffff}]/gu, '?') : value,
  ),
  'composes characters': faultInValues((value) => (typeof value === 'string' ? value.normalize('NFC') : value)),
  'trims text': faultInValues((value) => (typeof value === 'string' ? value.trimEnd() : value)),
  'keeps empty text as null': faultInValues((value) => (value === '' ? null : value)),
  'cuts text at 4,000 characters': faultInValues((value) =>
    typeof value === 'string' ? value.slice(0, 4_000) : value,
  ),
  'keeps integers in 32 bits': faultInValues((value, column) =>
    column === 'order' && value !== null ? Number(value) | 0 : value,
  ),
  'keeps instants to the second': faultInValues((value, column) =>
    column === 'addedAt' && value !== null ? Math.floor(Number(value) / 1_000) * 1_000 : value,
  ),
  'keeps booleans as numbers': faultInValues((value) => (typeof value === 'boolean' ? Number(value) : value)),
  'writes JSON in a way of its own': faultInValues((value, column) =>
    column === 'details' && value !== null ? JSON.stringify(JSON.parse(String(value))) : value,
  ),
}
