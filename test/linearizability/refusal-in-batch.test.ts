import { expect, it } from 'vitest'
import type { Storage } from '../../src/storage/contract'
import { createMemoryStorage, MemoryRows } from '../../src/storage/memory/memory-storage'
import { createStore } from '../../src/storage/verbs/create-store'
import { ACCOUNT, ALL, checkout, NOW, newSession, sellFloating } from '../storage/verbs/kit/entities'
import { outcomeOf } from '../storage/verbs/kit/outcomes'
import { storeOn } from '../storage/verbs/stores'

const once = (key: string) => ({
  idempotency: { scope: 'checkout', key, payloadHash: key, expiresAt: new Date(NOW.getTime() + 60_000) },
})

it.each([
  ['told', undefined],
  ['told, and kept for whoever asks again', once('second')],
])('a refusal that is %s is not of a seat that was free before the other was taken', async (_, again) => {
  const rows = new MemoryRows()
  const other = storeOn(rows)
  await other.open()
  await other.insertAccount(ACCOUNT)
  const sale = await sellFloating(other, { maxConcurrentSessions: 2 })
  const { session } = outcomeOf(await checkout(other, sale, 'leaves'), 'created')
  const checkin = async () => {
    const target = { ...sale.target, sessionId: session.id }
    outcomeOf(await other.releaseSession(ACCOUNT.id, target, session.nonce, { now: NOW }), 'released')
    expect((await other.listSessions(ACCOUNT.id, sale.license.id, NOW, ALL)).total).toBe(0)
  }

  const store = createStore(beforeFirstWrite(createMemoryStorage(rows), checkin))
  await store.open()
  // In one batch, read for while the seat was held, and written when both were free.
  const told = await Promise.all([
    checkout(store, sale, 'first'),
    store.claimSession(ACCOUNT.id, sale.target, newSession('second'), { now: NOW, ...again }),
  ])
  expect(told.map(({ kind }) => kind)).toEqual(['created', 'created'])
  await store.close()
  await other.close()
})

function beforeFirstWrite(storage: Storage, work: () => Promise<void>): Storage {
  let isFirst = true
  return {
    ...storage,
    async write(sets) {
      if (isFirst) {
        isFirst = false
        await work()
      }
      return storage.write(sets)
    },
  }
}
