import { describe, expect, it } from 'vitest'
import {
  bindKey,
  type HostKey,
  hasOutstayed,
  isProven,
  MAX_HOST_KEYS,
  mayChange,
  mayChangeFrom,
  otherUsers,
  takesKeyless,
  usersOf,
} from '../../src/domain/host-keys'
import type { Proof } from '../../src/domain/proof'
import { hostKey } from './host-key'

const NOW = new Date('2026-03-01T12:00:00.000Z')
const DAY = 86_400_000
const days = (count: number) => new Date(NOW.getTime() + count * DAY)

/** When the vendor last changed the license. */
const LONG_AGO = days(-1000)

const slot = (keys: readonly HostKey[], keylessEndAt: Date | null = null) => ({ keys, keylessEndAt })
/** Three users of one computer, the first of them long gone. */
const OLD = hostKey('old', days(-100), days(-20))
const PAPER = hostKey('paper', days(-50), days(10))
const YOUNG = hostKey('young', days(-1), days(12))

describe('who acts for a host', () => {
  it.each<[string, ReturnType<typeof slot>, Proof, boolean]>([
    ['it has no keys: whoever asks', slot([]), {}, true],
    ['it has no keys: whoever shows one', slot([]), { proofKey: 'any' }, true],
    ['the holder of its oldest key', slot([PAPER, YOUNG]), { proofKey: 'paper' }, true],
    ['the holder of its youngest', slot([PAPER, YOUNG]), { proofKey: 'young' }, true],
    ['nobody who shows another key', slot([PAPER]), { proofKey: 'thief' }, false],
    ['nobody who shows none', slot([PAPER]), {}, false],
    ['who shows none, while tokens last that were given without a key', slot([PAPER], days(1)), {}, true],
    ['nobody who shows another key all the same', slot([PAPER], days(1)), { proofKey: 'thief' }, false],
    ['nobody who shows none, once they have ended', slot([PAPER], NOW), {}, false],
    ['the vendor', slot([PAPER]), { trusted: true }, true],
    ['nobody whose time is over', slot([{ ...PAPER, until: NOW }]), { proofKey: 'paper' }, false],
  ])('%s', (_name, host, proof, expected) => {
    expect(isProven(host, proof, NOW)).toBe(expected)
  })

  it('was one too many, until its time is over', () => {
    const host = slot([PAPER, { ...YOUNG, until: days(1) }])
    const asks = (at: Date) => [
      isProven(host, { proofKey: 'young' }, at),
      hasOutstayed(host, { proofKey: 'young' }, at),
    ]
    expect(asks(NOW)).toEqual([true, false])
    expect(asks(days(1))).toEqual([false, true])
    expect(hasOutstayed(host, { proofKey: 'thief' }, days(1))).toBe(false)
  })

  it('shows no key, where it never did or still has tokens from then', () => {
    expect([takesKeyless(slot([]), NOW), takesKeyless(slot([PAPER], days(1)), NOW)]).toEqual([true, true])
    expect([takesKeyless(slot([PAPER], NOW), NOW), takesKeyless(slot([PAPER]), NOW)]).toEqual([false, false])
  })
})

