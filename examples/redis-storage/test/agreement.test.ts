import { randomUUID } from 'node:crypto'
import {
  type Activation,
  type Customer,
  type License,
  type NewSession,
  refuseCheckout,
  refuseClaim,
  type Storage,
  startActivation,
} from 'keyslot/server'
import { afterAll, beforeAll, describe, expect, inject, it } from 'vitest'
import { redisStorage } from '../redis-storage'
import { ACCOUNT, NOW, newActivation, newLicense, PRODUCT, sell } from './scene'

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

const after = (milliseconds: number) => new Date(NOW.getTime() + milliseconds)

/** Everything a claim is decided on, each way it can be: every combination is a case. */
const CHOICES = {
  blocked: [false, true],
  expiresAt: [null, after(-1), NOW, after(1)],
  customer: [null, true, false],
  type: ['node-locked', 'floating'],
  allowedHosts: [null, ['host'], ['other']],
  limit: [null, 1, 0],
  held: ['no', 'yes', 'expired'],
} as const

interface Case {
  readonly blocked: boolean
  readonly expiresAt: Date | null
  readonly customer: boolean | null
  readonly type: License['type']
  readonly allowedHosts: readonly string[] | null
  readonly limit: number | null
  readonly held: 'no' | 'yes' | 'expired'
}

function cases(): Case[] {
  return Object.entries(CHOICES).reduce<object[]>(
    (made, [name, values]) => made.flatMap((given) => values.map((value) => ({ ...given, [name]: value }))),
    [{}],
  ) as Case[]
}

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
  const started = startActivation(license, product, newActivation('host'), NOW)
  return { ...started, expiresAt: given.held === 'expired' ? NOW : null }
}

describe('the rules in Lua', () => {
  it("refuse a claim for keyslot's own reason, whatever the state", async () => {
    const all = cases()
    expect(all.length).toBe(2 * 4 * 3 * 2 * 3 * 3 * 3)
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
          license: { ...license, activationCount: activation === null ? 0 : 1 },
          customer: given.customer === null ? null : customer(given.customer),
          activation,
        }
        const expected = refuseClaim(rows, 'host', NOW) ?? (activation === null ? 'created' : 'existing')
        const target = { canonicalKey: license.canonicalKey, productId: PRODUCT.id }
        const { kind } = await storage.claimActivation(ACCOUNT.id, target, newActivation('host'), { now: NOW })
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
