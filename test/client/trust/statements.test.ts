import { describe, expect, it } from 'vitest'
import { typeOf } from '../../../src/client/trust/statements'
import { BRIDGE_TYP } from '../../../src/protocol'

const encode = (text: string) => Buffer.from(text).toString('base64url')

describe('the type of a statement', () => {
  it('is read from a header of usual length', () => {
    expect(typeOf(`${encode(JSON.stringify({ typ: BRIDGE_TYP }))}.a.b`)).toBe(BRIDGE_TYP)
    expect(typeOf('')).toBeUndefined()
    expect(typeOf(encode('{"typ":"x"}'))).toBeUndefined()
    expect(typeOf(`${encode(JSON.stringify({ typ: BRIDGE_TYP, pad: 'x'.repeat(1_024) }))}.a.b`)).toBeUndefined()
  })

  it.each([
    ['brackets', encode('['.repeat(9_000_000))],
    ['dots', '.'.repeat(12_000_000)],
    ['one word', 'a'.repeat(12_000_000)],
  ])('costs no time to speak of where there is none: %s', (_, text) => {
    typeOf(text)
    const begun = performance.now()
    for (let times = 0; times < 20; times++) typeOf(`${text}.a.b`)
    expect(performance.now() - begun).toBeLessThan(1_000)
  })
})
