import { afterEach, describe, expect, it } from 'vitest'
import type { ActivationRows } from '../../../src/domain/decide-claim'
import { MAX_LIVE_ENTRIES } from '../../../src/domain/revoke'
import { revocationId } from '../../../src/protocol/revocation-list'
import { MemoryRows } from '../../../src/storage/memory/memory-storage'
import type { Store } from '../../../src/storage/verbs/store'
import {
  ACCOUNT,
  after as at,
  claim,
  HOUR_MS,
  NOW,
  newActivation,
  newProofKey,
  release,
  type Sale,
  sell,
} from './kit/entities'
import { outcomeOf } from './kit/outcomes'
import { storeOn } from './stores'

const open: Store[] = []

async function opened(rows = new MemoryRows()): Promise<Store> {
  const store = storeOn(rows)
  open.push(store)
  await store.open()
  return store
}

async function start() {
  const rows = new MemoryRows()
  const store = await opened(rows)
  await store.insertAccount(ACCOUNT)
  return { rows, store }
}

afterEach(async () => {
  await Promise.all(open.splice(0).map((store) => store.close()))
})

/** What of a license token a revocation goes by. */
interface Token {
  readonly lid: string
  readonly machine: string
  readonly jkt: string | null
  readonly stamp: number
}

/** The token that is given to whoever shows this key. */
function tokenOf(
  { license, activation, stamp }: ActivationRows & { readonly stamp: number },
  jkt: string | null = null,
): Token {
  return { lid: license.id, machine: activation.hostId, jkt, stamp }
}

async function activate(store: Store, sale: Sale, asked: Parameters<typeof claim>[2], now = NOW): Promise<Token> {
  const outcome = await claim(store, sale, asked, now)
  if (!('activation' in outcome)) throw new Error(outcome.kind)
  return tokenOf(outcome, typeof asked === 'string' ? null : (asked.proofKey ?? null))
}

async function validate(store: Store, { target }: Sale, hostId: string, now = NOW): Promise<Token> {
  return tokenOf(outcomeOf(await store.validateActivation(ACCOUNT.id, { ...target, hostId }, now), 'valid'))
}

/** As a client does it. */
async function isRevoked(store: Store, { lid, machine, jkt, stamp }: Token, now = NOW): Promise<boolean> {
  const ids = [revocationId(lid), revocationId(lid, machine), jkt === null ? '' : revocationId(lid, machine, jkt)]
  const entries = (await store.listRevocations(now, 'prod_editor')) ?? []
  return entries.some((entry) => ids.includes(entry.id) && entry.stamp >= stamp)
}

async function listed(store: Store, now = NOW): Promise<readonly string[]> {
  return ((await store.listRevocations(now, null)) ?? []).map(({ id }) => id)
}

function block(store: Store, { target }: Sale, blocked: boolean, now = NOW) {
  return store.updateLicense(ACCOUNT.id, target, { blocked }, { now })
}

