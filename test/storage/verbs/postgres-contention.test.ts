import { setTimeout as pause } from 'node:timers/promises'
import { describe, expect, it } from 'vitest'
import { isLicenseError } from '../../../src/protocol/license-error'
import type { Step, Store } from '../../../src/storage/verbs/store'
import { createDraw, type Draw } from './draw'
import {
  ACCOUNT,
  after,
  NOW,
  newActivation,
  newCustomer,
  newEndpoint,
  newEvent,
  newIdempotency,
  newLicense,
  newProduct,
  newSession,
} from './kit/entities'
import { chargingSlots, RESTING } from './kit/spending'
import { takeAll } from './kit/take-all'
import { createPostgresScratch, FIRE, say } from './postgres-scratch'

/**
 * Everything that locks anything, drawn at random, on a few licenses and customers at once: steps get in each other's
 * way, also in ways that the database can only settle by ending one of them. No caller may hear of that.
 */
const scratch = createPostgresScratch()

const SECONDS = 10 * FIRE
const CALLERS = 12
const LICENSES = 6
const CUSTOMERS = 3
const HOSTS = 5
const SLOTS = 3
const SEED = Number(process.env.POSTGRES_SEED ?? 1)

type Call = (storage: Store) => Promise<{ readonly kind: string } | readonly string[]>

/** A step that leaves an event of whatever comes of it, and sometimes is asked for again. */
function drawStep(draw: Draw, name: string, verb: number): Step<string> & { readonly events: Record<string, never> } {
  const event = newEvent(name)
  const outcomes = [
    'created',
    'existing',
    'resumed',
    'released',
    'surrendered',
    'updated',
    'deleted',
    'reset',
    'renewed',
  ]
  return {
    now: NOW,
    events: Object.fromEntries(outcomes.map((kind) => [kind, [event]])),
    ...(draw(3) === 0 && { idempotency: newIdempotency(`${verb}-${draw(5)}`) }),
  } as Step<string> & { readonly events: Record<string, never> }
}

function drawCall(draw: Draw, name: string): Call {
  const verb = draw(20)
  const step = drawStep(draw, name, verb)
  const license = `${draw(LICENSES)}`
  const other = `${draw(LICENSES)}`
  const target = { canonicalKey: `KEY-${license}`, productId: 'prod_editor' }
  const hostId = `host-${draw(HOSTS)}`
  const customer = `c${draw(CUSTOMERS)}`
  const customerId = draw(2) === 0 ? null : `cus_${customer}`
  const newOne = { customer: newCustomer(customer), onEmailTaken: 'reuse' } as const
  switch (verb) {
    case 0:
      return (storage) => storage.releaseActivation(ACCOUNT.id, { ...target, hostId }, step)
    case 1:
      return (storage) => storage.releaseAllActivations(ACCOUNT.id, target, step)
    case 2:
      return (storage) => storage.resetLicense(ACCOUNT.id, target, step)
    case 3:
      return (storage) => storage.deleteLicense(ACCOUNT.id, target, step)
    case 4:
      return (storage) => storage.deleteCustomer(ACCOUNT.id, `cus_${customer}`, step)
    case 5:
      return (storage) => storage.updateCustomer(ACCOUNT.id, `cus_${customer}`, 'toggle', step)
    case 6:
      return (storage) => storage.updateLicense(ACCOUNT.id, target, { blocked: draw(4) === 0, customerId }, step)
    case 7:
      return (storage) => storage.updateLicense(ACCOUNT.id, target, { newCustomer: newOne }, step)
    case 8:
    case 9: {
      const terms = { maxActivations: SLOTS, customerId: newOne.customer.id }
      const licenses = [...new Set([license, other])].map((each) => newLicense(each, terms))
      return (storage) => storage.insertLicenses(ACCOUNT.id, { licenses, newCustomer: newOne }, step)
    }
    case 10: {
      // Imported activations ask no limit: theirs are licenses that have none.
      const licenseId = `lic_i${license}`
      const unbound = {
        keys: [],
        keylessEndAt: after(9),
        stampFloor: 0,
        surrenderedAt: null,
        releaseAt: null,
        sharing: null,
        authtoolProductId: null,
        expiresAt: null,
      }
      const activation = { ...newActivation(hostId), ...unbound, id: `act_${name}`, tokensEndAt: after(9) }
      return (storage) =>
        storage.importRecords([
          { kind: 'customer', value: newOne.customer },
          { kind: 'license', value: newLicense(`i${license}`, { maxActivations: null, customerId }) },
          { kind: 'activation', value: { ...activation, licenseId, activatedAt: NOW, lastSeenAt: NOW } },
        ])
    }
    case 11:
      return (storage) =>
        storage.claimActivation(ACCOUNT.id, { ...target, canonicalKey: `KEY-I${license}` }, newActivation(hostId), step)
    case 12:
      return (storage) =>
        storage.claimSession(ACCOUNT.id, { ...target, canonicalKey: 'KEY-FLOAT' }, newSession(hostId), step)
    case 13: {
      const held = { ...target, canonicalKey: 'KEY-FLOAT', sessionId: `ses_${hostId}` }
      return (storage) => storage.releaseSession(ACCOUNT.id, held, `nonce_${hostId}`, step)
    }
    case 14:
      return async (storage) => {
        const claimed = await takeAll(storage, after(1), after(2), 5)
        const { delivery } = claimed[draw(5)] ?? {}
        if (delivery !== undefined) {
          await storage.settleDelivery(delivery.id, delivery.attempts, { kind: 'delivered' })
          await storage.redeliver(ACCOUNT.id, delivery.id, after(1))
        }
        return { kind: 'deliveries' }
      }
    case 15:
      return async (storage) => {
        await storage.purgeExpired(after(draw(2) * 100_000_000), 3)
        return { kind: 'purged' }
      }
    case 16: {
      const allowance = { name: 'moves', limit: SLOTS, periodMs: 1 }
      const at = after(draw(10))
      const charged = { ...newActivation(hostId), rules: chargingSlots(allowance), unit: hostId }
      return (storage) => storage.claimActivation(ACCOUNT.id, target, charged, { now: at })
    }
    case 17:
      return (storage) => storage.releaseActivation(ACCOUNT.id, { ...target, hostId, rules: RESTING }, step)
    default:
      return (storage) => storage.claimActivation(ACCOUNT.id, target, newActivation(hostId), step)
  }
}

