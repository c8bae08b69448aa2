import { describe, expect, it } from 'vitest'
import {
  type Activation,
  findHeld,
  type Handover,
  isLastSeenStale,
  LAST_SEEN_INTERVAL_MS,
  type NewActivation,
  refuseRelease,
  seeActivation,
  startActivation,
  surrenderActivation,
  type Takeover,
  takeOver,
  takeoverOf,
  tokenId,
} from '../../src/domain/activation'
import type { License } from '../../src/domain/license'
import type { Product } from '../../src/domain/product'
import type { Proof } from '../../src/domain/proof'
import { hostKey } from './host-key'

const NOW = new Date('2026-03-01T12:00:00.000Z')
const later = (milliseconds: number) => new Date(NOW.getTime() + milliseconds)

const LICENSE = {
  id: 'lic_1',
  activationDuration: null,
  expiresAt: null,
  stampFloor: 0,
  unlistedTokensEndAt: null,
} as unknown as License
const PRODUCT = { offlineLifetimeSeconds: 1_000, graceSeconds: 100 } as Product

/** Until when a token given out at `NOW` is of use: 1,100 s, five minutes for a slow clock, five for the next write. */
const TOKENS_END_AT = later(1_100_000 + 300_000 + LAST_SEEN_INTERVAL_MS)

const NEW_ACTIVATION: NewActivation = {
  id: 'act_1',
  hostId: 'host-1',
  deviceTag: null,
  address: null,
  appVersion: null,
  licensee: { name: 'Ada', email: null },
  jti: 'jti_1',
}
const ACTIVATION: Activation = startActivation(LICENSE, PRODUCT, NEW_ACTIVATION, 0, NOW)
/** What a slot knows of keys that was made by `key-1`. */
const BOUND = { keys: [hostKey('key-1', NOW, TOKENS_END_AT)], keylessEndAt: null }

describe('startActivation', () => {
  it('starts now, for as long as the license unless it says otherwise', () => {
    expect(ACTIVATION).toEqual({
      ...NEW_ACTIVATION,
      licenseId: 'lic_1',
      activatedAt: NOW,
      lastSeenAt: NOW,
      tokensEndAt: TOKENS_END_AT,
      expiresAt: null,
      keys: [],
      keylessEndAt: TOKENS_END_AT,
      stampFloor: 0,
      surrenderedAt: null,
      releaseAt: null,
      sharing: null,
      authtoolProductId: null,
    })
    expect(startActivation({ ...LICENSE, expiresAt: later(1) }, PRODUCT, NEW_ACTIVATION, 0, NOW).expiresAt).toBeNull()
  })

  it('keeps the key that is shown, and nothing of who asked or what the host was called before', () => {
    const asked = { ...NEW_ACTIVATION, proofKey: 'key-1', trusted: true, previousHostIds: ['host-0'] } as const
    expect(startActivation(LICENSE, PRODUCT, asked, 0, NOW)).toStrictEqual({
      ...ACTIVATION,
      keys: [hostKey('key-1', NOW, TOKENS_END_AT)],
      keylessEndAt: null,
    })
  })

  it('gives a host its own time, never past the license', () => {
    const license = { ...LICENSE, activationDuration: { amount: 1, unit: 'day' } as const }
    const expiry = (expiresAt: Date | null) =>
      startActivation({ ...license, expiresAt }, PRODUCT, NEW_ACTIVATION, 0, NOW).expiresAt
    expect(expiry(null)).toEqual(new Date('2026-03-02T12:00:00.000Z'))
    expect(expiry(later(1))).toEqual(later(1))
    expect(expiry(new Date('2027-01-01T00:00:00.000Z'))).toEqual(new Date('2026-03-02T12:00:00.000Z'))
  })
})

