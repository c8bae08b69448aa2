import { LENGTHS } from './bounds'

/**
 * What people are called and where mail reaches them, as somebody else wrote it: a payment, an import, an app. It is carried, and
 * never judged: a license that is paid for does not fail for want of a good address.
 */

const [, MOST_OF_NAME] = LENGTHS.name
const [, MOST_OF_EMAIL] = LENGTHS.email
/** Of an email that is none: it is shown, and nobody is looked up by it. */
const MOST_OF_TEXT = 1000

/** A name as it is kept, at most 256 code points; empty where there is none. */
export function carryName(text: string): string {
  return cut(carry(text), MOST_OF_NAME)
}

/** An email as it is kept, of any shape; null where there is none. */
export function carryEmail(text: string): string | null {
  return cut(carry(text), MOST_OF_TEXT) || null
}

/** Whether it names a mailbox: something, one `@`, something, up to 254 characters, of any script. */
export function isEmail(text: string): boolean {
  return /^[^@\s]+@[^@\s]+$/u.test(text) && text.length <= MOST_OF_EMAIL
}

/** How many characters people see, near enough: a surrogate pair is one. */
export function codePoints(text: string): number {
  return [...text].length
}

/** Well-formed, in one spelling (NFC), on one line, without blanks around it. */
function carry(text: string): string {
  return text
    .toWellFormed()
    .normalize('NFC')
    .replace(/\p{Cc}/gu, ' ')
    .trim()
}

function cut(text: string, most: number): string {
  return text.length <= most ? text : [...text].slice(0, most).join('').trimEnd()
}
