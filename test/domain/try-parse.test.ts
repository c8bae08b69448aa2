import { describe, expect, it } from 'vitest'
import { z } from 'zod'
import { inputParser } from '../../src/protocol/schemas/parse-input'
import { text } from '../../src/protocol/schemas/primitives'
import { parseRecordLine } from '../../src/protocol/schemas/record-lines'
import { tryParse } from '../../src/protocol/schemas/try-parse'

/** Has a length, which cannot be compared with a number. */
const INCOMPARABLE = { length: { toString: 1 } }

describe('a check that throws', () => {
  const schema = z.object({
    plain: text([1, 9]),
    inner: z.object({ text: text([1, 9]) }).nullish(),
    list: z.array(text([1, 9])).max(9),
  })
  const sound = { plain: 'a', list: [] }

  it.each([
    ['plain', { ...sound, plain: INCOMPARABLE }],
    ['inner.text', { ...sound, inner: { text: INCOMPARABLE } }],
    ['list', { ...sound, list: INCOMPARABLE }],
    ['list', { ...sound, list: ['a', INCOMPARABLE] }],
    ['', INCOMPARABLE],
  ])('refuses the value by its field: %j', (path, value) => {
    const whole = path === '' ? text([1, 9]) : schema
    expect(() => whole.safeParse(value)).toThrow(TypeError)
    const parsed = tryParse<z.ZodType>(whole, value)
    expect(parsed).toMatchObject({ success: false, issues: [{ path: path.split('.').filter(Boolean) }] })
  })

  it('leaves a missing field to be told first', () => {
    const parse = inputParser(schema)
    expect(() => parse({ plain: INCOMPARABLE })).toThrow(expect.objectContaining({ code: 'MISSING_PARAMS' }))
    const malformed = { code: 'INVALID_REQUEST', message: 'plain: is not as it should be', detail: { field: 'plain' } }
    expect(() => parse({ ...sound, plain: INCOMPARABLE })).toThrow(expect.objectContaining(malformed))
  })

  it('refuses a line of an import', () => {
    const line = { kind: 'product', name: INCOMPARABLE }
    expect(parseRecordLine(line)).toEqual({ fault: { field: expect.any(String), why: 'is not as it should be' } })
  })
})

describe('what has its shape', () => {
  it('is given in the types of the schema', () => {
    expect(tryParse(z.object({ size: z.string().transform(Number) }), { size: '5' })).toEqual({
      success: true,
      data: { size: 5 },
    })
  })
})
