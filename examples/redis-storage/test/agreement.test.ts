import assert from 'node:assert/strict'
import { randomUUID } from 'node:crypto'
import {
  type Activation,
  type Customer,
  type License,
  type NewSession,
  type Proof,
  refuseCheckout,
  refuseClaim,
  type Storage,
  startActivation,
} from 'keyslot/storage'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, inject, it } from 'vitest'
import { redisStorage } from '../redis-storage'
import { type CaseOf, casesOf } from './cases'
import { ACCOUNT, NOW, newActivation, newLicense, PRODUCT, sell, tally } from './scene'
import { compare, openPair, type Pair, type Scenario, SLOTS, STRICT } from './side-by-side'

let storage: Storage

beforeAll(async () => {
  storage = redisStorage({ url: inject('redisUrl'), prefix: `{${randomUUID()}}:` })
  await storage.open()
  await sell(storage)
  for (const active of [true, false]) await storage.insertCustomer(ACCOUNT.id, customer(active), { now: NOW })
})
afterAll(() => storage.close())

function customer(active: boolean): Customer {
  const of = { id: `cus_${active}`, accountId: ACCOUNT.id, name: 'Ada', email: null, createdBy: 'api' }
  return { ...of, active, createdAt: NOW, updatedAt: NOW }
}

const later = (milliseconds: number) => new Date(NOW.getTime() + milliseconds)

/** What every claim is decided on, each way it can be. */
const CHOICES = {
  blocked: [false, true],
  expiresAt: [null, later(-1), NOW, later(1)],
  customer: [null, true, false],
  type: ['node-locked', 'floating'],
  allowedHosts: [null, ['host'], ['other']],
  limit: [null, 1, 0],
  held: ['no', 'yes', 'expired', 'under another id', 'under another id, expired'],
} as const

type Case = CaseOf<typeof CHOICES>

function licenseOf(given: Case, index: number): License {
  return newLicense(`case-${index}`, {
    blocked: given.blocked,
    expiresAt: given.expiresAt,
    customerId: given.customer === null ? null : `cus_${given.customer}`,
    type: given.type,
    allowedHosts: given.allowedHosts,
    maxActivations: given.limit,
    maxConcurrentSessions: given.limit,
  })
}

function activationOf(given: Case, license: License): Activation | null {
  if (given.held === 'no') return null
  const product = { ...PRODUCT, accountId: ACCOUNT.id, packageId: 1 }
  const host = given.held.startsWith('under another id') ? 'before' : 'host'
  const started = startActivation(license, product, newActivation(host), NOW)
  return { ...started, expiresAt: given.held.endsWith('expired') ? NOW : null }
}

describe('the rules in Lua', () => {
  it("refuse a claim for keyslot's own reason, whatever the state", async () => {
    const all = casesOf(CHOICES)
    expect(all.length).toBe(2 * 4 * 3 * 2 * 3 * 3 * 5)
    const licenses = all.map(licenseOf)
    const held = all.map((given, index) => activationOf(given, licenses[index] ?? newLicense('none')))
    // Imported, because nothing else stores a license in whatever state with the activations it has.
    const outcomes = await storage.importRecords([
      ...licenses.map((value) => ({ kind: 'license', value }) as const),
      ...held.flatMap((value) => (value === null ? [] : [{ kind: 'activation', value } as const])),
    ])
    expect(new Set(outcomes)).toEqual(new Set(['stored']))

    const disagreements: unknown[] = []
    await Promise.all(
      all.map(async (given, index) => {
        const license = licenses[index] ?? newLicense('none')
        const activation = held[index] ?? null
        const rows = {
          product: PRODUCT,
          license: { ...license, activationCount: activation === null ? 0 : 1 },
          customer: given.customer === null ? null : customer(given.customer),
          activation,
        }
        const served = activation === null ? 'created' : activation.hostId === 'host' ? 'existing' : 'moved'
        const expected = refuseClaim(rows, { hostId: 'host' }, NOW) ?? served
        const target = { canonicalKey: license.canonicalKey, productId: PRODUCT.id }
        const asked = { ...newActivation('host'), previousHostIds: ['unknown', 'before'] }
        const { kind } = await storage.claimActivation(ACCOUNT.id, target, asked, { now: NOW })
        if (kind !== expected) disagreements.push({ given, expected, kind })

        const seat = { id: `ses_${index}`, hostId: 'host', userIdentifier: '', deviceTag: null, address: null }
        const session: NewSession = { ...seat, secret: 'secret', nonce: 'nonce' }
        const full = given.limit === 0 ? 'limit-reached' : 'created'
        const expectedSeat = refuseCheckout(license, rows.customer, 'host', NOW) ?? full
        const checkout = await storage.claimSession(ACCOUNT.id, target, session, { now: NOW })
        if (checkout.kind !== expectedSeat) disagreements.push({ given, expectedSeat, kind: checkout.kind })
      }),
    )
    expect(disagreements).toEqual([])
  })
})

/** What whoever acts for a host can show. */
const PROOFS: readonly Proof[] = [
  {},
  { proofKey: 'key' },
  { proofKey: 'other key' },
  { trusted: true },
  { trusted: true, proofKey: 'other key' },
]

