import { randomFillSync } from 'node:crypto'

/** Cryptographically secure random bytes; injected, so that everything random can be pinned in a test. */
export type RandomBytes = (size: number) => Uint8Array

const SUPPLY_BYTES = 4096
const supply = Buffer.alloc(SUPPLY_BYTES)
let used = SUPPLY_BYTES

/**
 * Secure random bytes out of a supply: to ask the system for each id takes five times as long. No byte is handed out twice,
 * and the supply forgets what was handed out.
 */
export function drawBytes(size: number): Buffer {
  const drawn = Buffer.alloc(size)
  if (size > SUPPLY_BYTES) return randomFillSync(drawn)
  if (used + size > SUPPLY_BYTES) {
    randomFillSync(supply)
    used = 0
  }
  supply.copy(drawn, 0, used, used + size)
  supply.fill(0, used, used + size)
  used += size
  return drawn
}

/** `count` characters drawn evenly from `alphabet` (at most 256 characters): bytes that would favour some are thrown away. */
export function pickCharacters(alphabet: string, count: number, random: RandomBytes): string {
  const evenLimit = 256 - (256 % alphabet.length)
  let picked = ''
  while (picked.length < count) {
    for (const byte of random(count + 8)) {
      if (byte < evenLimit && picked.length < count) picked += alphabet.charAt(byte % alphabet.length)
    }
  }
  return picked
}

/** Random bytes as base64url: 22 characters for 16 bytes, 43 for 32. */
export function randomText(random: RandomBytes, bytes: number): string {
  return Buffer.from(random(bytes)).toString('base64url')
}

/** An opaque id: a prefix that tells its kind and 128 random bits, 22 characters of base64url. */
export function createId(prefix: string, random: RandomBytes): string {
  return `${prefix}_${randomText(random, 16)}`
}
