import { describe, expect, it } from 'vitest'
import type { AuditEvent } from '../../../src/domain/event'
import { memoryStorage, type Storage } from '../../../src/storage'
import { createStore } from '../../../src/storage/verbs/create-store'
import { ACCOUNT, ALL, NOW, newActivation, newEvent, newIdempotency, OTHER_ACCOUNT, sell } from './kit/entities'
import { mutatingVerbs, setScene } from './kit/mutating-verbs'

async function listening(storage: Storage = memoryStorage()) {
  const heard: AuditEvent[][] = []
  const store = createStore(storage, { onStored: (events) => void heard.push([...events]) })
  await store.open()
  await store.insertAccount(ACCOUNT)
  await store.insertAccount(OTHER_ACCOUNT)
  return { store, heard }
}

const planned = (kind: string) => ({ [kind]: [newEvent('first'), newEvent('second')], other: [newEvent('other')] })
const claimed = { now: NOW, events: { created: [newEvent('claimed')] } }

describe('onStored', () => {
  it.each(Object.entries(mutatingVerbs))('is told what %s stored, as it is stored', async (_, { kind, call }) => {
    const { store, heard } = await listening()
    await setScene(store)
    expect(heard).toEqual([])
    await call(store, ACCOUNT.id, { now: NOW, events: planned(kind) })
    expect(heard).toEqual([(await store.listEvents(ACCOUNT.id, {}, ALL)).items])
    expect(heard.flat()).toHaveLength(2)
  })

  it.each(Object.entries(mutatingVerbs).filter(([, { foreignKind }]) => foreignKind !== null))(
    'is told nothing when %s did nothing',
    async (_, { kind, call }) => {
      const { store, heard } = await listening()
      await setScene(store)
      await call(store, OTHER_ACCOUNT.id, { now: NOW, events: planned(kind) })
      expect(heard).toEqual([])
    },
  )

  it('is told nothing of a step whose outcome has no events', async () => {
    const { store, heard } = await listening()
    const sale = await sell(store)
    const step = { now: NOW, events: { existing: [newEvent('existing')] } }
    await store.claimActivation(ACCOUNT.id, sale.target, newActivation('host-1'), step)
    expect(heard).toEqual([])
  })

  it('is told of a step once, however often it is asked for', async () => {
    const { store, heard } = await listening()
    const sale = await sell(store)
    const claim = (payloadHash: string) =>
      store.claimActivation(ACCOUNT.id, sale.target, newActivation('host-1'), {
        ...claimed,
        idempotency: newIdempotency('once', { payloadHash }),
      })
    await claim('hash-1')
    expect(await claim('hash-1')).toMatchObject({ replayed: { at: NOW } })
    expect(await claim('hash-2')).toEqual({ kind: 'idempotency-mismatch' })
    expect(heard.flat()).toHaveLength(1)
  })

  it('is told before the caller goes on', async () => {
    const { store, heard } = await listening()
    const sale = await sell(store)
    const claim = store.claimActivation(ACCOUNT.id, sale.target, newActivation('host-1'), claimed)
    expect(await claim.then(() => heard.length)).toBe(1)
  })

  it('is told once of a step that lost to others before it was written', async () => {
    const sound = memoryStorage()
    let losses = 3
    const { store, heard } = await listening({
      ...sound,
      write: async (sets) => {
        const isClaim = sets.flat().some(({ table }) => table === 'activations')
        return isClaim && losses-- > 0 ? sets.map(() => 'conflict' as const) : sound.write(sets)
      },
    })
    const sale = await sell(store)
    await store.claimActivation(ACCOUNT.id, sale.target, newActivation('host-1'), claimed)
    expect(losses).toBe(-1)
    expect(heard.flat()).toHaveLength(1)
  })

  it('is told nothing of a step that failed', async () => {
    const broken = new Error('database is gone')
    const sound = memoryStorage()
    let isGone = false
    const write: Storage['write'] = (sets) => (isGone ? Promise.reject(broken) : sound.write(sets))
    const { store, heard } = await listening({ ...sound, write })
    const sale = await sell(store)
    isGone = true
    const claim = store.claimActivation(ACCOUNT.id, sale.target, newActivation('host-1'), claimed)
    await expect(claim).rejects.toBe(broken)
    expect(heard).toEqual([])
  })
})
