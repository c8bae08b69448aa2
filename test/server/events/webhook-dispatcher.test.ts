// Longer than other files: one dispatcher on one fake clock, a case a way to fail.

import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import type { WebhookDispatcherOptions } from '../../../src/server/events/dispatcher-options'
import { DEFAULT_MAX_ATTEMPTS, retryDelayMs } from '../../../src/server/events/retry-delay'
import { createWebhookDispatcher, type WebhookDispatcher } from '../../../src/server/events/webhook-dispatcher'
import type { SendResult } from '../../../src/server/events/webhook-sender'
import type { ClaimedDelivery, Store } from '../../../src/storage/verbs/store'
import { ACCOUNT, ALL, NOW } from '../../storage/verbs/kit/entities'
import { memoryStore } from '../../storage/verbs/stores'
import { storeEndpoint, storeEvent } from './deliveries'
import { ManualClock } from './manual-clock'

const HOUR_MS = 3_600_000
/** The highest and the lowest that dice can fall. */
const HIGHEST = (size: number) => new Uint8Array(size).fill(255)
const LOWEST = (size: number) => new Uint8Array(size)

let store: Store
let clock: ManualClock
let logged: unknown[][]
/** Ids of the events sent, in order. */
let sent: string[]
let underWay: number
let mostUnderWay: number
/** What a receiver does. */
let receive: (claimed: ClaimedDelivery, signal: AbortSignal | undefined) => Promise<SendResult> | SendResult
const dispatchers: WebhookDispatcher[] = []

beforeEach(async () => {
  store = memoryStore()
  await store.open()
  await store.insertAccount(ACCOUNT)
  clock = new ManualClock(NOW)
  logged = []
  sent = []
  underWay = 0
  mostUnderWay = 0
  receive = () => ({ ok: true })
})

afterEach(async () => {
  for (const dispatcher of dispatchers.splice(0)) await dispatcher.stop()
})

function create(options: Partial<WebhookDispatcherOptions> = {}): WebhookDispatcher {
  const dispatcher = createWebhookDispatcher({
    store,
    async send(claimed, signal) {
      sent.push(claimed.delivery.event.id)
      mostUnderWay = Math.max(mostUnderWay, ++underWay)
      try {
        return await receive(claimed, signal)
      } finally {
        underWay--
      }
    },
    logger: {
      warn: (message) => void logged.push([message]),
      error: (message, error) => void logged.push([message, error]),
    },
    now: clock.now,
    random: HIGHEST,
    schedule: clock.schedule,
    ...options,
  })
  dispatchers.push(dispatcher)
  return dispatcher
}

const deliveries = async () => (await store.listDeliveries(ACCOUNT.id, {}, ALL)).items
const settled = () => new Promise((resolve) => setImmediate(resolve))
const failing = (error = 'answered 500'): SendResult => ({ ok: false, error })

