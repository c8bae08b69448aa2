import { type ChildProcess, fork } from 'node:child_process'
import { once } from 'node:events'
import { fileURLToPath } from 'node:url'
import { createKeyring, createLicensing } from 'keyslot/server'
import { afterEach, describe, expect, it, vi } from 'vitest'
import { createNameResolver } from '../../../src/server/events/name-resolver'
import { createWebhookDispatcher } from '../../../src/server/events/webhook-dispatcher'
import { createWebhookSender } from '../../../src/server/events/webhook-sender'
import { verifyWebhook } from '../../../src/server/events/webhook-signature'
import { memoryStorage } from '../../../src/storage/memory'
import type { Store } from '../../../src/storage/verbs/store'
import { childScript } from '../../child-script'
import { ACCOUNT, NOW } from '../../storage/verbs/kit/entities'
import { createScratch } from '../../storage/verbs/sqlite-scratch'
import { memoryStore } from '../../storage/verbs/stores'
import { LOOPBACK, storeEndpoint, storeEvent } from './deliveries'
import { ManualClock } from './manual-clock'
import { answering, createReceivers, type Received } from './receiver'

const startReceiver = createReceivers()
const scratch = createScratch()

const LICENSES = 10
const PER_LICENSE = 8
const QUIET = { warn: () => undefined, error: () => undefined }

/** Events of several licenses, in turn; `at` is when they happen. */
async function storeEvents(store: Store, at: Date): Promise<readonly string[]> {
  const ids: string[] = []
  for (let index = 0; index < PER_LICENSE; index++) {
    for (let license = 0; license < LICENSES; license++) {
      const name = `${license}-${index}`
      await storeEvent(store, name, { at, licenseId: `lic_${license}`, data: { index } })
      ids.push(`evt_${name}`)
    }
  }
  return ids
}

/** The events of requests, each signed as it should be. */
function verified(received: readonly Received[], now?: Date) {
  return received.map(({ rawBody, headers }) => {
    const event = verifyWebhook(rawBody, headers['keymint-signature'], 'whsec_one', { now: now ?? new Date() })
    expect(headers['keymint-event-id']).toBe(event.id)
    expect(headers['keymint-delivery-id']).toBe(`${event.id}.hook_one`)
    return event
  })
}

/** Of each license, the indices of its events in the order they came first. */
function firstArrivals(events: ReturnType<typeof verified>): Record<string, unknown[]> {
  const seen = new Map(events.map((event) => [event.id, event]))
  const arrivals: Record<string, unknown[]> = {}
  for (const { licenseId, data } of seen.values()) {
    const license = String(licenseId)
    arrivals[license] = [...(arrivals[license] ?? []), data.index]
  }
  return arrivals
}

const IN_ORDER = Object.fromEntries(
  Array.from({ length: LICENSES }, (_, license) => [
    `lic_${license}`,
    Array.from({ length: PER_LICENSE }, (_, n) => n),
  ]),
)

async function counts(store: Store) {
  const all = { limit: 10_000 }
  const { items } = await store.listDeliveries(ACCOUNT.id, {}, all)
  return Object.fromEntries(
    (['pending', 'delivered', 'dead'] as const).map((status) => [
      status,
      items.filter((delivery) => delivery.status === status).length,
    ]),
  )
}

describe('a receiver in trouble', () => {
  it('gets every event, in order per license, once it is well again', async () => {
    const store = await scratch.opened(memoryStore())
    const receiver = await startReceiver()
    await storeEndpoint(store, `${receiver.origin}/hooks`)
    const ids = await storeEvents(store, NOW)
    const clock = new ManualClock(NOW)
    const accepted: Received[] = []
    const dispatcher = createWebhookDispatcher({
      store,
      send: createWebhookSender({
        version: '1.2.3',
        now: clock.now,
        allowedPrivateHosts: LOOPBACK,
        timeoutMs: 500,
        resolve: createNameResolver().resolve,
      }),
      logger: QUIET,
      now: clock.now,
      random: (size) => new Uint8Array(size).fill(200),
      schedule: clock.schedule,
    })
    const run = async () => {
      const before = receiver.received.length
      const report = await dispatcher.runOnce()
      verified(receiver.received.slice(before), clock.now())
      clock.advance(6 * 3_600_000)
      return report
    }

    // Slow: it takes longer than an attempt may.
    receiver.answer = (res) => void setTimeout(() => answering(200)(res, receiver.received[0] as Received), 1000)
    expect(await run()).toEqual({ delivered: 0, failed: 5, dead: 0 })
    receiver.answer = answering(500)
    // It has failed so often that only one of them tries how it is.
    expect(await run()).toEqual({ delivered: 0, failed: 1, dead: 0 })
    await receiver.die()
    expect(await run()).toEqual({ delivered: 0, failed: 1, dead: 0 })
    await receiver.listen()
    // Back, and shaky.
    let requests = 0
    receiver.answer = (res, received) => {
      const isRefused = ++requests % 3 === 0
      if (!isRefused) accepted.push(received)
      answering(isRefused ? 503 : 204)(res, received)
    }
    for (let round = 0; round < 20; round++) await run()

    expect(await counts(store)).toEqual({ pending: 0, delivered: ids.length, dead: 0 })
    const bodies = accepted.map(({ rawBody }) => JSON.parse(rawBody))
    // At least once: on a machine that is busy, an answer may come too late.
    expect(new Set(bodies.map(({ id }) => id))).toEqual(new Set(ids))
    expect(firstArrivals(bodies)).toEqual(IN_ORDER)
  })
})

