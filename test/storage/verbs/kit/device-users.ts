import assert from 'node:assert/strict'
import { nameOfUser } from '../../../../src/domain/device-user'
import { MAX_LIVE_ENTRIES } from '../../../../src/domain/revoke'
import type { Store } from '../../../../src/storage/verbs/store'
import { ACCOUNT, after, claim, HOUR_MS, newActivation, newProduct, newProofKey, type Sale, sell } from './entities'
import { everythingIn, revoked, takenSlots } from './observations'
import { outcomeOf } from './outcomes'
import { SHARED } from './spending'
import type { ConformanceGroup } from './stage'
import { slotOf, thumbprintsOf } from './takeovers'

const [OLDEST, SECOND, YOUNGEST, STRANGER] = ['oldest', 'second', 'youngest', 'stranger'].map(newProofKey) as [
  string,
  string,
  string,
  string,
]
const DEVICE = 'act_host-1'
const MONTH_MS = 30 * 24 * HOUR_MS
const RULES = { ...SHARED, frees: { name: 'frees', limit: 2, periodMs: MONTH_MS } }

/** A host with these users, of a product that lets people look after their own devices. */
async function shared(storage: Store, keys = [OLDEST, SECOND, YOUNGEST]): Promise<Sale> {
  const sale = await sell(storage, { maxActivations: 1 })
  const selfService = { selfService: true }
  outcomeOf(await storage.updateProduct(ACCOUNT.id, newProduct('editor').id, selfService, { now: after(0) }), 'updated')
  for (const [index, proofKey] of keys.entries()) {
    const asked = newActivation('host-1', { proofKey, jti: `jti_${proofKey}` })
    outcomeOf(await claim(storage, sale, asked, after(index)), index === 0 ? 'created' : 'rebound')
  }
  return sale
}

function drop(
  storage: Store,
  { target }: Sale,
  key: string,
  by: { readonly proofKey?: string; readonly trusted?: true },
) {
  const drops = nameOfUser({ id: DEVICE }, { thumbprint: key })
  return storage.dropDeviceUser(
    ACCOUNT.id,
    { ...target, device: DEVICE, drops, rules: RULES, ...by },
    { now: after(9) },
  )
}

async function usersOf(storage: Store, sale: Sale) {
  return thumbprintsOf(await slotOf(storage, sale, 'host-1'))
}

export const deviceUsers: ConformanceGroup = {
  name: 'users of a device, dropped',
  tests: {
    'a key drops younger ones of its host, as often as comes': async ({ storage }) => {
      const sale = await shared(storage, [OLDEST, SECOND, YOUNGEST, STRANGER])
      for (const key of [STRANGER, YOUNGEST, SECOND]) {
        outcomeOf(await drop(storage, sale, key, { proofKey: OLDEST }), 'dropped')
      }
      assert.deepEqual(await usersOf(storage, sale), [OLDEST])
      assert.deepEqual([await takenSlots(storage, sale), (await revoked(storage)).length], [1, 3])
      const asked = newActivation('host-1', { proofKey: SECOND })
      assert.deepEqual(await claim(storage, sale, asked, after(10)), { kind: 'key-dropped' })
      assert.deepEqual(await drop(storage, sale, SECOND, { proofKey: OLDEST }), { kind: 'dropped-before' })
    },

    'a key drops neither itself nor an older one': async ({ storage }) => {
      const sale = await shared(storage)
      const before = await everythingIn(storage)
      for (const key of [OLDEST, SECOND]) {
        assert.deepEqual(await drop(storage, sale, key, { proofKey: SECOND }), { kind: 'older-user' })
      }
      assert.deepEqual(await everythingIn(storage), before)
    },

    'who has the license key drops any, as often as devices are freed': async ({ storage }) => {
      const sale = await shared(storage)
      for (const key of [OLDEST, SECOND]) outcomeOf(await drop(storage, sale, key, { proofKey: STRANGER }), 'dropped')
      const refused = await drop(storage, sale, YOUNGEST, {})
      assert.deepEqual(refused, { kind: 'rate-limited', retryAt: after(9 + MONTH_MS) })
      // The vendor is not counted.
      outcomeOf(await drop(storage, sale, YOUNGEST, { trusted: true }), 'dropped')
      assert.deepEqual(await usersOf(storage, sale), [])
    },

    'nobody is dropped where the product has no self-service, but by the vendor': async ({ storage }) => {
      const sale = await shared(storage)
      const off = { selfService: false }
      outcomeOf(await storage.updateProduct(ACCOUNT.id, sale.product.id, off, { now: after(5) }), 'updated')
      assert.deepEqual(await drop(storage, sale, YOUNGEST, { proofKey: OLDEST }), { kind: 'no-self-service' })
      outcomeOf(await drop(storage, sale, YOUNGEST, { trusted: true }), 'dropped')
    },

    'beyond so many live entries the list grows no more, and the user is out all the same': async ({ storage }) => {
      const sale = await shared(storage, [OLDEST])
      const keys = Array.from({ length: MAX_LIVE_ENTRIES + 4 }, (_, index) => newProofKey(`guest-${index}`))
      for (const proofKey of keys) {
        outcomeOf(await claim(storage, sale, newActivation('host-1', { proofKey }), after(5)), 'rebound')
        outcomeOf(await drop(storage, sale, proofKey, { proofKey: OLDEST }), 'dropped')
      }
      assert.equal((await revoked(storage)).length, MAX_LIVE_ENTRIES)
      assert.deepEqual(await usersOf(storage, sale), [OLDEST])
    },
  },
}