describe('a run by hand', () => {
  it('delivers everything that is due, and says how much', async () => {
    await storeEndpoint(store, 'https://one.example/')
    await storeEndpoint(store, 'https://two.example/', { id: 'hook_two', eventTypes: ['customer.created'] })
    for (let index = 0; index < 50; index++) await storeEvent(store, `e${index}`)
    expect(await create({ concurrency: 3 }).runOnce()).toEqual({ delivered: 50, failed: 0, dead: 0 })
    expect(new Set(sent).size).toBe(50)
    expect(mostUnderWay).toBe(3)
    expect((await deliveries()).map(({ status }) => status)).toEqual(Array(50).fill('delivered'))
    expect(await create().runOnce()).toEqual({ delivered: 0, failed: 0, dead: 0 })
  })

  it("keeps the order of a license's events, through failures too", async () => {
    await storeEndpoint(store, 'https://one.example/')
    for (let index = 0; index < 30; index++) {
      await storeEvent(store, `e${index}`, { licenseId: `lic_${index % 3}`, data: { index } })
    }
    const accepted: Record<string, number[]> = {}
    let calls = 0
    receive = async ({ delivery: { event } }) => {
      await settled()
      if (++calls % 4 === 0) return failing()
      accepted[String(event.licenseId)] = [...(accepted[String(event.licenseId)] ?? []), Number(event.data.index)]
      return { ok: true }
    }
    const dispatcher = create()
    for (let round = 0; round < 40; round++) {
      await dispatcher.runOnce()
      clock.advance(HOUR_MS)
    }
    for (const [license, indices] of Object.entries(accepted)) {
      expect([license, indices]).toEqual([
        license,
        Array.from({ length: 10 }, (_, n) => n * 3 + Number(license.at(-1))),
      ])
    }
    expect(Object.keys(accepted)).toHaveLength(3)
  })

  it('a slow receiver holds up only its own slot', async () => {
    await storeEndpoint(store, 'https://one.example/')
    for (let index = 0; index < 10; index++) await storeEvent(store, `e${index}`)
    let release = (_: SendResult) => {}
    receive = ({ delivery }) =>
      delivery.event.id === 'evt_e0'
        ? new Promise<SendResult>((resolve) => {
            release = resolve
          })
        : { ok: true }
    const run = create({ concurrency: 2 }).runOnce()
    await vi.waitFor(() => expect(sent).toHaveLength(10))
    release({ ok: true })
    expect(await run).toEqual({ delivered: 10, failed: 0, dead: 0 })
    expect(mostUnderWay).toBe(2)
  })

  it('several dispatchers send nothing twice', async () => {
    await storeEndpoint(store, 'https://one.example/')
    for (let index = 0; index < 100; index++) await storeEvent(store, `e${index}`)
    receive = async () => {
      await settled()
      return { ok: true }
    }
    await Promise.all([create(), create(), create()].map((dispatcher) => dispatcher.runOnce()))
    expect(sent).toHaveLength(100)
    expect(new Set(sent).size).toBe(100)
  })

  it('sends again what a dead process held, once its lease has ended', async () => {
    await storeEndpoint(store, 'https://one.example/')
    await storeEvent(store, 'e')
    await store.claimDeliveries('hook_one', clock.now(), new Date(NOW.getTime() + 30_000), 10)
    const dispatcher = create()
    await dispatcher.runOnce()
    expect(sent).toEqual([])
    clock.advance(30_000)
    await dispatcher.runOnce()
    expect(sent).toEqual(['evt_e'])
    expect(await deliveries()).toMatchObject([{ status: 'delivered', attempts: 2 }])
  })

  it('rejects when the storage cannot be asked, after what is under way', async () => {
    await storeEndpoint(store, 'https://one.example/')
    await storeEvent(store, 'e')
    const broken = new Error('database is gone')
    let claims = 0
    const failingStore = {
      ...store,
      claimDeliveries: (...args: Parameters<Store['claimDeliveries']>) =>
        ++claims > 1 ? Promise.reject(broken) : store.claimDeliveries(...args),
    }
    await expect(create({ store: failingStore }).runOnce()).rejects.toBe(broken)
    expect(await deliveries()).toMatchObject([{ status: 'delivered' }])
  })

  it('a result that cannot be stored is logged, and the delivery sent again', async () => {
    await storeEndpoint(store, 'https://one.example/')
    await storeEvent(store, 'e')
    const broken = new Error('database is gone')
    const settleDelivery = () => Promise.reject(broken)
    const dispatcher = create({ store: { ...store, settleDelivery } })
    expect(await dispatcher.runOnce()).toEqual({ delivered: 0, failed: 0, dead: 0 })
    expect(logged).toEqual([['keyslot: webhook delivery evt_e.hook_one cannot be settled', broken]])
    clock.advance(30_000)
    await create().runOnce()
    expect(sent).toEqual(['evt_e', 'evt_e'])
  })

  it('an attempt or a logger that throws harms nobody', async () => {
    await storeEndpoint(store, 'https://one.example/')
    await storeEvent(store, 'e')
    receive = () => {
      throw new Error('should never happen')
    }
    const thrower = () => {
      throw new Error('logger')
    }
    const report = await create({ logger: { warn: thrower, error: thrower } }).runOnce()
    expect(report).toEqual({ delivered: 0, failed: 0, dead: 0 })
  })
})