describe('who frees or moves a slot', () => {
  it('is the oldest key at once, a younger one 14 days after the tokens of all older ones have ended', () => {
    const host = slot([OLD, PAPER, YOUNG])
    expect(mayChangeFrom(host, { proofKey: 'old' }, NOW, LONG_AGO)).toEqual(NOW)
    expect(mayChangeFrom(host, { proofKey: 'paper' }, NOW, LONG_AGO)).toEqual(NOW)
    expect(mayChangeFrom(host, { proofKey: 'young' }, NOW, LONG_AGO)).toEqual(days(24))
    expect([NOW, days(23), days(24)].map((at) => mayChange(host, { proofKey: 'young' }, at, LONG_AGO))).toEqual([
      false,
      false,
      true,
    ])
  })

  it('is a younger one no earlier than 14 days after the vendor has changed the license, which may not have served before', () => {
    const host = slot([OLD, PAPER, YOUNG])
    expect(mayChangeFrom(host, { proofKey: 'young' }, NOW, days(12))).toEqual(days(26))
    expect(mayChangeFrom(host, { proofKey: 'paper' }, NOW, days(-1))).toEqual(days(13))
    expect(mayChangeFrom(host, { proofKey: 'old' }, NOW, days(-1))).toEqual(NOW)
  })

  it('is nobody with a key that was bound today, however many of them', () => {
    const thieves = Array.from({ length: 30 }, (_, index) => hostKey(`thief-${index}`, NOW, days(30)))
    for (const { thumbprint } of thieves) {
      expect(mayChange(slot([PAPER, ...thieves]), { proofKey: thumbprint }, NOW, LONG_AGO)).toBe(false)
    }
    expect(mayChange(slot([PAPER, ...thieves]), { proofKey: 'paper' }, NOW, LONG_AGO)).toBe(true)
  })

  it('is whoever may ask without a key, and the vendor, but nobody who does not act for the host', () => {
    expect(mayChange(slot([PAPER, YOUNG], days(1)), {}, NOW, LONG_AGO)).toBe(true)
    expect(mayChange(slot([PAPER, YOUNG], days(1)), { proofKey: 'young' }, NOW, LONG_AGO)).toBe(true)
    expect(mayChange(slot([PAPER]), { trusted: true }, NOW, LONG_AGO)).toBe(true)
    expect(mayChangeFrom(slot([PAPER]), { proofKey: 'thief' }, NOW, LONG_AGO)).toBeNull()
    expect(mayChangeFrom(slot([PAPER]), {}, NOW, LONG_AGO)).toBeNull()
  })
})

describe('the users of a host', () => {
  it('are the keys whose tokens live, or that were used within 30 days', () => {
    const idle = hostKey('idle', days(-29), days(-28))
    expect(usersOf(slot([OLD, idle, PAPER]), NOW)).toEqual([idle, PAPER])
    expect(otherUsers(slot([OLD, idle, PAPER]), { proofKey: 'paper' }, NOW)).toEqual([idle])
  })
})

describe('binding a key', () => {
  const bind = (keys: readonly HostKey[], thumbprint: string, usersPerHost?: number) =>
    bindKey(slot(keys), { proofKey: thumbprint }, { usersPerHost, tokensEndAt: days(9) }, NOW)
  const crowd = (size: number) => Array.from({ length: size }, (_, index) => hostKey(`user-${index}`, NOW, days(9)))

  it('makes it the youngest, and changes no other', () => {
    expect(bind([PAPER], 'new', 5)).toEqual([PAPER, hostKey('new', NOW, days(9))])
  })

  it('counts users, not keys that nobody uses any more', () => {
    expect(bind([OLD, PAPER], 'new', 2)).toEqual([OLD, PAPER, hostKey('new', NOW, days(9))])
  })

  it('takes one too many for seven days, and no other after it', () => {
    const bound = bind(crowd(5), 'sixth', 5)
    expect(bound).toEqual([...crowd(5), hostKey('sixth', NOW, days(9), days(7))])
    if (bound === 'users-exceeded') throw new Error(bound)
    expect(bind(bound, 'seventh', 5)).toBe('users-exceeded')
  })

  it('gives one whose time is over no more of it, until there is room', () => {
    const over = hostKey('sixth', days(-7), days(-1), NOW)
    expect(bind([...crowd(5), over], 'sixth', 5)).toBe('users-exceeded')
    expect(bind([...crowd(4), over], 'sixth', 5)).toEqual([...crowd(4), hostKey('sixth', NOW, days(9))])
  })

  it('remembers so many keys, whoever binds them', () => {
    expect(bind(crowd(MAX_HOST_KEYS - 1), 'last')).toHaveLength(MAX_HOST_KEYS)
    expect(bind(crowd(MAX_HOST_KEYS), 'one more')).toBe('users-exceeded')
  })
})
