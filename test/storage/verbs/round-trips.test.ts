import { expect, it } from 'vitest'
import { memoryStorage } from '../../../src/storage/memory'
import { createStore } from '../../../src/storage/verbs/create-store'
import { ACCOUNT, after, claim, NOW, newActivation, newProduct, newProofKey, release, sell } from './kit/entities'
import { outcomeOf } from './kit/outcomes'
import { EVERY_HOST } from './kit/unseen-hosts'
import { counted } from './side-by-side-scene'

async function start(changes: Parameters<typeof sell>[1] = {}) {
  const { storage, asked } = counted(memoryStorage())
  const store = createStore(storage)
  await store.open()
  await store.insertAccount(ACCOUNT)
  await store.insertProduct(ACCOUNT.id, newProduct('viewer'), { now: NOW })
  const sale = await sell(store, { productIds: ['prod_editor', 'prod_viewer'], ...changes })
  /** How often the storage was read and written for that. */
  const trips = async <O extends { readonly kind: string }>(call: Promise<O>, kind: O['kind']) => {
    Object.assign(asked, { reads: 0, writes: 0 })
    outcomeOf(await call, kind)
    return [asked.reads, asked.writes]
  }
  return { store, sale, trips }
}

const ONE_READ = [1, 0]
const ONE_STEP = [1, 1]

it('a slot is taken, used and freed with one read and at most one write each', async () => {
  const { store, sale, trips } = await start()
  for (let round = 0; round < 3; round += 1) {
    // So long that the last release is past by every clock.
    const at = (milliseconds: number) => after(round * 600_000 + milliseconds)
    expect(await trips(claim(store, sale, 'host-1', at(0)), 'created')).toEqual(ONE_STEP)
    expect(await trips(claim(store, sale, 'host-1', at(1)), 'existing')).toEqual(ONE_READ)
    const asked = { ...sale.target, hostId: 'host-1' }
    expect(await trips(store.validateActivation(ACCOUNT.id, asked, at(2)), 'valid')).toEqual(ONE_READ)
    expect(await trips(release(store, sale, 'host-1', {}, at(3)), 'released')).toEqual(ONE_STEP)
  }
})

it('an unseen host is freed with one read and one write', async () => {
  const { store, sale, trips } = await start()
  outcomeOf(await claim(store, sale, 'host-1'), 'created')
  const host = { licenseId: sale.license.id, hostId: 'host-1' }
  expect(await trips(store.releaseUnseen(ACCOUNT.id, host, EVERY_HOST, { now: NOW }), 'released')).toEqual(ONE_STEP)
})

it('a host that comes back at once is looked for on the list, by the same read', async () => {
  const { store, sale, trips } = await start()
  outcomeOf(await claim(store, sale, 'host-1'), 'created')
  outcomeOf(await release(store, sale, 'host-1'), 'released')
  expect(await trips(claim(store, sale, 'host-1'), 'created')).toEqual(ONE_STEP)
  expect(await trips(release(store, sale, 'host-1'), 'released')).toEqual(ONE_STEP)
})

it('another key is bound in one step', async () => {
  const { store, sale, trips } = await start()
  const bound = (name: string) => newActivation('host-1', { proofKey: newProofKey(name), jti: `jti_${name}` })
  outcomeOf(await claim(store, sale, bound('first')), 'created')
  expect(await trips(claim(store, sale, bound('second')), 'rebound')).toEqual(ONE_STEP)
})
