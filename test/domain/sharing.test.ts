import { describe, expect, it } from 'vitest'
import { decideSharing, markOfNetwork, type Sharing } from '../../src/domain/sharing'

const DAY_MS = 86_400_000
const START = Date.UTC(2026, 2, 1)

/** A sighting: the day, the user's keys, the address. */
type Seen = readonly [day: number, keys: string, address: string | null]

function tellsOf(seen: readonly Seen[]): readonly number[] {
  let known: Sharing | null = null
  return seen.flatMap(([day, keys, address], index) => {
    const now = new Date(START + day * DAY_MS + index)
    const decided = decideSharing(known, { keys: keys.split(' '), network: markOfNetwork('act_1', address), now })
    known = decided.sharing
    return decided.isTold ? [day] : []
  })
}

const [HOME, OFFICE, HOME_6] = ['203.0.113.7', '198.51.100.4', '2001:db8:1::7']

/** Each of these days: one key here, the other there. */
const apart = (days: readonly number[], there: string | null = OFFICE, keys = ['ada-key-1', 'bob-key-1']) =>
  days.flatMap((day): Seen[] => [
    [day, keys[0] ?? '', HOME],
    [day, keys[1] ?? '', there],
  ])

describe('keys of one host in different networks', () => {
  it.each<[string, readonly Seen[], readonly number[]]>([
    ['are told of on the third day', apart([0, 1, 2]), [2]],
    ['are told of on each day after it, once', [...apart([0, 1, 2, 3]), [3, 'bob-key-1', OFFICE]], [2, 3]],
    ['are told of within 30 days', apart([0, 15, 29]), [29]],
    ['are not told of where the days lie further apart', apart([0, 15, 30]), []],
    ['are not told of on two days', apart([0, 1]), []],
    ['are not told of where they are in one network', apart([0, 1, 2, 3], '203.0.113.99'), []],
    ['are not told of where one key travels', apart([0, 1, 2, 3], OFFICE, ['ada-key-1', 'ada-key-1']), []],
    [
      'are not told of where a user has lost a key',
      apart([0, 1, 2, 3], OFFICE, ['ada-key-1', 'ada-key-2 ada-key-1']),
      [],
    ],
    [
      'are not told of on different days',
      [0, 1, 2, 3, 4, 5].map((day): Seen => [day, day % 2 ? 'ada-key-1' : 'bob-key-1', day % 2 ? HOME : OFFICE]),
      [],
    ],
    ['are not told of by an IPv4 and an IPv6 address of one computer', apart([0, 1, 2, 3], HOME_6), []],
    ['are not told of where no address is known', apart([0, 1, 2, 3], null), []],
  ])('%s', (_, seen, told) => {
    expect(tellsOf(seen)).toEqual(told)
  })

  it('are kept in a few bytes, and without an address', () => {
    let known: Sharing | null = null
    for (const [day, keys, address] of apart(Array.from({ length: 60 }, (_, day) => day))) {
      const network = markOfNetwork('act_1', address)
      known = decideSharing(known, { keys: [keys], network, now: new Date(START + day * DAY_MS) }).sharing
    }
    const kept = JSON.stringify(known)
    expect(kept.length).toBeLessThan(110)
    expect(kept).not.toContain('203.0')
  })
})
