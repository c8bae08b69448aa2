import assert from 'node:assert/strict'
import { nameOfUser } from '../../../../src/domain/device-user'
import type { SlotRequest } from '../../../../src/domain/slot-request'
import type { Store } from '../../../../src/storage/verbs/store'
import { ACCOUNT, ALL, after, claim, HOUR_MS, NOW, newActivation, newProofKey, type Sale, sell } from './entities'
import { idsOf, revokedIds, takenSlots } from './observations'
import { outcomeOf } from './outcomes'
import { sharedBy } from './spending'
import type { ConformanceGroup } from './stage'
import { slotOf, thumbprintsOf } from './takeovers'

const DAY_MS = 24 * HOUR_MS
const [OWNER, YOUNGER, THIEF] = ['owner', 'younger', 'thief'].map(newProofKey) as [string, string, string]
const MANY = { limit: 1_000, periodMs: 30 * DAY_MS }
const RULES = { ...sharedBy(5), moves: { ...MANY, name: 'moves' }, frees: { ...MANY, name: 'frees' } }

function asked(hostId: string, proofKey: string, more: Partial<SlotRequest> = {}): SlotRequest {
  const jti = `jti_${hostId}_${proofKey}`
  return { ...newActivation(hostId, { proofKey, id: `act_${hostId}`, jti }), rules: RULES, ...more }
}

/** A license of one slot, which the owner's host holds. */
async function owned(storage: Store): Promise<Sale> {
  const sale = await sell(storage, { maxActivations: 1 })
  outcomeOf(await storage.updateProduct(ACCOUNT.id, sale.product.id, { selfService: true }, { now: NOW }), 'updated')
  outcomeOf(await claim(storage, sale, asked('owned', OWNER)), 'created')
  return sale
}

async function holdersOf(storage: Store, { license }: Sale): Promise<readonly string[]> {
  const { items } = await storage.listActivations(ACCOUNT.id, license.id, ALL)
  return items.map(({ hostId }) => hostId)
}

/** The owner's only device is replaced by another host. */
async function displace(storage: Store, sale: Sale, hostId: string, key: string, now: Date) {
  const { items } = await storage.listActivations(ACCOUNT.id, sale.license.id, ALL)
  return claim(storage, sale, asked(hostId, key, { replaceDevice: items[0]?.id ?? '' }), now)
}

