import * as z from 'zod'
import { type Bound, LENGTHS } from '../bounds'
import { isRecord } from '../json'
import { canonicalKey, pastedKeys } from '../license-key-text'
import { carryEmail, carryName, codePoints, isEmail } from '../person-text'
import { parseInstant } from './instant'

const NOT_STORABLE = 'must be well-formed Unicode without U+0000'

/** Longer strings than any field allows; cuts off before work is done on them. */
const MAX_RAW_KEY_LENGTH = 1024

/** Text any database gives back as it was: well-formed Unicode without U+0000. */
export function text([min, max]: Bound) {
  return z.string().min(min).max(max).refine(isStorable, NOT_STORABLE)
}

/** Text to look for, of any length: what no row has finds none. */
export const soughtText = z.string().refine(isStorable, NOT_STORABLE)

function isStorable(value: string): boolean {
  return value.isWellFormed() && !value.includes('\0')
}

/** Printable ASCII, compared exactly: ids and hosts. */
export function printableAscii([min, max]: Bound) {
  return z
    .string()
    .min(min)
    .max(max)
    .regex(/^[\x20-\x7e]*$/, 'must be printable ASCII')
}

export const productId = printableAscii(LENGTHS.id)
export const hostId = printableAscii(LENGTHS.hostId)
export const deviceTag = text(LENGTHS.deviceTag)
export const appVersion = text(LENGTHS.appVersion)
export const name = text(LENGTHS.name)

/** A person's name as somebody else wrote it: carried, cut where it is too long; empty where it is none. */
export const carriedName = z.string().transform(carryName)

/** A person's email as somebody else wrote it: carried, whatever it is; null where it is none. */
export const carriedEmail = z.string().transform(carryEmail)

/** The same as requests may hold them, which KeyMint's protocol bounds. */
const [, MOST_OF_NAME] = LENGTHS.name
export const personName = z
  .string()
  .min(1)
  .refine((name) => codePoints(name) <= MOST_OF_NAME, `must have at most ${MOST_OF_NAME} characters`)
  .refine(isStorable, NOT_STORABLE)
  .meta({ maxLength: MOST_OF_NAME })
  .transform(carryName)
export const email = z
  .string()
  .refine((text) => isStorable(text) && isEmail(carryEmail(text) ?? ''), 'must be an email address')
  .meta({ format: 'email', maxLength: LENGTHS.email[1] })
  .transform(carryEmail)

/**
 * A license key in canonical form. The shortest generated key has 23 characters, but an imported one may be shorter:
 * only a look-up can tell, so length is checked from 1 here.
 */
export const licenseKey = z
  .string()
  .min(1)
  .max(MAX_RAW_KEY_LENGTH)
  .transform(canonicalKey)
  .pipe(printableAscii(LENGTHS.licenseKey))

/** A license key that the vendor names, as it was given. */
export const givenKey = text([1, 1024]).refine(
  (key) => licenseKey.safeParse(key).success,
  'must be 1 to 256 characters of printable ASCII',
)

/** A license key in canonical form, as somebody may paste it: with a label, and with marks around. */
export const pastedLicenseKey = z
  .string()
  .min(1)
  .max(MAX_RAW_KEY_LENGTH)
  .transform((text) => {
    const canonical = canonicalKey(text)
    return isPrintable(canonical) ? canonical : (pastedKeys(text).find(isPrintable) ?? canonical)
  })
  .pipe(printableAscii(LENGTHS.licenseKey))

function isPrintable(text: string): boolean {
  return /^[\x20-\x7e]+$/.test(text)
}

/** A whole number, or the same in decimal digits. */
export function wholeNumber([min, max]: Bound) {
  return z
    .union([
      z.number(),
      z
        .string()
        .regex(/^\d{1,15}$/, 'must be a whole number')
        .transform(Number),
    ])
    .pipe(z.number().int().min(min).max(max))
}

/** A calendar date (midnight UTC) or a date-time with offset (RFC 3339 §5.6). */
export const instant = z.string().transform(readInstant)

/** The same, and null for an empty text, by which some of KeyMint's clients mean never. */
export const instantOrNever = z
  .string()
  .transform((value, context) => (value === '' ? null : readInstant(value, context)))

function readInstant(value: string, context: z.RefinementCtx): Date {
  const parsed = parseInstant(value)
  if (parsed !== undefined) return parsed
  context.addIssue({ code: 'custom', message: 'must be a date (YYYY-MM-DD) or a date-time with Z or an offset' })
  return z.NEVER
}

/** A JWK thumbprint (RFC 7638), or enough of its beginning to name it. */
export const startOfThumbprint = z.string().regex(/^[A-Za-z0-9_-]{8,43}$/, 'must be 8 to 43 characters of base64url')

const MAX_METADATA_BYTES = 4096
const MAX_METADATA_DEPTH = 5

/** A JSON object of at most 4,096 bytes and 5 levels. */
export const metadata = z
  .custom<Record<string, unknown>>(isRecord, 'must be a JSON object')
  .refine((value) => depthWithin(value, MAX_METADATA_DEPTH), {
    error: `must be at most ${MAX_METADATA_DEPTH} levels deep`,
    // The checks that follow go all the way down, and would run out of stack.
    abort: true,
  })
  .refine((value) => hasSafeText(value), 'must hold well-formed Unicode without U+0000')
  .refine(
    (value) => Buffer.byteLength(JSON.stringify(value)) <= MAX_METADATA_BYTES,
    `must be at most ${MAX_METADATA_BYTES} bytes as JSON`,
  )

/** Stops one level past the bound, so that 40,000 nested arrays cost nothing. */
function depthWithin(value: unknown, levels: number): boolean {
  if (typeof value !== 'object' || value === null) return true
  return levels > 0 && Object.values(value).every((child) => depthWithin(child, levels - 1))
}

function hasSafeText(value: unknown): boolean {
  if (typeof value === 'string') return isStorable(value)
  if (typeof value !== 'object' || value === null) return true
  return Object.entries(value).every(([key, child]) => hasSafeText(key) && hasSafeText(child))
}
