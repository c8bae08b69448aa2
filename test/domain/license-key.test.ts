import { randomBytes } from 'node:crypto'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import {
  aliasedKeys,
  DEFAULT_KEYS,
  formattedKeys,
  type KeyFormat,
  MAX_KEY_LENGTH,
  MIN_KEY_LENGTH,
  redactKey,
} from '../../src/domain/license-key'
import { canonicalKey } from '../../src/protocol/license-key-text'

const invalidFormat = expect.objectContaining({ code: 'INVALID_REQUEST', detail: { field: 'format' } })

function refusing(format: KeyFormat): unknown {
  try {
    formattedKeys(format)
  } catch (error) {
    return error
  }
  return undefined
}

describe('canonicalKey', () => {
  it.each([
    ['t8xtr-ai21b', 'T8XTR-AI21B'],
    ['  T8XTR-AI21B\r\n', 'T8XTR-AI21B'],
    // Full-width letters, as some input methods write them, with an ideographic space.
    ['　ｔ８ｘｔｒ－ＡＩ２１Ｂ', 'T8XTR-AI21B'],
    ['straße', 'STRASSE'],
    ['ﬁx', 'FIX'],
    ['\u00a0a b\u00a0', 'A B'],
  ])('%j is %j', (key, canonical) => {
    expect(canonicalKey(key)).toBe(canonical)
  })

  it('is canonical already, for keys as they can be made', () => {
    const characters = fc.constantFrom(...'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789._~-')
    fc.assert(
      fc.property(fc.string({ unit: characters, maxLength: 64 }), (key) => {
        expect(canonicalKey(canonicalKey(key))).toBe(canonicalKey(key))
        expect(canonicalKey(key.toLowerCase())).toBe(canonicalKey(key.toUpperCase()))
        expect(canonicalKey(` ${key}\n`)).toBe(canonicalKey(key))
      }),
    )
  })
})

describe('generated keys', () => {
  it('are four sections of five', () => {
    const keys = Array.from({ length: 500 }, () => DEFAULT_KEYS.make(randomBytes))
    for (const key of keys) {
      expect(key).toMatch(/^[A-Z0-9]{5}(-[A-Z0-9]{5}){3}$/)
      expect(key.length).toBeGreaterThanOrEqual(MIN_KEY_LENGTH)
      expect(canonicalKey(key)).toBe(key)
    }
    expect(new Set(keys).size).toBe(500)
  })

  it('carry an alias in upper case before five sections of four', () => {
    expect(aliasedKeys('key').make(randomBytes)).toMatch(/^KEY(-[A-Z0-9]{4}){5}$/)
  })

  it('follow from the random bytes alone', () => {
    const bytes = (size: number) => new Uint8Array(size).map((_, index) => index)
    expect(DEFAULT_KEYS.make(bytes)).toBe('ABCDE-ABCDE-ABCDE-ABCDE')
  })
})