describe('what fails', () => {
  it('is tried again ever later, then given up, then sent again by hand', async () => {
    await storeEndpoint(store, 'https://one.example/')
    await storeEvent(store, 'e')
    receive = () => failing('answered 503')
    const dispatcher = create({ maxAttempts: 5 })
    const waits: number[] = []
    for (let attempt = 1; attempt < 5; attempt++) {
      expect(await dispatcher.runOnce()).toEqual({ delivered: 0, failed: 1, dead: 0 })
      const [delivery] = await deliveries()
      expect(delivery).toMatchObject({ status: 'pending', attempts: attempt, lastError: 'answered 503' })
      const waitMs = (delivery?.nextAttemptAt.getTime() ?? 0) - clock.now().getTime()
      waits.push(Math.round(waitMs / 1000))
      clock.advance(waitMs - 1)
      expect(await dispatcher.runOnce()).toEqual({ delivered: 0, failed: 0, dead: 0 })
      clock.advance(1)
    }
    expect(waits).toEqual([10, 20, 40, 80])
    expect(await dispatcher.runOnce()).toEqual({ delivered: 0, failed: 0, dead: 1 })
    expect(await deliveries()).toMatchObject([{ status: 'dead', attempts: 5, lastError: 'answered 503' }])
    expect(logged).toEqual([['keyslot: gave up on webhook delivery evt_e.hook_one: answered 503']])

    clock.advance(365 * 24 * HOUR_MS)
    expect(await dispatcher.runOnce()).toEqual({ delivered: 0, failed: 0, dead: 0 })
    receive = () => ({ ok: true })
    expect(await store.redeliver(ACCOUNT.id, 'evt_e.hook_one', clock.now())).toEqual({ kind: 'queued' })
    expect(await dispatcher.runOnce()).toEqual({ delivered: 1, failed: 0, dead: 0 })
    expect(await deliveries()).toMatchObject([{ status: 'delivered', attempts: 1, lastError: null }])
  })

  it('holds up later events of its license only, until it is given up', async () => {
    await storeEndpoint(store, 'https://one.example/')
    await storeEvent(store, 'bad', { licenseId: 'lic_one' })
    await storeEvent(store, 'behind', { licenseId: 'lic_one' })
    await storeEvent(store, 'other', { licenseId: 'lic_two' })
    receive = ({ delivery }) => (delivery.event.id === 'evt_bad' ? failing() : { ok: true })
    const dispatcher = create({ maxAttempts: 2 })
    await dispatcher.runOnce()
    expect(sent).toEqual(['evt_bad', 'evt_other'])
    clock.advance(HOUR_MS)
    await dispatcher.runOnce()
    expect(sent.slice(2)).toEqual(['evt_bad', 'evt_behind'])
  })

  it('again and again lets its endpoint rest: one attempt at a time, ever later, then all at once', async () => {
    await storeEndpoint(store, 'https://one.example/')
    for (let index = 0; index < 40; index++) await storeEvent(store, `e${index}`)
    receive = () => failing()
    const dispatcher = create()
    expect(await dispatcher.runOnce()).toEqual({ delivered: 0, failed: 5, dead: 0 })
    for (const pauseMs of [10_000, 20_000, 40_000, 80_000, 160_000, 300_000, 300_000]) {
      clock.advance(pauseMs - 1)
      expect(await dispatcher.runOnce()).toEqual({ delivered: 0, failed: 0, dead: 0 })
      clock.advance(1)
      mostUnderWay = 0
      expect(await dispatcher.runOnce()).toEqual({ delivered: 0, failed: 1, dead: 0 })
      expect(mostUnderWay).toBe(1)
    }
    receive = () => ({ ok: true })
    clock.advance(300_000)
    mostUnderWay = 0
    expect(await dispatcher.runOnce()).toEqual({ delivered: 40, failed: 0, dead: 0 })
    expect(mostUnderWay).toBe(4)
  })

  it('for days disables its endpoint, tells others of it, and goes on where it is enabled again', async () => {
    await storeEndpoint(store, 'https://one.example/', { eventTypes: ['license.updated'] })
    await storeEndpoint(store, 'https://two.example/', { id: 'hook_two', eventTypes: ['webhook.disabled'] })
    await storeEvent(store, 'e')
    const heard: ClaimedDelivery[] = []
    receive = (claimed) => {
      if (claimed.endpoint.id === 'hook_one') return failing('answered 503')
      heard.push(claimed)
      return { ok: true }
    }
    const dispatcher = create({ maxAttempts: 1000, disableAfterMs: 120 * HOUR_MS })
    const endpoint = async () => (await store.listWebhookEndpoints(ACCOUNT.id, ALL)).items[0]
    for (let hours = 0; hours < 120; hours += 6) {
      await dispatcher.runOnce()
      expect(await endpoint()).toMatchObject({ active: true, failingSince: NOW, disabledReason: null })
      clock.advance(6 * HOUR_MS)
    }
    expect(heard).toEqual([])
    await dispatcher.runOnce()
    expect(await endpoint()).toMatchObject({
      active: false,
      failingSince: NOW,
      disabledReason: `no attempt has succeeded since ${NOW.toISOString()}; the last one: answered 503`,
    })
    expect(logged).toEqual([['keyslot: webhook hook_one is disabled: it has failed for days']])
    const data = { webhookId: 'hook_one', failingSince: NOW, lastError: 'answered 503' }
    expect(heard.map(({ delivery }) => delivery.event)).toMatchObject([{ type: 'webhook.disabled', data }])

    // Its deliveries wait for it.
    sent.length = 0
    clock.advance(6 * HOUR_MS)
    await dispatcher.runOnce()
    expect(sent).toEqual([])
    await store.updateWebhookEndpoint(ACCOUNT.id, 'hook_one', { active: true }, { now: clock.now() })
    expect(await endpoint()).toMatchObject({ active: true, failingSince: null, disabledReason: null })
    receive = () => ({ ok: true })
    await dispatcher.runOnce()
    expect(sent).toEqual(['evt_e'])
  })

  it('now and then disables no endpoint', async () => {
    await storeEndpoint(store, 'https://one.example/')
    const dispatcher = create({ disableAfterMs: 24 * HOUR_MS })
    for (let hour = 0; hour < 72; hour++) {
      await storeEvent(store, `e${hour}`, { at: clock.now() })
      receive = () => (hour % 12 === 0 ? { ok: true } : failing())
      await dispatcher.runOnce()
      clock.advance(HOUR_MS)
    }
    expect((await store.listWebhookEndpoints(ACCOUNT.id, ALL)).items).toMatchObject([{ active: true }])
  })

  it('waits between one second and six hours, half of that on average', () => {
    for (let attempts = 1; attempts < 2000; attempts++) {
      expect(retryDelayMs(attempts, LOWEST)).toBe(1000)
      expect(retryDelayMs(attempts, HIGHEST)).toBeLessThanOrEqual(6 * HOUR_MS)
      expect(retryDelayMs(attempts, HIGHEST)).toBeGreaterThan(9_990)
    }
    const half = (size: number) => new Uint8Array(size).fill(128)
    let totalMs = 0
    for (let attempts = 1; attempts < DEFAULT_MAX_ATTEMPTS; attempts++) totalMs += retryDelayMs(attempts, half)
    expect(totalMs / HOUR_MS).toBeGreaterThan(48)
    expect(totalMs / HOUR_MS).toBeLessThan(54)
  })
})

