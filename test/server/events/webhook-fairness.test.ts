import { afterEach, describe, expect, it, vi } from 'vitest'
import { createNameResolver } from '../../../src/server/events/name-resolver'
import { createWebhookDispatcher, type WebhookDispatcher } from '../../../src/server/events/webhook-dispatcher'
import { createWebhookSender, type SendWebhook } from '../../../src/server/events/webhook-sender'
import type { Answer as FoundRows, Storage } from '../../../src/storage/contract'
import { createStore } from '../../../src/storage/verbs/create-store'
import type { Store } from '../../../src/storage/verbs/store'
import { ACCOUNT } from '../../storage/verbs/kit/entities'
import { LOOPBACK, storeEndpoint, storeEvent } from './deliveries'
import { fillWithDue } from './due-rows'
import { createEngines, ENGINES } from './engines'
import { createReceivers } from './receiver'

const open = createEngines()
const startReceiver = createReceivers()
const QUIET = { warn: () => undefined, error: () => undefined }
/** How long an attempt may take here. */
const TIMEOUT_MS = 1000

let dispatcher: WebhookDispatcher | undefined
afterEach(() => dispatcher?.stop())

function start(store: Store, send: SendWebhook): WebhookDispatcher {
  const random = (size: number) => new Uint8Array(size).fill(255)
  dispatcher = createWebhookDispatcher({ store, send, logger: QUIET, now: () => new Date(), random })
  dispatcher.start()
  return dispatcher
}

const sender = () =>
  createWebhookSender({
    version: '1.2.3',
    now: () => new Date(),
    allowedPrivateHosts: LOOPBACK,
    timeoutMs: TIMEOUT_MS,
    resolve: createNameResolver().resolve,
  })

describe.each(ENGINES)('on %s', (engine) => {
  it('a receiver that never answers, with 400 deliveries pending, holds nobody else up', async () => {
    const { store } = await open(engine)
    const [silent, good] = [await startReceiver(), await startReceiver()]
    silent.answer = () => undefined
    await storeEndpoint(store, silent.origin, { eventTypes: ['license.updated'] })
    await storeEndpoint(store, good.origin, { id: 'hook_two', eventTypes: ['customer.created'] })
    await Promise.all(
      Array.from({ length: 400 }, (_, index) => storeEvent(store, `e${index}`, { licenseId: `lic_${index}` })),
    )
    const running = start(store, sender())
    await vi.waitFor(() => expect(silent.received.length).toBeGreaterThan(0))

    const startedAt = performance.now()
    await storeEvent(store, 'good', { type: 'customer.created' })
    running.wake([ACCOUNT.id])
    await vi.waitFor(() => expect(good.received).toHaveLength(1), { timeout: 60_000, interval: 5 })
    const tookMs = performance.now() - startedAt
    console.info(`${engine}: delivered after ${Math.round(tookMs)} ms beside a silent receiver`)
    expect(tookMs).toBeLessThan(TIMEOUT_MS * 0.75)
    expect(silent.received.length).toBeLessThanOrEqual(8)
  })

  it.each([
    [1, 30_000],
    [300, 100],
  ])('of %i endpoints with %i due deliveries each, few rows are read for each that is sent', async (...due) => {
    const { storage } = await open(engine)
    await fillWithDue(storage, ...due)
    const counted = counting(storage)
    const store = createStore(counted.storage)
    let sent = 0
    const startedAt = performance.now()
    await new Promise<void>((resolve) => {
      start(store, async () => {
        sent += 1
        if (sent === 500) resolve()
        return { ok: true }
      })
    })
    await dispatcher?.stop()
    const figures = { msEach: (performance.now() - startedAt) / sent, rowsEach: counted.rows() / sent }
    console.info(`${engine}, ${due[0]} endpoints: ${JSON.stringify(figures)}`)
    expect(figures.rowsEach).toBeLessThan(40)
  })
})

/** The storage, counting the rows that it reads. */
function counting(storage: Storage): { readonly storage: Storage; rows(): number } {
  let rows = 0
  const count = (answers: readonly FoundRows[]): void => {
    for (const { rows: found } of answers) {
      rows += found.length
      for (const { followed } of found) count(Object.values(followed))
    }
  }
  const read: Storage['read'] = async (queries) => {
    const answers = await storage.read(queries)
    count(answers)
    return answers
  }
  return { storage: { ...storage, read }, rows: () => rows }
}
