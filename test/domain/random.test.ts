import { randomBytes } from 'node:crypto'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { createId, drawBytes, pickCharacters } from '../../src/domain/random'

/** Every byte once, over and over: what is drawn from it shows any favour at once. */
function everyByte(): (size: number) => Uint8Array {
  let next = 0
  return (size) => new Uint8Array(size).map(() => next++ % 256)
}

describe('pickCharacters', () => {
  it('draws every character equally often from evenly spread bytes', () => {
    for (const alphabet of ['AB', 'ABC', 'ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789', '0123456789']) {
      const rounds = 256 - (256 % alphabet.length)
      const counts = new Map<string, number>()
      const picked = pickCharacters(alphabet, rounds, everyByte())
      for (const character of picked) counts.set(character, (counts.get(character) ?? 0) + 1)
      expect([...counts.values()]).toEqual(Array.from(alphabet, () => rounds / alphabet.length))
    }
  })

  it('throws away the bytes that would favour the first characters', () => {
    // 256 is 4 more than a multiple of 36: bytes from 252 on are thrown away.
    const bytes = [255, 254, 253, 252, 251, 0]
    const random = (size: number) => Uint8Array.from({ length: size }, (_, index) => bytes[index % bytes.length] ?? 0)
    expect(pickCharacters('ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789', 2, random)).toBe('9A')
  })

  it('gives as many characters as asked for, all of the alphabet', () => {
    const alphabets = fc.uniqueArray(fc.constantFrom(...'ABCDEFGHIJKLMNOPQRSTUVWXYZ'), { minLength: 1 })
    fc.assert(
      fc.property(alphabets, fc.nat(300), (alphabet, count) => {
        const picked = pickCharacters(alphabet.join(''), count, randomBytes)
        expect(picked).toHaveLength(count)
        for (const character of picked) expect(alphabet).toContain(character)
      }),
    )
  })
})

describe('createId', () => {
  it('is a prefix and 22 characters of base64url', () => {
    expect(createId('lic', () => new Uint8Array(16).fill(255))).toBe('lic______________________w')
    expect(createId('lic', randomBytes)).toMatch(/^lic_[A-Za-z0-9_-]{22}$/)
    expect(new Set(Array.from({ length: 500 }, () => createId('lic', randomBytes))).size).toBe(500)
  })
})

describe('drawBytes', () => {
  it('gives as many bytes as asked for, and none of them twice', () => {
    const texts = Array.from({ length: 2_000 }, () => drawBytes(16).toString('hex'))
    expect(new Set(texts).size).toBe(texts.length)
    for (const text of texts) expect(text).toMatch(/^[0-9a-f]{32}$/)
  })

  it('gives more than its supply holds, too, each byte drawn', () => {
    for (const size of [0, 1, 4095, 4096, 4097, 100_000]) {
      const drawn = drawBytes(size)
      expect(drawn).toHaveLength(size)
      const zeros = drawn.filter((byte) => byte === 0).length
      expect(zeros).toBeLessThanOrEqual(8 + size / 64)
    }
  })

  it('leaves what was drawn as it is, whatever is drawn later', () => {
    const drawn = drawBytes(64)
    const copy = Buffer.from(drawn)
    for (let count = 0; count < 1_000; count++) drawBytes(16)
    expect(drawn.equals(copy)).toBe(true)
  })
})