describe('formattedKeys', () => {
  it.each<[string, KeyFormat, RegExp]>([
    ['the default', {}, /^[A-Z0-9]{5}(-[A-Z0-9]{5}){3}$/],
    ['lower case', { case: 'lower' }, /^[a-z0-9]{5}(-[a-z0-9]{5}){3}$/],
    ['mixed case', { case: 'mixed', separator: '', sectionLength: 8 }, /^[A-Za-z0-9]{32}$/],
    ['prefix and suffix as they are', { prefix: 'Acme-', suffix: 'pro' }, /^Acme-[A-Z0-9]{5}(-[A-Z0-9]{5}){3}pro$/],
    ['an empty prefix', { prefix: '', sections: 5 }, /^[A-Z0-9]{5}(-[A-Z0-9]{5}){4}$/],
    ['a long separator', { separator: '~.~' }, /^[A-Z0-9]{5}(~\.~[A-Z0-9]{5}){3}$/],
    ['digits', { charset: '0123456789', sections: 5 }, /^\d{5}(-\d{5}){4}$/],
    ['a charset with repeats', { charset: 'AAABBBCCCDDDEEEFFFGGGHHH', sections: 5 }, /^[A-H]{5}(-[A-H]{5}){4}$/],
    ['a charset shaped by the case', { charset: 'abcdefghij', sections: 5 }, /^[A-J]{5}(-[A-J]{5}){4}$/],
    [
      'the longest',
      { sections: 7, sectionLength: 32, separator: '~~~', prefix: 'PREFIXPREFIX!'.slice(0, 11) },
      /^PREFIXPREFI[A-Z0-9]{32}(~~~[A-Z0-9]{32}){6}$/,
    ],
  ])('makes %s', (_name, format, shape) => {
    const { make: makeKey } = formattedKeys(format)
    const keys = Array.from({ length: 50 }, () => makeKey(randomBytes))
    for (const key of keys) expect(key).toMatch(shape)
    expect(new Set(keys).size).toBe(50)
  })

  it.each<[string, KeyFormat]>([
    ['too short', { sections: 3, sectionLength: 6 }],
    ['one character too short', { sections: 1, sectionLength: MIN_KEY_LENGTH - 1 }],
    ['too long', { sections: 10, sectionLength: 32 }],
    ['a slash', { separator: '/' }],
    ['white space', { prefix: 'my app' }],
    ['letters outside ASCII', { charset: 'ÄÖÜABCDEFGHIJKLMNOPQRSTUVWXYZ' }],
    ['an empty charset', { charset: '' }],
    ['one character', { charset: 'A', sectionLength: 32 }],
    ['too few random bits', { charset: '01', sections: 4, sectionLength: 8 }],
    ['too few bits once upper-cased', { charset: 'Aa', sections: 2, sectionLength: 32, case: 'mixed' }],
  ])('refuses %s', (_name, format) => {
    expect(refusing(format)).toEqual(invalidFormat)
  })

  it('draws the line at 64 random bits', () => {
    const bits = { charset: '01', sections: 2, separator: '' }
    expect(refusing({ ...bits, sectionLength: 32 })).toBeUndefined()
    expect(refusing({ ...bits, sectionLength: 31 })).toEqual(invalidFormat)
    // Mixed case looks like 5.95 bits a character, so that 11 would do; matched in upper case it is 5.1, and 13 are needed.
    const padded = { case: 'mixed', prefix: 'LONG-ENOUGH', sections: 1 } as const
    expect(refusing({ ...padded, sectionLength: 12 })).toEqual(invalidFormat)
    expect(refusing({ ...padded, sectionLength: 13 })).toBeUndefined()
  })

  it('makes keys within the bounds, or refuses the format', () => {
    const formats = fc.record(
      {
        sections: fc.integer({ min: 1, max: 10 }),
        sectionLength: fc.integer({ min: 1, max: 32 }),
        separator: fc.string({ maxLength: 3 }),
        charset: fc.string({ maxLength: 40 }),
        prefix: fc.string({ maxLength: 16 }),
        suffix: fc.string({ maxLength: 16 }),
        case: fc.constantFrom('upper', 'lower', 'mixed'),
      },
      { requiredKeys: [] },
    )
    fc.assert(
      fc.property(formats, (format) => {
        const refusal = refusing(format)
        if (refusal !== undefined) {
          expect(refusal).toEqual(invalidFormat)
          return
        }
        const key = formattedKeys(format).make(randomBytes)
        expect(key.length).toBeGreaterThanOrEqual(MIN_KEY_LENGTH)
        expect(key.length).toBeLessThanOrEqual(MAX_KEY_LENGTH)
        expect(encodeURIComponent(key)).toBe(key)
      }),
      { numRuns: 500 },
    )
  })
})

describe('redactKey', () => {
  it('keeps the last four characters', () => {
    expect(redactKey('T8XTR-AI21B-2990H-85SB5')).toBe('…5SB5')
  })
})