export const displacedHosts: ConformanceGroup = {
  name: 'hosts that were displaced',
  tests: {
    'take their slot back within seven days, at no cost': async ({ storage }) => {
      const sale = await owned(storage)
      outcomeOf(await displace(storage, sale, 'thief', THIEF, after(1)), 'moved')
      const free = { ...RULES, moves: { ...MANY, name: 'none', limit: 0 }, frees: { ...MANY, name: 'none', limit: 0 } }
      const back = await claim(storage, sale, asked('owned', OWNER, { rules: free }), after(7 * DAY_MS))
      const { activation, stamp } = outcomeOf(back, 'moved')
      assert.deepEqual([activation.hostId, thumbprintsOf(activation)], ['owned', [OWNER]])
      assert.ok(stamp >= after(7 * DAY_MS).getTime())
      assert.deepEqual([await holdersOf(storage, sale), await takenSlots(storage, sale)], [['owned'], 1])
      assert.ok((await revokedIds(storage, after(7 * DAY_MS))).includes(idsOf([sale.license.id, 'thief'])[0] ?? ''))
    },

    'do so by their oldest key only, and no later': async ({ storage }) => {
      const sale = await owned(storage)
      outcomeOf(await claim(storage, sale, asked('owned', YOUNGER), after(1)), 'rebound')
      outcomeOf(await displace(storage, sale, 'thief', THIEF, after(2)), 'moved')
      outcomeOf(await claim(storage, sale, asked('owned', YOUNGER), after(3)), 'limit-reached')
      outcomeOf(await claim(storage, sale, asked('elsewhere', OWNER), after(3)), 'limit-reached')
      outcomeOf(await claim(storage, sale, asked('owned', OWNER), after(2 + 7 * DAY_MS)), 'limit-reached')
    },

    'do so once, and who is displaced by that does not': async ({ storage }) => {
      const sale = await owned(storage)
      outcomeOf(await displace(storage, sale, 'thief', THIEF, after(1)), 'moved')
      outcomeOf(await displace(storage, sale, 'second', YOUNGER, after(2)), 'moved')
      outcomeOf(await claim(storage, sale, asked('owned', OWNER), after(3)), 'moved')
      // Both came later.
      outcomeOf(await claim(storage, sale, asked('thief', THIEF), after(4)), 'limit-reached')
      outcomeOf(await claim(storage, sale, asked('second', YOUNGER), after(4)), 'limit-reached')
      const target = { ...sale.target, hostId: 'owned', proofKey: OWNER }
      outcomeOf(await storage.releaseActivation(ACCOUNT.id, target, { now: after(5) }), 'released')
      outcomeOf(await claim(storage, sale, asked('thief', THIEF), after(6)), 'created')
      outcomeOf(await claim(storage, sale, asked('owned', OWNER), after(7)), 'limit-reached')
    },

    'do so no more once the vendor has freed a device': async ({ storage }) => {
      const sale = await owned(storage)
      outcomeOf(await displace(storage, sale, 'thief', THIEF, after(1)), 'moved')
      const target = { ...sale.target, hostId: 'thief', trusted: true } as const
      outcomeOf(await storage.releaseActivation(ACCOUNT.id, target, { now: after(2) }), 'released')
      outcomeOf(await claim(storage, sale, asked('second', YOUNGER), after(3)), 'created')
      outcomeOf(await claim(storage, sale, asked('owned', OWNER), after(4)), 'limit-reached')
    },

    'do so where somebody has gone by their name, and are the oldest again': async ({ storage }) => {
      const sale = await owned(storage)
      outcomeOf(await displace(storage, sale, 'thief', THIEF, after(1)), 'moved')
      outcomeOf(await displace(storage, sale, 'owned', THIEF, after(2)), 'moved')
      const { activation, stamp } = outcomeOf(await claim(storage, sale, asked('owned', OWNER), after(3)), 'rebound')
      assert.deepEqual(thumbprintsOf(activation), [OWNER])
      const entries = (await storage.listRevocations(after(3), sale.product.id)) ?? []
      const own = entries.find(({ id }) => id === idsOf([sale.license.id, 'owned'])[0])
      assert.ok(own !== undefined && stamp > own.stamp)
    },

    'do so where the device was freed, but by an older one': async ({ storage }) => {
      const sale = await owned(storage)
      const free = (proofKey: string, now: Date) =>
        storage.releaseDevice(ACCOUNT.id, { ...sale.target, device: 'act_owned', proofKey, rules: RULES }, { now })
      outcomeOf(await free(THIEF, after(1)), 'released')
      outcomeOf(await claim(storage, sale, asked('thief', THIEF), after(2)), 'created')
      outcomeOf(await claim(storage, sale, asked('owned', OWNER), after(3)), 'moved')
      assert.deepEqual(await holdersOf(storage, sale), ['owned'])
    },

    'are none of the vendor’s moves': async ({ storage }) => {
      const sale = await owned(storage)
      const moved = asked('other', THIEF, { replaceDevice: 'act_owned', trusted: true })
      outcomeOf(await claim(storage, sale, moved, after(1)), 'moved')
      outcomeOf(await claim(storage, sale, asked('owned', OWNER), after(2)), 'limit-reached')
    },

    'are users too who were dropped with the license key alone': async ({ storage }) => {
      const sale = await owned(storage)
      outcomeOf(await claim(storage, sale, asked('owned', YOUNGER), after(1)), 'rebound')
      const drop = (key: string, now: Date) => {
        const drops = nameOfUser({ id: 'act_owned' }, { thumbprint: key })
        const target = { ...sale.target, device: 'act_owned', drops, proofKey: THIEF, rules: RULES }
        return storage.dropDeviceUser(ACCOUNT.id, target, { now })
      }
      for (const key of [YOUNGER, OWNER]) outcomeOf(await drop(key, after(2)), 'dropped')
      outcomeOf(await claim(storage, sale, asked('owned', YOUNGER), after(3)), 'key-dropped')
      outcomeOf(await claim(storage, sale, asked('owned', OWNER), after(3)), 'rebound')
      const { keys } = await slotOf(storage, sale, 'owned')
      assert.deepEqual(
        keys.map(({ thumbprint, droppedAt }) => [thumbprint, droppedAt]),
        [
          [OWNER, null],
          [YOUNGER, after(2)],
        ],
      )
    },
  },
}