describe("steps that get in each other's way", () => {
  it(`end well, all of them, for ${SECONDS} seconds (seed ${SEED})`, async () => {
    const place = await scratch.schema()
    const handles = [await scratch.open(place), await scratch.open(place)]
    const [storage] = handles as [Store, Store]
    await storage.insertProduct(ACCOUNT.id, newProduct('editor'), { now: NOW })
    const floating = newLicense('float', { type: 'floating', maxActivations: null, maxConcurrentSessions: 3 })
    await storage.insertLicenses(ACCOUNT.id, { licenses: [floating] }, { now: NOW })
    await storage.insertWebhookEndpoint(ACCOUNT.id, newEndpoint('crm'), { now: NOW })

    const [{ before = 0 } = {}] = (await place.pool.query(DEADLOCKS)).rows as { before?: number }[]
    const until = performance.now() + SECONDS * 1000
    const kinds: Record<string, number> = {}
    const faults: unknown[] = []
    const unavailable: string[] = []
    const caller = async (number: number) => {
      const draw = createDraw(SEED * 1000 + number)
      for (let turn = 0; performance.now() < until; turn++) {
        const call = drawCall(draw, `${number}-${turn}`)
        const handle = handles[draw(handles.length)] ?? storage
        const kind = await call(handle).then(
          (outcome) => ('kind' in outcome ? outcome.kind : 'imported'),
          (error: unknown) => {
            if (!isLicenseError(error) || error.code !== 'STORAGE_UNAVAILABLE') faults.push([`${call}`, error])
            if (isLicenseError(error)) unavailable.push(error.message)
            return 'unavailable'
          },
        )
        kinds[kind] = (kinds[kind] ?? 0) + 1
      }
    }
    let looks = 0
    const wrong: unknown[] = []
    const watcher = async () => {
      for (; performance.now() < until; looks++) {
        wrong.push(...(await place.pool.query(wrongCounters(place.schema))).rows)
        await pause(5)
      }
    }
    await Promise.all([watcher(), ...Array.from({ length: CALLERS }, (_, number) => caller(number))])

    const [{ before: afterwards = 0 } = {}] = (await place.pool.query(DEADLOCKS)).rows as { before?: number }[]
    const calls = Object.values(kinds).reduce((sum, count) => sum + count, 0)
    say('contention', { seed: SEED, calls, looks, deadlocks: afterwards - before, kinds, unavailable })
    expect(faults).toEqual([])
    expect(wrong).toEqual([])
    // Nothing is told but what was done, and little is told to be asked again.
    expect(unavailable.length).toBeLessThan(calls / 100)
    expect(looks).toBeGreaterThan(10)
  })
})

/** In one statement: at one instant. */
function wrongCounters(schema: string): string {
  return `SELECT l.id, l.activation_count, l.max_activations,
      (SELECT count(*) FROM ${schema}.activations a WHERE a.license_id = l.id) AS rows
    FROM ${schema}.licenses l
    WHERE l.activation_count <> (SELECT count(*) FROM ${schema}.activations a WHERE a.license_id = l.id)
      OR l.activation_count > l.max_activations`
}

const DEADLOCKS = 'SELECT deadlocks::int AS before FROM pg_stat_database WHERE datname = current_database()'