describe('a host freed and activated again', () => {
  it('1,000 times within one millisecond: each new token is good, each old one revoked', async () => {
    const { store } = await start()
    const sale = await sell(store, { maxActivations: 1 })
    const old: Token[] = []
    for (let round = 0; round < 1_000; round += 1) {
      const token = await activate(store, sale, 'host-1')
      if (round % 100 === 99) {
        expect(await isRevoked(store, token)).toBe(false)
        for (const before of old) expect(await isRevoked(store, before)).toBe(true)
      }
      old.push(token)
      outcomeOf(await release(store, sale, 'host-1', { trusted: true }), 'released')
    }
    expect(new Set(old.map(({ stamp }) => stamp)).size).toBe(1_000)
    expect(await listed(store)).toEqual([revocationId(sale.license.id, 'host-1')])
  })

  it('with the clock set back an hour in between', async () => {
    const { store } = await start()
    const sale = await sell(store)
    const first = await activate(store, sale, 'host-1')
    const back = at(-HOUR_MS)
    outcomeOf(await release(store, sale, 'host-1', {}, back), 'released')
    const second = await activate(store, sale, 'host-1', back)
    expect([await isRevoked(store, first, back), await isRevoked(store, second, back)]).toEqual([true, false])
    expect(await isRevoked(store, await validate(store, sale, 'host-1', back), back)).toBe(false)
  })

  it('on two instances whose clocks are ten minutes apart', async () => {
    const { rows, store: slow } = await start()
    const fast = await opened(rows)
    const ahead = at(600_000)
    const sale = await sell(slow)
    const first = await activate(fast, sale, 'host-1', ahead)
    outcomeOf(await release(slow, sale, 'host-1'), 'released')
    const second = await activate(slow, sale, 'host-1')
    expect([await isRevoked(slow, first), await isRevoked(slow, second)]).toEqual([true, false])
    outcomeOf(await release(slow, sale, 'host-1'), 'released')
    const third = await activate(fast, sale, 'host-1', ahead)
    expect([await isRevoked(slow, second), await isRevoked(slow, third)]).toEqual([true, false])
  })

  it.each([0, 299, 301, 599, 901])(
    'as its last token ends, %i s after a server ten minutes ahead revoked',
    async (seconds) => {
      const { rows, store: slow } = await start()
      const fast = await opened(rows)
      const sale = await sell(slow)
      const { activation } = outcomeOf(await claim(slow, sale, 'host-1'), 'created')
      const late = (milliseconds: number) => new Date(activation.tokensEndAt.getTime() - 1_000 + milliseconds)
      // Raises the ceiling by its clock.
      await activate(fast, sale, 'host-2', late(600_000))
      outcomeOf(await release(slow, sale, 'host-1', {}, late(0)), 'released')
      const [entry] = (await slow.listRevocations(NOW, null)) ?? []
      await fast.purgeExpired(late(600_000 + seconds * 1_000), 10)
      const back = await activate(slow, sale, 'host-1', late(seconds * 1_000))
      expect(entry?.stamp).toBe(late(900_000).getTime())
      expect(back.stamp).toBeGreaterThan(entry?.stamp ?? 0)
    },
  )

  it('once its entry was purged, has a token above it all the same', async () => {
    const { store } = await start()
    const sale = await sell(store)
    const first = await activate(store, sale, 'host-1')
    outcomeOf(await release(store, sale, 'host-1'), 'released')
    const [entry] = (await store.listRevocations(NOW, null)) ?? []
    const end = entry?.endsAt ?? NOW
    expect((await store.purgeExpired(new Date(end.getTime() - 1), 10)).revocations).toBe(0)
    expect((await store.purgeExpired(end, 10)).revocations).toBe(1)
    expect(first.stamp).toBeLessThanOrEqual(entry?.stamp ?? 0)
    const behind = new Date(end.getTime() - 600_000)
    expect((await activate(store, sale, 'host-1', behind)).stamp).toBeGreaterThan(entry?.stamp ?? 0)
  })
})