describe('seeActivation', () => {
  it('moves the instants on, and nothing else', () => {
    expect(seeActivation(ACTIVATION, PRODUCT, {}, later(5))).toEqual({
      ...ACTIVATION,
      lastSeenAt: later(5),
      tokensEndAt: new Date(TOKENS_END_AT.getTime() + 5),
      keylessEndAt: new Date(TOKENS_END_AT.getTime() + 5),
    })
  })

  it('takes none back: not for a clock that is behind, nor for a product whose tokens last less now', () => {
    expect(seeActivation(ACTIVATION, PRODUCT, {}, later(-1))).toEqual(ACTIVATION)
    const brief = { ...PRODUCT, offlineLifetimeSeconds: 1, graceSeconds: 0 }
    expect(seeActivation(ACTIVATION, brief, {}, later(5))).toEqual({ ...ACTIVATION, lastSeenAt: later(5) })
  })

  it('moves on the key that was shown, of the vendor the oldest, and cancels a release that is pending', () => {
    const two = [hostKey('key-1', NOW, TOKENS_END_AT), hostKey('key-2', NOW, TOKENS_END_AT)]
    const host = { ...ACTIVATION, keys: two, keylessEndAt: null, releaseAt: later(9e9) }
    const end = new Date(TOKENS_END_AT.getTime() + 5)
    const seenKeys = (by: Proof) => {
      const { keys, keylessEndAt, releaseAt } = seeActivation(host, PRODUCT, by, later(5))
      // Only who is older than the one that gave the slot up cancels that.
      expect([keylessEndAt, releaseAt]).toEqual([null, by.trusted === true ? null : later(9e9)])
      return keys.filter(({ usedAt, tokensEndAt }) => usedAt > NOW && tokensEndAt.getTime() === end.getTime())
    }
    expect(seenKeys({ proofKey: 'key-2' })).toMatchObject([{ thumbprint: 'key-2', boundAt: NOW }])
    expect(seenKeys({ trusted: true })).toMatchObject([{ thumbprint: 'key-1', boundAt: NOW }])
  })

  it('covers every token that is given out before the next write', () => {
    const lastUnwritten = later(LAST_SEEN_INTERVAL_MS - 1)
    expect(isLastSeenStale(ACTIVATION, PRODUCT, {}, lastUnwritten)).toBe(false)
    const usableUntil = lastUnwritten.getTime() + 1_100_000 + 300_000
    expect(ACTIVATION.tokensEndAt.getTime()).toBeGreaterThan(usableUntil)
  })
})

describe('findHeld', () => {
  const held: Activation = { ...ACTIVATION, hostId: 'before' }
  const find = (hostId: string, previousHostIds?: readonly string[]) => {
    const asked: string[] = []
    const on = (id: string) => {
      asked.push(id)
      return id === held.hostId ? held : null
    }
    const found = findHeld({ hostId, ...(previousHostIds && { previousHostIds }) }, on, NOW, NOW)
    return { found, asked }
  }

  it('looks for the host itself, then for its previous ids in their order, and no further than it must', () => {
    expect(find('before', ['other'])).toEqual({ found: held, asked: ['before'] })
    expect(find('host', ['other', 'before', 'older'])).toEqual({ found: held, asked: ['host', 'other', 'before'] })
    expect(find('host', ['other'])).toEqual({ found: null, asked: ['host', 'other'] })
    expect(find('host')).toEqual({ found: null, asked: ['host'] })
  })

  const hosts: Readonly<Record<string, Activation>> = {
    bound: { ...ACTIVATION, hostId: 'bound', ...BOUND },
    resting: { ...ACTIVATION, hostId: 'resting', surrenderedAt: NOW },
    free: { ...ACTIVATION, hostId: 'free' },
  }
  const heldAs = (hostId: string, previousHostIds: readonly string[], proof: Proof = {}) =>
    findHeld({ hostId, previousHostIds, ...proof }, (id) => hosts[id] ?? null, NOW, NOW)?.hostId

  it('passes over previous ids whose slot is bound to a key that was not shown', () => {
    expect(heldAs('host', ['bound'])).toBeUndefined()
    expect(heldAs('host', ['bound', 'free'], { proofKey: 'key-2' })).toBe('free')
    expect(heldAs('host', ['bound', 'free'], { proofKey: 'key-1' })).toBe('bound')
    expect(heldAs('host', ['bound', 'free'], { trusted: true })).toBe('bound')
  })

  it('passes over previous ids whose slot rests, whoever asks', () => {
    expect(heldAs('host', ['resting', 'free'], { trusted: true })).toBe('free')
    expect(heldAs('host', ['resting'], { proofKey: 'key-1' })).toBeUndefined()
  })

  it('finds the host itself whatever its key, and at rest', () => {
    expect(heldAs('bound', ['free'])).toBe('bound')
    expect(heldAs('resting', ['free'])).toBe('resting')
  })
})