describe('a process killed while it delivers', () => {
  let child: ChildProcess | undefined
  afterEach(() => void child?.kill('SIGKILL'))

  it('loses no event: the next one sends what was under way again', async () => {
    const file = scratch.file()
    const store = await scratch.open(file)
    const receiver = await startReceiver()
    await storeEndpoint(store, `${receiver.origin}/hooks`)
    const ids = await storeEvents(store, new Date())
    receiver.answer = (res, received) => void setTimeout(() => answering(204)(res, received), 20)

    let kills = 0
    for (const killAfter of [1, 30, 60, Number.POSITIVE_INFINITY]) {
      const script = await childScript(fileURLToPath(new URL('./webhook-worker.ts', import.meta.url)))
      child = fork(script, [file], { execArgv: [] })
      const isEnough = async () => {
        if (killAfter === Number.POSITIVE_INFINITY) return (await counts(store)).delivered === ids.length
        return receiver.received.length >= killAfter
      }
      await vi.waitFor(async () => expect(await isEnough()).toBe(true), { timeout: 30_000, interval: 2 })
      const ended = once(child, 'exit')
      // In the middle of attempts: no handler of its own runs.
      child.kill('SIGKILL')
      await ended
      kills++
    }

    const events = verified(receiver.received)
    const duplicates = events.length - new Set(events.map(({ id }) => id)).size
    expect(new Set(events.map(({ id }) => id))).toEqual(new Set(ids))
    expect(firstArrivals(events)).toEqual(IN_ORDER)
    expect(await counts(store)).toEqual({ pending: 0, delivered: ids.length, dead: 0 })
    // At least once: what was under way when it was killed comes twice. It shows that the kills hit something.
    expect(duplicates).toBeGreaterThan(0)
    expect(duplicates).toBeLessThanOrEqual(kills * 8)
  }, 90_000)
})

describe('a licensing service', () => {
  it('tells a webhook and listeners at once, and of no key, token or secret', async () => {
    const receiver = await startReceiver()
    const licensing = await createLicensing({
      storage: memoryStorage(),
      keyring: createKeyring(NOW),
      housekeepingSeconds: 0,
      logger: QUIET,
      webhooks: { allowedPrivateHosts: ['127.0.0.1'] },
    })
    const expected = ['access-token.created', 'license.created', 'product.created'] as const
    const webhook = await licensing.webhooks.create({ url: receiver.origin, eventTypes: expected })
    const [{ secret } = { secret: '' }] = webhook.secrets
    const heard: unknown[] = []
    for (const type of expected) licensing.on(type, ({ id }) => heard.push(id))

    const started = performance.now()
    const product = await licensing.products.create({ name: 'Editor' })
    const created = await licensing.licenses.create({
      productId: product.id,
      customer: { name: 'Ada', email: 'ada@example.com' },
      metadata: { order: 'order-4711' },
    })
    const { token } = await licensing.accessTokens.create({ name: 'all', kind: 'secret', scopes: ['licenses:read'] })
    await vi.waitFor(() => expect(receiver.received).toHaveLength(expected.length), { timeout: 3000 })
    // Long before the next poll.
    expect(performance.now() - started).toBeLessThan(3000)
    await licensing.close()

    const events = receiver.received.map(({ rawBody, headers }) =>
      verifyWebhook(rawBody, headers['keymint-signature'], secret, { now: new Date() }),
    )
    expect(events.map(({ type }) => type).sort()).toEqual(expected)
    expect(events.map(({ id }) => id).sort()).toEqual(heard.sort())
    const sent = JSON.stringify(receiver.received)
    for (const hidden of [created.key, created.license.canonicalKey, token, secret, 'ada@example.com', 'order-4711']) {
      expect(sent).not.toContain(hidden)
    }
  })

  it('refuses a webhook that leads inside', async () => {
    const licensing = await createLicensing({
      storage: memoryStorage(),
      keyring: createKeyring(NOW),
      housekeepingSeconds: 0,
      logger: QUIET,
    })
    for (const url of ['http://example.com/', 'https://127.1/', 'https://[::ffff:a9fe:a9fe]/']) {
      await expect(licensing.webhooks.create({ url })).rejects.toMatchObject({ detail: { field: 'url' } })
    }
    await licensing.close()
  })
})
