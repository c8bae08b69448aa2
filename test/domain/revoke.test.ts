import { describe, expect, it } from 'vitest'
import type { Revocation } from '../../src/domain/decision'
import type { License } from '../../src/domain/license'
import {
  isScarce,
  keysOf,
  leaveUnlisted,
  listRevoked,
  noteRevoked,
  raiseFloor,
  revokeActivation,
  revokeLicense,
} from '../../src/domain/revoke'
import { holdCeiling, newFloor, RESERVED_AHEAD_MS, STAMP_CEILING, stampToken, tokenStamp } from '../../src/domain/stamp'
import { revocationId } from '../../src/protocol/revocation-list'

const NOW = new Date(1_000_000)
const at = (milliseconds: number) => new Date(NOW.getTime() + milliseconds)
const LICENSE = { id: 'lic_1', productIds: ['prod_1'], stampFloor: 0, unlistedTokensEndAt: null } as unknown as License

describe('the id of an entry', () => {
  it('is base64url of 96 bits, and names a license, a host or a key of it', () => {
    const ids = [revocationId('lic_1'), revocationId('lic_1', 'host'), revocationId('lic_1', 'host', 'key')]
    for (const id of ids) expect(id).toMatch(/^[\w-]{16}$/)
    expect(new Set([...ids, revocationId('lic_1host'), revocationId('lic_1', 'hostkey')]).size).toBe(5)
  })
})

describe('tokenStamp', () => {
  it.each<[license: number, activation: number, expected: number]>([
    [0, 0, 1_000_000],
    [999_999, 0, 1_000_000],
    [1_000_000, 0, 1_000_001],
    [0, 1_000_500, 1_000_501],
    [2_000_000, 1_000_500, 2_000_001],
  ])('above %i and %i is %i', (license, activation, expected) => {
    const floors = { license: { stampFloor: license }, activation: { stampFloor: activation } }
    expect(tokenStamp(floors, NOW)).toBe(expected)
  })
})

describe('newFloor', () => {
  const neverAsked = () => {
    throw new Error('asked')
  }
  it.each([0, 7, NOW.getTime()])('is the last stamp of any host, %i, where that is not above the time', (stamp) => {
    expect(newFloor({ revokedStamp: stamp }, neverAsked, NOW)).toBe(stamp)
  })

  it.each<[stamps: number[], floor: number]>([
    [[], 0],
    [[7], 7],
    [[7, 2_000_000, 9], 2_000_000],
  ])('is the highest of the host’s own, %j, where that is above the time', (stamps, floor) => {
    const entries = stamps.map((stamp) => ({ id: 'entry', stamp, endsAt: NOW }))
    expect(newFloor({ revokedStamp: NOW.getTime() + 1 }, () => entries, NOW)).toBe(floor)
  })
})

describe('holdCeiling', () => {
  const counter = (value: number) => ({ name: STAMP_CEILING, value })
  it.each<[name: string, before: number | null, isTaken: boolean, reserved: number | undefined, expected: unknown]>([
    ['nothing', 10, false, undefined, []],
    ['nothing, with no counter', null, false, undefined, []],
    ['a revocation relies on it', 10, true, undefined, ['rely', undefined]],
    ['a revocation with no counter makes one', null, true, undefined, ['insert', 0]],
    ['a token at it', 10, false, 10, []],
    ['a token above it', 10, false, 11, ['replace', 11]],
    ['the first token', null, false, 11, ['insert', 11]],
    ['a revocation and a token above it', 10, true, 11, ['replace', 11]],
    ['a revocation and a token below it', 10, true, 9, ['rely', undefined]],
  ])('%s', (_, before, isTaken, reserved, expected) => {
    const row = before === null ? null : counter(before)
    const changes = holdCeiling(row, { isTaken, reserved })
    expect(
      changes.flatMap((one) => [one.kind, 'after' in one ? (one.after as { value: number }).value : undefined]),
    ).toEqual(expected)
  })
})

describe('stampToken', () => {
  const activation = { stampFloor: 0 }
  const outcome = { kind: 'existing', license: LICENSE, activation } as never
  it('reserves a stamp above the ceiling, and relies on what it was decided on', () => {
    const { reserved, changes, outcome: told } = stampToken<object>({ outcome, changes: [] }, 999_999, NOW)
    expect([reserved, told]).toEqual([
      1_000_000 + RESERVED_AHEAD_MS,
      { kind: 'existing', license: LICENSE, activation, stamp: 1_000_000 },
    ])
    expect(changes).toEqual([
      { kind: 'rely', of: 'license', before: LICENSE },
      { kind: 'rely', of: 'activation', before: activation },
    ])
  })

  it('reserves no more than a stamp that is far above the time', () => {
    const far = 1_000_000 + 2 * RESERVED_AHEAD_MS
    const floored = { kind: 'existing', license: LICENSE, activation: { stampFloor: far } } as never
    const { reserved } = stampToken<object>({ outcome: floored, changes: [] }, far, NOW)
    expect(reserved).toBe(far + 1)
  })

  it('writes nothing for one below it', () => {
    const decided = stampToken<object>({ outcome, changes: [] }, 1_000_000, NOW)
    expect([decided.reserved, decided.changes]).toEqual([undefined, []])
  })

  it('leaves a refusal as it is', () => {
    const refused = { outcome: { kind: 'gone' }, changes: [] }
    expect(stampToken(refused, 0, NOW)).toBe(refused)
  })
})