describe('takeoverOf', () => {
  it.each<[string, Partial<Activation>, Partial<NewActivation>, Takeover | undefined]>([
    ['the same host', {}, {}, undefined],
    ['another host', {}, { hostId: 'host-2' }, 'moved'],
    ['another host with another key', BOUND, { hostId: 'host-2', proofKey: 'key-2' }, 'moved'],
    ['a slot at rest', { surrenderedAt: NOW }, {}, 'resumed'],
    ['a slot at rest, with another key', { surrenderedAt: NOW, ...BOUND }, { proofKey: 'key-2' }, 'resumed'],
    ['its key', BOUND, { proofKey: 'key-1' }, undefined],
    ['another key', BOUND, { proofKey: 'key-2' }, 'rebound'],
    ['the first key', {}, { proofKey: 'key-1' }, 'rebound'],
    ['another key, shown by the vendor', BOUND, { proofKey: 'key-2', trusted: true }, 'rebound'],
    ['no key, as the vendor', BOUND, { trusted: true }, undefined],
  ])('%s', (_name, held, claim, expected) => {
    expect(takeoverOf({ ...ACTIVATION, ...held }, { ...NEW_ACTIVATION, ...claim }, NOW)).toBe(expected)
  })
})

describe('takeOver', () => {
  const held: Activation = { ...ACTIVATION, deviceTag: 'Studio', appVersion: '1.0', expiresAt: later(1e9) }
  const claim: NewActivation = { ...NEW_ACTIVATION, id: 'act_2', hostId: 'host-2', jti: 'jti_2', licensee: null }
  const take = (
    from: Activation,
    product: Product,
    by: NewActivation,
    { stampFloor = 0, at = NOW, ...how }: Partial<Handover> & { stampFloor?: number; at?: Date } = {},
  ) => {
    const taken = takeOver(from, product, by, { usersPerHost: 2, replaces: false, ...how, stampFloor }, at)
    if (taken === 'users-exceeded') throw new Error(taken)
    return taken
  }

  it('is the same activation with the time it has left, under the new host and with tokens of its own', () => {
    const asked = { ...claim, previousHostIds: ['host-1'], trusted: true } as const
    expect(take(held, PRODUCT, asked, { stampFloor: 7, at: later(5) })).toEqual({
      ...held,
      stampFloor: 7,
      hostId: 'host-2',
      jti: 'jti_2',
      lastSeenAt: later(5),
      tokensEndAt: new Date(TOKENS_END_AT.getTime() + 5),
      keylessEndAt: new Date(TOKENS_END_AT.getTime() + 5),
    })
  })

  it('says of the device what the claim says, and keeps what that leaves open', () => {
    const said = {
      deviceTag: 'Desk',
      address: '203.0.113.7',
      appVersion: null,
      licensee: { name: null, email: 'a@b.c' },
    }
    expect(take(held, PRODUCT, { ...claim, ...said })).toMatchObject({ ...said, appVersion: '1.0' })
  })

  it('does not take the last-seen time back for a clock that is behind', () => {
    expect(take(held, PRODUCT, claim, { at: later(-5) }).lastSeenAt).toEqual(NOW)
  })

  it('lasts as long as its new tokens, and those that the same host was given before', () => {
    const brief = { ...PRODUCT, offlineLifetimeSeconds: 0, graceSeconds: 0 }
    const endOn = (hostId: string) => take(held, brief, { ...claim, hostId }).tokensEndAt
    expect(endOn('host-2')).toEqual(later(300_000 + LAST_SEEN_INTERVAL_MS))
    expect(endOn(held.hostId)).toEqual(held.tokensEndAt)
  })

  it.each<[string, Partial<Activation>, string | undefined, readonly string[]]>([
    ['binds it to the key that is shown, beside those it had', BOUND, 'key-2', ['key-1', 'key-2']],
    ['binds it to its first key', {}, 'key-1', ['key-1']],
    ['keeps its keys where none is shown', BOUND, undefined, ['key-1']],
    ['keeps its keys where one of them is shown', BOUND, 'key-1', ['key-1']],
  ])('%s', (_name, changes, proofKey, expected) => {
    const asked = proofKey === undefined ? claim : { ...claim, proofKey }
    const taken = take({ ...held, ...changes }, PRODUCT, asked)
    expect(taken.keys.map(({ thumbprint }) => thumbprint)).toEqual(expected)
    expect([taken.surrenderedAt, taken.releaseAt]).toEqual([null, null])
  })

  it('leaves behind what a device that is replaced was bound to', () => {
    const replaced = (proofKey: string | null) =>
      take({ ...held, ...BOUND }, PRODUCT, { ...claim, proofKey, trusted: true }, { replaces: true })
    expect(replaced('key-2').keys.map(({ thumbprint }) => thumbprint)).toEqual(['key-2'])
    expect(replaced(null)).toMatchObject({ keys: [], keylessEndAt: TOKENS_END_AT })
  })

  it("is AuthTool's login where the claim is one, or its own host has logged in and has not given it up", () => {
    const login = { ...held, authtoolProductId: 'prod_1' }
    const own = { ...claim, hostId: held.hostId, proofKey: 'key-1' }
    expect(take(held, PRODUCT, { ...claim, authtoolProductId: 'prod_2' }).authtoolProductId).toBe('prod_2')
    expect(take(login, PRODUCT, own).authtoolProductId).toBe('prod_1')
    expect(take(login, PRODUCT, claim).authtoolProductId).toBeNull()
    expect(take({ ...login, surrenderedAt: NOW }, PRODUCT, own).authtoolProductId).toBeNull()
  })

  it('gives the tokens of a host that has another user no other id', () => {
    const another = { ...claim, hostId: held.hostId, proofKey: 'key-2' }
    expect(take({ ...held, ...BOUND }, PRODUCT, another).jti).toBe(held.jti)
    expect(take({ ...held, surrenderedAt: NOW }, PRODUCT, another).jti).toBe('jti_2')
  })

  it('gives a host no more users than it may have, and one too many for a while', () => {
    const many = { ...held, ...BOUND }
    const bind = (from: Activation, proofKey: string) =>
      takeOver(from, PRODUCT, { ...claim, proofKey }, { usersPerHost: 1, replaces: false, stampFloor: 0 }, NOW)
    const second = bind(many, 'key-2')
    expect(second).toMatchObject({ keys: [{ until: null }, { thumbprint: 'key-2', until: later(7 * 86_400_000) }] })
    if (second !== 'users-exceeded') expect(bind(second, 'key-3')).toBe('users-exceeded')
  })
})

