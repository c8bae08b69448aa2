import { describe, expect, it } from 'vitest'
import { createKeyring, revokeKey, rotateKeyring } from '../../../src/server/signing/keyring'
import { createSealer } from '../../../src/server/signing/sealer'

const START = new Date('2026-06-15T12:00:00.000Z')

describe('a sealer', () => {
  const random = (size: number) => crypto.getRandomValues(new Uint8Array(size))

  it('opens what it has sealed, with retired and revoked keys too, and nothing that was altered or moved', () => {
    const keyring = createKeyring(START)
    const sealed = createSealer(keyring, random).seal('text', 'prod_1')
    const rotated = rotateKeyring(keyring, START)
    for (const later of [keyring, rotated, revokeKey(rotated, keyring.current.kid, START)]) {
      expect(createSealer(later, random).open(sealed, 'prod_1')).toBe('text')
    }
    const sealer = createSealer(keyring, random)
    expect(sealer.seal('text', 'prod_1')).not.toBe(sealed)
    const altered = sealed.slice(0, -9) + (sealed.at(-9) === 'A' ? 'B' : 'A') + sealed.slice(-8)
    for (const [text, about] of [
      [sealed, 'prod_2'],
      [altered, 'prod_1'],
      [sealed.slice(0, 60), 'prod_1'],
      ['', 'prod_1'],
    ] as const) {
      expect(() => sealer.open(text, about)).toThrow(expect.objectContaining({ code: 'KEYRING_MISMATCH' }))
    }
    expect(() => createSealer(createKeyring(START), random).open(sealed, 'prod_1')).toThrow(/prod_1/)
  })
})