describe('a dispatcher that was started', () => {
  it('delivers what was there, what it is woken for, and what it finds by itself', async () => {
    await storeEndpoint(store, 'https://one.example/')
    await storeEvent(store, 'before')
    const dispatcher = create()
    dispatcher.start()
    clock.advance(0)
    await vi.waitFor(() => expect(sent).toEqual(['evt_before']))

    await vi.waitFor(() => expect(clock.nextDelayMs).toBe(5000))
    await storeEvent(store, 'woken')
    dispatcher.wake([ACCOUNT.id])
    clock.advance(20)
    await vi.waitFor(() => expect(sent).toContain('evt_woken'))

    await vi.waitFor(() => expect(clock.nextDelayMs).toBe(5000))
    await storeEvent(store, 'found')
    clock.advance(4999)
    await settled()
    expect(sent).not.toContain('evt_found')
    clock.advance(1)
    await vi.waitFor(() => expect(sent).toContain('evt_found'))
  })

  it('is woken while attempts are under way', async () => {
    await storeEndpoint(store, 'https://one.example/')
    await storeEvent(store, 'slow')
    let release = (_: SendResult) => {}
    receive = ({ delivery }) =>
      delivery.event.id === 'evt_slow'
        ? new Promise<SendResult>((resolve) => {
            release = resolve
          })
        : { ok: true }
    const dispatcher = create()
    dispatcher.start()
    clock.advance(0)
    await vi.waitFor(() => expect(sent).toEqual(['evt_slow']))
    await storeEvent(store, 'fast')
    dispatcher.wake([ACCOUNT.id])
    clock.advance(20)
    await vi.waitFor(() => expect(sent).toEqual(['evt_slow', 'evt_fast']))
    release({ ok: true })
  })

  it('looks once for many wakes', async () => {
    const findDueEndpoints = vi.fn(store.findDueEndpoints)
    const dispatcher = create({ store: { ...store, findDueEndpoints } })
    dispatcher.start()
    clock.advance(0)
    await settled()
    expect(findDueEndpoints).toHaveBeenCalledTimes(1)
    for (let wakes = 0; wakes < 1000; wakes++) dispatcher.wake([ACCOUNT.id])
    clock.advance(20)
    await settled()
    expect(findDueEndpoints).toHaveBeenCalledTimes(2)
    dispatcher.wake([ACCOUNT.id])
    clock.advance(20)
    await vi.waitFor(() => expect(findDueEndpoints).toHaveBeenCalledTimes(3))
    expect(findDueEndpoints.mock.calls.map(([, among]) => among)).toEqual([
      { after: null },
      { accountId: ACCOUNT.id },
      { accountId: ACCOUNT.id },
    ])
  })

  it('looks once for many wakes while attempts are under way, too', async () => {
    await storeEndpoint(store, 'https://one.example/')
    await storeEvent(store, 'slow')
    let release = (_: SendResult) => {}
    receive = () =>
      new Promise<SendResult>((resolve) => {
        release = resolve
      })
    const findDueEndpoints = vi.fn(store.findDueEndpoints)
    const dispatcher = create({ store: { ...store, findDueEndpoints } })
    dispatcher.start()
    clock.advance(0)
    await vi.waitFor(() => expect(sent).toHaveLength(1))
    for (let wakes = 0; wakes < 1000; wakes++) {
      dispatcher.wake([ACCOUNT.id])
      if (wakes % 100 === 0) await settled()
    }
    clock.advance(20)
    await settled()
    expect(findDueEndpoints).toHaveBeenCalledTimes(2)
    release({ ok: true })
  })

  it('finds what others stored while attempts are under way, too', async () => {
    await storeEndpoint(store, 'https://one.example/', { eventTypes: ['license.updated'] })
    await storeEndpoint(store, 'https://two.example/', { id: 'hook_two', eventTypes: ['customer.created'] })
    await storeEvent(store, 'slow')
    let release = (_: SendResult) => {}
    receive = ({ delivery }) =>
      delivery.event.id === 'evt_slow'
        ? new Promise<SendResult>((resolve) => {
            release = resolve
          })
        : { ok: true }
    create().start()
    clock.advance(0)
    await vi.waitFor(() => expect(sent).toEqual(['evt_slow']))
    await storeEvent(store, 'found', { type: 'customer.created' })
    clock.advance(5000)
    await vi.waitFor(() => expect(sent).toEqual(['evt_slow', 'evt_found']))
    release({ ok: true })
  })

  it('goes on after the storage failed', async () => {
    await storeEndpoint(store, 'https://one.example/')
    await storeEvent(store, 'e')
    const broken = new Error('database is gone')
    const claimDeliveries = vi.fn(store.claimDeliveries).mockRejectedValueOnce(broken)
    const dispatcher = create({ store: { ...store, claimDeliveries } })
    dispatcher.start()
    clock.advance(0)
    await vi.waitFor(() => expect(logged).toEqual([['keyslot: webhook deliveries cannot be read', broken]]))
    await vi.waitFor(() => expect(clock.nextDelayMs).toBe(5000))
    clock.advance(5000)
    await vi.waitFor(() => expect(sent).toEqual(['evt_e']))
  })

  it('does nothing before it is started', async () => {
    await storeEndpoint(store, 'https://one.example/')
    await storeEvent(store, 'e')
    create().wake([ACCOUNT.id])
    expect(clock.nextDelayMs).toBeNull()
    expect(sent).toEqual([])
  })
})