describe('refuseRelease', () => {
  const bound: Activation = { ...ACTIVATION, ...BOUND }
  const resting: Activation = { ...bound, surrenderedAt: NOW }

  it.each<[string, Activation | null, Proof, ReturnType<typeof refuseRelease>]>([
    ['no slot', null, {}, 'not-active'],
    ['no slot, for the vendor', null, { trusted: true }, 'not-active'],
    ['a slot bound to no key', ACTIVATION, {}, undefined],
    ['a slot bound to no key, and one is shown', ACTIVATION, { proofKey: 'key-1' }, undefined],
    ['its key', bound, { proofKey: 'key-1' }, undefined],
    ['another key', bound, { proofKey: 'key-2' }, 'proof-required'],
    ['no key', bound, {}, 'proof-required'],
    ['the vendor', bound, { trusted: true }, undefined],
    ['a slot at rest', resting, { proofKey: 'key-1' }, 'not-active'],
    ['a slot at rest, without its key', resting, {}, 'not-active'],
    ['a slot at rest, for the vendor', resting, { trusted: true }, undefined],
  ])('%s', (_name, activation, release, expected) => {
    expect(refuseRelease(activation, release, NOW)).toBe(expected)
  })
})

describe('surrenderActivation', () => {
  it('notes when, and forgets who may act for it', () => {
    const bound = { ...ACTIVATION, ...BOUND, releaseAt: later(9) }
    expect(surrenderActivation(bound, later(5))).toEqual({
      ...ACTIVATION,
      surrenderedAt: later(5),
      keys: [],
      keylessEndAt: null,
    })
  })
})