describe('what a revocation concerns', () => {
  const host = { hostId: 'host', tokensEndAt: at(5) }
  it('is a license, with the latest end', () => {
    const ends = (tokensEndAt: Date | null, unlistedTokensEndAt: Date | null) =>
      revokeLicense({ ...LICENSE, unlistedTokensEndAt }, tokensEndAt, 7, NOW).map((one) => one.tokensEndAt)
    expect(ends(null, null)).toEqual([])
    expect(ends(at(0), null)).toEqual([])
    expect(ends(at(1), null)).toEqual([at(1)])
    expect(ends(at(1), at(2))).toEqual([at(2)])
    expect(ends(null, at(2))).toEqual([at(2)])
  })

  it('is a host, unless its tokens have ended', () => {
    expect(revokeActivation(LICENSE, host, 7, NOW).map(({ subject }) => subject)).toEqual([['lic_1', 'host']])
    expect(revokeActivation(LICENSE, host, 7, at(5))).toEqual([])
  })
})

describe('listRevoked', () => {
  const license = { ...LICENSE, productIds: ['prod_1', 'prod_2'] }
  const [revoked] = revokeLicense(license, at(5), 7, NOW)
  const rows = (before: readonly Revocation[]) =>
    listRevoked(revoked === undefined ? [] : [revoked], before).map((change) => 'after' in change && change.after)
  const entry = { id: revocationId('lic_1'), licenseId: 'lic_1', hostId: '', stamp: 7, endsAt: at(5) }

  it('makes a row for each product', () => {
    expect(rows([])).toEqual([
      { ...entry, productId: 'prod_1', rank: 0 },
      { ...entry, productId: 'prod_2', rank: 1 },
    ])
    expect(revoked && keysOf(revoked)).toEqual([
      ['prod_1', entry.id],
      ['prod_2', entry.id],
    ])
  })

  it.each<[stamp: number, end: number, expectedStamp: number, expectedEnd: number]>([
    [3, 1, 7, 5],
    [3, 9, 7, 9],
    [9, 1, 9, 5],
  ])('keeps the highest stamp and the latest end: %i and %i become %i and %i', (stamp, end, highest, latest) => {
    const known = { ...entry, productId: 'prod_1', rank: 0, stamp, endsAt: at(end) }
    expect(rows([known])[0]).toMatchObject({ stamp: highest, endsAt: at(latest) })
  })

  it('names the host that it is about', () => {
    const about = revokeActivation(LICENSE, { hostId: 'host', tokensEndAt: at(5) }, 7, NOW)
    expect(listRevoked(about, [])).toMatchObject([{ after: { hostId: 'host' } }])
  })

  it('lasts until its stamp has passed on a clock that is ten minutes behind', () => {
    const [late] = revokeLicense(LICENSE, at(5), at(99).getTime(), NOW)
    expect(listRevoked(late ? [late] : [], [])).toMatchObject([{ after: { endsAt: at(600_099) } }])
  })
})

describe('a license', () => {
  it.each<[string, Partial<License>, boolean]>([
    ['with a limit', { maxActivations: 1, allowedHosts: null }, true],
    ['without one', { maxActivations: null, allowedHosts: null }, false],
    ['for as many hosts as it has slots', { maxActivations: 2, allowedHosts: ['a', 'b', 'a'] }, false],
    ['for more hosts than it has slots', { maxActivations: 1, allowedHosts: ['a', 'b'] }, true],
    ['of a trial', { maxActivations: 1, allowedHosts: null, metadata: { trial: true } }, false],
  ])('%s: whether slots are scarce', (_, changes, expected) => {
    expect(isScarce({ metadata: null, maxActivations: null, allowedHosts: null, ...changes })).toBe(expected)
  })

  it('remembers the highest stamp by which tokens of a host were revoked', () => {
    const host = { hostId: 'host', tokensEndAt: at(5) }
    const license = { ...LICENSE, revokedStamp: 7 }
    const stampAfter = (stamp: number) => noteRevoked(license, revokeActivation(license, host, stamp, NOW)).revokedStamp
    expect([stampAfter(6), stampAfter(8), noteRevoked(license, []).revokedStamp]).toEqual([7, 8, 7])
  })

  it('remembers the latest end of what is not listed, until all is revoked', () => {
    const left = leaveUnlisted(LICENSE, { tokensEndAt: at(5) }, NOW)
    expect(left.unlistedTokensEndAt).toEqual(at(5))
    expect(leaveUnlisted(left, { tokensEndAt: at(4) }, NOW)).toBe(left)
    expect(leaveUnlisted(LICENSE, { tokensEndAt: at(0) }, NOW)).toBe(LICENSE)
    expect(raiseFloor({ ...left, stampFloor: 9 }, 7)).toMatchObject({ stampFloor: 9, unlistedTokensEndAt: null })
  })
})