describe('stopping', () => {
  it('waits for attempts under way, takes no more, and is for good', async () => {
    await storeEndpoint(store, 'https://one.example/')
    for (const name of ['a', 'b', 'c']) await storeEvent(store, name)
    const releases: ((result: SendResult) => void)[] = []
    receive = () => new Promise<SendResult>((resolve) => releases.push(resolve))
    const dispatcher = create({ concurrency: 2 })
    dispatcher.start()
    clock.advance(0)
    await vi.waitFor(() => expect(releases).toHaveLength(2))
    let stopped = false
    const stopping = dispatcher.stop().then(() => {
      stopped = true
    })
    await settled()
    expect(stopped).toBe(false)
    for (const release of releases) release({ ok: true })
    await stopping
    expect(sent).toEqual(['evt_a', 'evt_b'])
    expect((await deliveries()).filter(({ status }) => status === 'delivered')).toHaveLength(2)
    dispatcher.start()
    dispatcher.wake([ACCOUNT.id])
    expect(clock.nextDelayMs).toBeNull()
    expect(await dispatcher.runOnce()).toEqual({ delivered: 0, failed: 0, dead: 0 })
    await dispatcher.stop()
  })

  it('cuts off attempts that do not end, and leaves the storage alone from then on', async () => {
    await storeEndpoint(store, 'https://one.example/')
    await storeEvent(store, 'e')
    const settleDelivery = vi.fn(store.settleDelivery)
    receive = (_, signal) =>
      new Promise((resolve) => signal?.addEventListener('abort', () => resolve({ ok: false, error: 'given up' })))
    const dispatcher = create({ store: { ...store, settleDelivery } })
    const run = dispatcher.runOnce()
    await vi.waitFor(() => expect(sent).toHaveLength(1))
    const stopping = dispatcher.stop()
    clock.advance(7000)
    await stopping
    await run
    expect(settleDelivery).not.toHaveBeenCalled()
    // Its lease ends, and it is sent again: by the next process.
    clock.advance(30_000)
    receive = () => ({ ok: true })
    expect(await create().runOnce()).toEqual({ delivered: 1, failed: 0, dead: 0 })
  })

  it('is bounded although the storage never answers', async () => {
    const never = () => new Promise<never>(() => undefined)
    const dispatcher = create({ store: { findDueEndpoints: never, claimDeliveries: never, settleDelivery: never } })
    dispatcher.start()
    clock.advance(0)
    const stopping = dispatcher.stop()
    clock.advance(7000)
    await stopping
  })

  it('is at once when nothing is under way, started or not', async () => {
    await create().stop()
    const dispatcher = create()
    dispatcher.start()
    await dispatcher.stop()
    expect(clock.nextDelayMs).toBeNull()
  })
})