const CLAIMS = casesOf({
  own: SLOTS,
  before: SLOTS,
  earlier: [null, { proofKey: null, rests: false, hasLapsed: false }],
  proof: PROOFS,
  requireProof: [false, true],
  allowedHosts: [null, ['another']],
  isFull: [false, true],
}).map((given, index): Scenario => {
  const slots = { own: given.own, before: given.before, earlier: given.earlier }
  const taken = Object.values(slots).filter((slot) => slot !== null).length
  const license = newLicense(`claim-${index}`, {
    productIds: [given.requireProof ? STRICT.id : PRODUCT.id],
    allowedHosts: given.allowedHosts,
    maxActivations: given.isFull ? taken : null,
  })
  const asked = {
    ...newActivation('own'),
    id: `act_${index}`,
    jti: `jti_${index}`,
    deviceTag: 'Studio',
    ...given.proof,
  }
  const claim = { ...asked, previousHostIds: ['unknown', 'before', 'earlier'] }
  const act: Scenario['act'] = (on) => on.claimActivation(ACCOUNT.id, targetOf(license), claim, { now: later(1_000) })
  return { license, slots, act }
})

const RELEASES = casesOf({
  own: SLOTS,
  proof: PROOFS,
  requireProof: [false, true],
  blocked: [false, true],
  how: [{}, { surrender: true }],
}).map(({ own, proof, requireProof, blocked, how }, index): Scenario => {
  const license = newLicense(`release-${index}`, { productIds: [requireProof ? STRICT.id : PRODUCT.id], blocked })
  const host = { ...targetOf(license), hostId: 'own', ...proof, ...how }
  const act: Scenario['act'] = (on) => on.releaseActivation(ACCOUNT.id, host, { now: later(1_000) })
  return { license, slots: { own }, act }
})

const SPENDINGS = casesOf({
  waitMs: [0, 1, 7],
  unit: ['a', 'b', 'c', 'd'],
  name: ['moves', 'frees'],
  limit: [0, 1, 3],
  periodMs: [5, 20],
})

/** They have no divisor in common with the number of spendings: each goes through all of them, in an order of its own. */
const STRIDES = [1, 5, 7, 11, 13, 17, 19, 23, 25, 29, 31, 35]

function targetOf({ canonicalKey, productIds: [productId = ''] }: License) {
  return { canonicalKey, productId }
}

describe('Lua, and keyslot on rows in memory', () => {
  let pair: Pair

  beforeEach(async () => {
    pair = await openPair(inject('redisUrl'))
  })
  afterEach(() => Promise.all([pair.redis.close(), pair.memory.close()]))

  it('serve the same claims, with keys and without, of slots that are bound, rest, or have lapsed', async () => {
    const { outcomes, disagreements } = await compare(pair, CLAIMS)
    expect(disagreements).toEqual([])
    const served = ['created', 'existing', 'moved', 'rebound', 'resumed']
    const refused = ['expired', 'host-not-allowed', 'limit-reached', 'proof-required']
    expect(Object.keys(outcomes).sort()).toEqual([...served, ...refused].sort())
    expect(CLAIMS.length).toBe(9 * 9 * 2 * 5 * 2 * 2 * 2)
  })

  it('release the same slots, for good or to rest', async () => {
    const { outcomes, disagreements } = await compare(pair, RELEASES)
    expect(disagreements).toEqual([])
    const refused = ['blocked', 'not-active', 'proof-required']
    expect(Object.keys(outcomes).sort()).toEqual([...refused, 'released', 'surrendered'])
    expect(RELEASES.length).toBe(9 * 5 * 2 * 2 * 2)
  })

  it('spend allowances alike, whatever limit and period each time', async () => {
    const outcomes = await Promise.all(STRIDES.map(spendAll))
    expect(SPENDINGS.length).toBe(3 * 4 * 2 * 3 * 2)
    const { spent = 0, exhausted = 0 } = tally(outcomes.flat())
    expect(Math.min(spent, exhausted)).toBeGreaterThan(500)
  })

  /** All spendings twice, on one license, every so many of them: compares each, and tells what came of it. */
  async function spendAll(stride: number) {
    const { redis, memory } = pair
    const license = newLicense(`spend-${stride}`)
    for (const on of [redis, memory]) await on.importRecords([{ kind: 'license', value: license }])
    const told: { readonly kind: string }[] = []
    let now = NOW
    for (let turn = 0; turn < 2 * SPENDINGS.length; turn += 1) {
      const { waitMs, unit, ...allowance } = SPENDINGS[(turn * stride) % SPENDINGS.length] ?? assert.fail()
      now = new Date(now.getTime() + waitMs)
      const expected = await memory.spendAllowance(ACCOUNT.id, license.id, allowance, unit, now)
      const outcome = await redis.spendAllowance(ACCOUNT.id, license.id, allowance, unit, now)
      expect({ stride, turn, outcome }).toEqual({ stride, turn, outcome: expected })
      told.push(outcome)
    }
    return told
  }
})