describe('tokenId', () => {
  it('is one for all renewals of an activation, and another once its tokens were revoked', () => {
    const seen = seeActivation(ACTIVATION, PRODUCT, {}, later(1e9))
    expect([tokenId(LICENSE, ACTIVATION), tokenId(LICENSE, seen)]).toEqual(['jti_1.0', 'jti_1.0'])
    expect(tokenId({ stampFloor: 12 }, ACTIVATION)).toBe('jti_1.12')
    expect(tokenId({ stampFloor: 12 }, { ...ACTIVATION, stampFloor: 13 })).toBe('jti_1.13')
  })
})

describe('isLastSeenStale', () => {
  const stale = (host: Activation, by: Proof, milliseconds: number) =>
    isLastSeenStale(host, PRODUCT, by, later(milliseconds))

  it('is true from five minutes on', () => {
    for (const [host, by] of [
      [ACTIVATION, {}],
      [{ ...ACTIVATION, ...BOUND }, { proofKey: 'key-1' }],
      [{ ...ACTIVATION, ...BOUND }, { trusted: true }],
    ] as const) {
      expect([299_999, 300_000, -300_000].map((at) => stale(host, by, at))).toEqual([false, true, false])
    }
  })

  it('is true where tokens last longer by now than is known', () => {
    const longer = { ...PRODUCT, offlineLifetimeSeconds: PRODUCT.offlineLifetimeSeconds + 86_400 }
    for (const [host, by] of [
      [ACTIVATION, {}],
      [{ ...ACTIVATION, ...BOUND }, { proofKey: 'key-1' }],
    ] as const) {
      expect(isLastSeenStale(host, longer, by, later(1))).toBe(true)
    }
  })

  it('goes by what is known of the caller, whoever else of the host was seen since', () => {
    const recent = [hostKey('key-1', NOW, TOKENS_END_AT), hostKey('key-2', later(200_000), TOKENS_END_AT)]
    const host = { ...ACTIVATION, keys: recent, lastSeenAt: later(200_000) }
    expect(['key-1', 'key-2'].map((proofKey) => stale(host, { proofKey }, 300_000))).toEqual([true, false])
    // Tokens that were given without a key must not outlive what is known of them.
    expect([300_000, 300_001].map((at) => stale(host, {}, at))).toEqual([false, true])
    expect(stale({ ...host, keylessEndAt: null }, {}, 200_000)).toBe(true)
  })

  it('is true where the call cancels a release that is pending', () => {
    const left = { ...hostKey('key-2', NOW, TOKENS_END_AT), leftAt: NOW }
    const host = { ...ACTIVATION, keys: [...BOUND.keys, left], keylessEndAt: null, releaseAt: later(9e9) }
    expect(stale(host, { proofKey: 'key-1' }, 1)).toBe(true)
    const younger = [...host.keys, hostKey('key-3', NOW, TOKENS_END_AT)]
    expect(stale({ ...host, keys: younger }, { proofKey: 'key-3' }, 1)).toBe(false)
  })
})