describe('a license', () => {
  it('blocked and unblocked: old tokens stay revoked, new ones are good', async () => {
    const { store } = await start()
    const sale = await sell(store)
    const tokens = [await activate(store, sale, 'host-1')]
    for (let round = 0; round < 3; round += 1) {
      await block(store, sale, true)
      expect(await Promise.all(tokens.map((token) => isRevoked(store, token)))).toEqual(tokens.map(() => true))
      await block(store, sale, false)
      const renewed = await validate(store, sale, 'host-1')
      expect(await isRevoked(store, renewed)).toBe(false)
      tokens.push(renewed)
    }
    expect(await listed(store)).toEqual([revocationId(sale.license.id)])
  })

  it('of 10,000 hosts is blocked by one entry, which lasts as long as their last token', async () => {
    const { store } = await start()
    const sale = await sell(store, { maxActivations: null })
    const records = Array.from({ length: 10_000 }).map((_, index) => {
      const tokensEndAt = at(HOUR_MS + ((index * 7919) % 10_000) * 1_000)
      const dates = { activatedAt: NOW, lastSeenAt: NOW, expiresAt: null, surrenderedAt: null, tokensEndAt }
      const value = {
        ...newActivation(`host-${index}`),
        ...dates,
        keys: [],
        keylessEndAt: tokensEndAt,
        releaseAt: null,
        sharing: null,
        authtoolProductId: null,
        licenseId: sale.license.id,
        stampFloor: 0,
      }
      return { kind: 'activation', value } as const
    })
    for (let from = 0; from < records.length; from += 1_000)
      await store.importRecords(records.slice(from, from + 1_000))
    await block(store, sale, true)
    const entries = (await store.listRevocations(NOW, 'prod_editor')) ?? []
    expect(entries.map(({ id, endsAt }) => [id, endsAt])).toEqual([
      [revocationId(sale.license.id), at(HOUR_MS + 9_999_000)],
    ])
  })

  it.each<[string, (store: Store, sale: Sale) => Promise<unknown>]>([
    ['reset', (store, { target }) => store.resetLicense(ACCOUNT.id, target, { now: NOW })],
    ['deleted', (store, { target }) => store.deleteLicense(ACCOUNT.id, target, { now: NOW })],
    ['freed of all', (store, { target }) => store.releaseAllActivations(ACCOUNT.id, target, { now: NOW })],
  ])('%s makes one entry for all its hosts', async (_, end) => {
    const { store } = await start()
    const sale = await sell(store)
    const tokens = [await activate(store, sale, 'host-1'), await activate(store, sale, 'host-2')]
    await end(store, sale)
    expect(await listed(store)).toEqual([revocationId(sale.license.id)])
    for (const token of tokens) expect(await isRevoked(store, token)).toBe(true)
  })

  it('without a limit: a host that frees itself makes no entry, and a later block lasts as long as its tokens', async () => {
    const { store } = await start()
    const sale = await sell(store, { maxActivations: null })
    const token = await activate(store, sale, 'host-1', at(HOUR_MS))
    await activate(store, sale, 'host-2')
    outcomeOf(await release(store, sale, 'host-1', {}, at(HOUR_MS)), 'released')
    expect(await listed(store)).toEqual([])
    await block(store, sale, true)
    expect(await isRevoked(store, token)).toBe(true)
    const [entry] = (await store.listRevocations(NOW, null)) ?? []
    await store.purgeExpired(at(14 * 24 * HOUR_MS), 10)
    expect(entry?.endsAt.getTime()).toBeGreaterThan(at(21 * 24 * HOUR_MS + HOUR_MS).getTime())
  })

  it('with sixteen live entries rests a slot that its host frees, and frees one for the vendor', async () => {
    const { store } = await start()
    const sale = await sell(store, { maxActivations: MAX_LIVE_ENTRIES + 2 })
    const hosts = Array.from({ length: MAX_LIVE_ENTRIES }, (_, index) => `host-${index}`)
    for (const host of [...hosts, 'mine', 'theirs']) await activate(store, sale, host)
    for (const host of hosts) outcomeOf(await release(store, sale, host), 'released')
    const mine = await release(store, sale, 'mine')
    expect(mine.kind).toBe('surrendered')
    outcomeOf(await release(store, sale, 'theirs', { trusted: true }), 'released')
    expect(await listed(store)).toHaveLength(MAX_LIVE_ENTRIES + 1)
  })
})

it('a key that is bound besides another ends nothing, and a release ends the tokens of all', async () => {
  const { store } = await start()
  const sale = await sell(store)
  const tokens = [await activate(store, sale, 'host-1')]
  for (const [index, name] of ['first', 'second', 'third'].entries()) {
    const shown = newActivation('host-1', { proofKey: newProofKey(name), jti: `jti-${index}` })
    tokens.push(await activate(store, sale, shown))
  }
  const areRevoked = () => Promise.all(tokens.map((token) => isRevoked(store, token)))
  expect(await listed(store)).toEqual([])
  expect(await areRevoked()).toEqual([false, false, false, false])
  outcomeOf(await release(store, sale, 'host-1', { trusted: true }), 'released')
  expect(await listed(store)).toEqual([revocationId(sale.license.id, 'host-1')])
  expect(await areRevoked()).toEqual([true, true, true, true])
})

it('renewals write nothing of stamps but once in five minutes', async () => {
  const { store } = await start()
  const sale = await sell(store)
  await activate(store, sale, 'host-1')
  const ceiling = async () => {
    const { records } = await store.exportRecords('stamp-ceiling', null, 1)
    return records[0]?.kind === 'stamp-ceiling' ? records[0].value.ceiling : undefined
  }
  const ceilings = new Set<number | undefined>()
  for (let second = 0; second < 900; second += 10) {
    const { stamp } = await validate(store, sale, 'host-1', at(second * 1_000))
    const reserved = await ceiling()
    expect(stamp).toBeLessThanOrEqual(reserved ?? 0)
    expect(stamp).toBeGreaterThanOrEqual(at(second * 1_000).getTime())
    ceilings.add(reserved)
  }
  expect(ceilings.size).toBeLessThanOrEqual(4)
})
