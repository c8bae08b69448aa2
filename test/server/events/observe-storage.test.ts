import { createKeyring, createLicensing } from 'keyslot/server'
import { describe, expect, it } from 'vitest'
import type { AuditEvent } from '../../../src/domain/event'
import { observeStorage } from '../../../src/server/events/observe-storage'
import type { Storage } from '../../../src/storage/contract'
import { memoryStorage } from '../../../src/storage/memory'
import {
  ACCOUNT,
  ALL,
  NOW,
  newActivation,
  newEvent,
  newIdempotency,
  OTHER_ACCOUNT,
  sell,
} from '../../../src/testing/entities'
import { mutatingVerbs, setScene } from '../../../src/testing/mutating-verbs'

async function observed(inner: Storage = memoryStorage()) {
  const heard: AuditEvent[] = []
  const storage = observeStorage(inner, (events) => heard.push(...events))
  await storage.open()
  await storage.insertAccount(ACCOUNT)
  await storage.insertAccount(OTHER_ACCOUNT)
  return { storage, inner, heard }
}

const planned = (kind: string) => ({ [kind]: [newEvent('first'), newEvent('second')], other: [newEvent('other')] })

describe('an observed storage', () => {
  it.each(Object.entries(mutatingVerbs))('tells what %s stored, as it is stored', async (_, { kind, call }) => {
    const { storage, inner, heard } = await observed()
    await setScene(storage)
    expect(heard).toEqual([])
    await call(storage, ACCOUNT.id, { now: NOW, events: planned(kind) })
    expect(heard).toHaveLength(2)
    expect(heard).toEqual((await inner.listEvents(ACCOUNT.id, {}, ALL)).items)
  })

  it.each(Object.entries(mutatingVerbs).filter(([, { foreignKind }]) => foreignKind !== null))(
    'tells nothing when %s did nothing',
    async (_, { kind, call }) => {
      const { storage, heard } = await observed()
      await setScene(storage)
      await call(storage, OTHER_ACCOUNT.id, { now: NOW, events: planned(kind) })
      expect(heard).toEqual([])
    },
  )

  it('tells of a step once, however often it is asked for', async () => {
    const { storage, heard } = await observed()
    const sale = await sell(storage)
    const claim = (payloadHash: string) =>
      storage.claimActivation(ACCOUNT.id, sale.target, newActivation('host-1'), {
        now: NOW,
        events: { created: [newEvent('claimed')] },
        idempotency: newIdempotency('once', { payloadHash }),
      })
    await claim('hash-1')
    expect(await claim('hash-1')).toMatchObject({ replayed: { at: NOW } })
    expect(await claim('hash-2')).toEqual({ kind: 'idempotency-mismatch' })
    expect(heard).toHaveLength(1)
  })

  it('tells before its caller goes on', async () => {
    const { storage, heard } = await observed()
    const sale = await sell(storage)
    const events = { created: [newEvent('claimed')] }
    const heardThen = await storage
      .claimActivation(ACCOUNT.id, sale.target, newActivation('host-1'), { now: NOW, events })
      .then(() => heard.length)
    expect(heardThen).toBe(1)
  })

  it('tells nothing of a step that failed', async () => {
    const broken = new Error('database is gone')
    const inner = { ...memoryStorage(), claimActivation: () => Promise.reject(broken) }
    const { storage, heard } = await observed(inner)
    const target = { canonicalKey: 'KEY', productId: 'prod_editor' }
    const step = { now: NOW, events: { created: [newEvent('claimed')] } }
    const claim = storage.claimActivation(ACCOUNT.id, target, newActivation('host-1'), step)
    await expect(claim).rejects.toBe(broken)
    expect(heard).toEqual([])
  })

  it('passes everything else through: classes with private fields, frozen objects, plain members', async () => {
    class Adapter {
      readonly #name = 'private'
      readonly capabilities = Object.freeze({ events: false })
      get name(): string {
        return this.#name
      }
      async ping(): Promise<string> {
        return this.#name
      }
    }
    const adapter = Object.freeze(new Adapter()) as unknown as Storage
    const storage = observeStorage(adapter, () => undefined)
    expect(storage.name).toBe('private')
    expect(await storage.ping()).toBe('private')
    expect(storage.capabilities).toBe(adapter.capabilities)
    expect('ping' in storage).toBe(true)
    expect(Reflect.get(storage, 'then')).toBeUndefined()
  })

  it('serves a licensing service', async () => {
    const { storage, heard } = await observed()
    const licensing = await createLicensing({
      storage,
      keyring: createKeyring(NOW),
      housekeepingSeconds: 0,
      logger: { warn: () => undefined, error: () => undefined },
    })
    const product = await licensing.products.create({ name: 'Editor' })
    await licensing.licenses.create({ productId: product.id, customer: { name: 'Ada' } })
    expect(heard.map(({ type }) => type)).toEqual(expect.arrayContaining(['product.created', 'license.created']))
    await licensing.close()
  })
})
