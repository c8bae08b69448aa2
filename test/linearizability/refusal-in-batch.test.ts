import { expect, it } from 'vitest'
import type { Storage } from '../../src/storage/contract'
import { createMemoryStorage, MemoryRows } from '../../src/storage/memory/memory-storage'
import { createStore } from '../../src/storage/verbs/create-store'
import { ACCOUNT, ALL, checkout, NOW, sellFloating } from '../storage/verbs/kit/entities'
import { outcomeOf } from '../storage/verbs/kit/outcomes'
import { storeOn } from '../storage/verbs/stores'

it('a checkout is not refused for a seat that was free before the other seat was taken', async () => {
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
  const told = await Promise.all([checkout(store, sale, 'first'), checkout(store, sale, 'second')])
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
