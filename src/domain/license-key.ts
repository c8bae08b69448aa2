import { LENGTHS } from '../protocol/bounds'
import type { KeyCase } from '../protocol/enumerations'
import { LicenseError } from '../protocol/license-error'
import { LOOK_ALIKES, looseForm } from '../protocol/license-key-text'
import type { RandomBytes } from './random'
import { pickCharacters } from './random'

/** The longest and, for generated keys, the shortest license key; imported keys may be shorter. */
export const [, MAX_KEY_LENGTH] = LENGTHS.licenseKey
export const MIN_KEY_LENGTH = 23

/** How a vendor wants keys to look. */
export interface KeyFormat {
  /** 1 to 10; default 4. */
  readonly sections?: number
  /** 1 to 32 characters; default 5. */
  readonly sectionLength?: number
  /** Up to 3 characters; default `-`. */
  readonly separator?: string
  /** What sections are drawn from; default the digits and letters. */
  readonly charset?: string
  /** Up to 16 characters, joined to the sections as they are: `ACME-` where a separator is to follow. */
  readonly prefix?: string
  readonly suffix?: string
  /** Shapes the sections only; default `upper`. */
  readonly case?: KeyCase
}

const UPPER_ALPHANUMERIC = 'ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789'
const MIXED_ALPHANUMERIC = `${UPPER_ALPHANUMERIC}abcdefghijklmnopqrstuvwxyz`
/** Without characters that people take for each other. */
const UNAMBIGUOUS = UPPER_ALPHANUMERIC.replace(/[OI01]/g, '')

const MIN_FORMAT_BITS = 64

/** Nobody finds a key of so many random bits by guessing, however many requests are answered. */
export const STRONG_KEY_BITS = 80

/** True for what can be the canonical form of a key: printable ASCII, at most {@link MAX_KEY_LENGTH} characters. */
export function isCanonicalKey(text: string): boolean {
  return text.length <= MAX_KEY_LENGTH && /^[\x20-\x7e]+$/.test(text)
}

/** The loose form of a key that nobody guesses; null for another: two of those may be read alike, and one be deleted. */
export function looseKeyOf({
  canonicalKey,
  keyBits,
}: {
  readonly canonicalKey: string
  readonly keyBits: number | null
}) {
  return (keyBits ?? 0) >= STRONG_KEY_BITS ? looseForm(canonicalKey) : null
}

/** A license key's last four characters, for messages and logs. */
export function redactKey(key: string): string {
  return `…${key.slice(-4)}`
}

/** Makes license keys of one form. */
export interface KeyMaker {
  /** How many random bits a key has, as people write it; see {@link bitsPerCharacter}. Null where nobody knows. */
  readonly bits: number | null
  /** True where the next key is the same one. */
  readonly isOne?: true
  readonly make: (random: RandomBytes) => string
}

/** Keys like `T8XTR-A42LB-2997H-85SB5`: four sections of five, 100 random bits. */
export const DEFAULT_KEYS: KeyMaker = keysOf(4, 5, UNAMBIGUOUS, (sections) => sections.join('-'))

/** Keys like `KEY-XXXX-XXXX-XXXX-XXXX-XXXX`: an alias and five sections of four, 100 random bits. */
export function aliasedKeys(alias: string): KeyMaker {
  return keysOf(5, 4, UNAMBIGUOUS, (sections) => [alias.toUpperCase(), ...sections].join('-'))
}

/**
 * A maker of keys in a vendor's own format.
 * @throws {LicenseError} INVALID_REQUEST when the format gives keys that are too short, too long, cannot travel in a
 *   path, or can be guessed (fewer than 64 random bits, as people write them)
 */
export function formattedKeys(format: KeyFormat): KeyMaker {
  const { sections = 4, sectionLength = 5, separator = '-', prefix = '', suffix = '' } = format
  const alphabet = sectionAlphabet(format)
  const join = (middle: readonly string[]) => prefix + middle.join(separator) + suffix

  const sample = join(Array.from({ length: sections }, () => alphabet.slice(0, 1).repeat(sectionLength)))
  if (sample.length < MIN_KEY_LENGTH || sample.length > MAX_KEY_LENGTH) {
    throw badFormat(`gives keys of ${sample.length} characters; they must have ${MIN_KEY_LENGTH} to ${MAX_KEY_LENGTH}`)
  }
  if (!/^[A-Za-z0-9._~-]+$/.test(sample + alphabet)) {
    throw badFormat('gives keys with characters other than letters, digits and . _ ~ -')
  }
  const keys = keysOf(sections, sectionLength, alphabet, join)
  if (keys.bits < MIN_FORMAT_BITS) {
    throw badFormat(`gives keys of ${keys.bits} random bits; at least ${MIN_FORMAT_BITS} are needed`)
  }
  return keys
}

/** The very key that a vendor names, such as one of a shop. It may be easy to guess, and is guarded as imported keys are. */
export function namedKey(key: string): KeyMaker {
  return { bits: null, isOne: true, make: () => key }
}

function keysOf(
  sections: number,
  sectionLength: number,
  alphabet: string,
  join: (sections: readonly string[]) => string,
): KeyMaker & { readonly bits: number } {
  return {
    bits: Math.floor(sections * sectionLength * bitsPerCharacter(alphabet)),
    make: (random) => join(Array.from({ length: sections }, () => pickCharacters(alphabet, sectionLength, random))),
  }
}

/** The distinct characters of a section. */
function sectionAlphabet(format: KeyFormat): string {
  const { charset, case: letterCase = 'upper' } = format
  const source = charset ?? (letterCase === 'mixed' ? MIXED_ALPHANUMERIC : UPPER_ALPHANUMERIC)
  const shaped = letterCase === 'upper' ? source.toUpperCase() : letterCase === 'lower' ? source.toLowerCase() : source
  if (shaped === '') throw badFormat('has an empty charset')
  return [...new Set(shaped)].join('')
}

/**
 * Shannon entropy of one character as people write it: `a` and `A` are one character, twice as likely, and so are `O` and `0`,
 * `I` and `1`.
 */
function bitsPerCharacter(alphabet: string): number {
  const weights = new Map<string, number>()
  for (const character of alphabet.toUpperCase()) {
    const known = LOOK_ALIKES[character] ?? character
    weights.set(known, (weights.get(known) ?? 0) + 1)
  }
  const shares = [...weights.values()].map((weight) => weight / alphabet.length)
  return -shares.reduce((sum, share) => sum + share * Math.log2(share), 0)
}

function badFormat(why: string): LicenseError {
  return new LicenseError('INVALID_REQUEST', `format ${why}`, { detail: { field: 'format' } })
}
