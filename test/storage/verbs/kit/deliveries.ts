import assert from 'node:assert/strict'
import { FAILED, happen, LEASE_ENDS_AT, listening, settle, stored, take } from './delivery-scene'
import { ACCOUNT, after, HOUR_MS, NOW, newEndpoint } from './entities'
import { overOneHandle, overTwoHandles, type Races } from './race'
import type { ConformanceGroup } from './stage'
import { takeAll } from './take-all'

export const deliveries: ConformanceGroup = {
  name: 'webhook deliveries',
  tests: {
    'are taken with their endpoint, one attempt counted, under a lease': async ({ storage }) => {
      await listening(storage, 'plain')
      await happen(storage, 'a')
      const before = await stored(storage, 'a')
      const delivery = { ...before, attempts: 1, lastAttemptAt: after(5), nextAttemptAt: LEASE_ENDS_AT }
      const claimed = await takeAll(storage, after(5), LEASE_ENDS_AT, 10)
      assert.deepEqual(claimed, [{ delivery, endpoint: newEndpoint('plain') }])
      assert.deepEqual(await stored(storage, 'a'), delivery)
    },

    'are due again when the lease ends, to the millisecond': async ({ storage }) => {
      await listening(storage, 'plain')
      await happen(storage, 'a')
      assert.deepEqual(await take(storage), ['a.plain'])
      assert.deepEqual(await take(storage, after(HOUR_MS - 1)), [])
      assert.deepEqual(await take(storage, LEASE_ENDS_AT, 1, after(2 * HOUR_MS)), ['a.plain'])
      assert.equal((await stored(storage, 'a')).attempts, 2)
    },

    'are taken oldest event first, at most the limit, none before it is due': async ({ storage }) => {
      await listening(storage, 'plain')
      // Ids that sort against the order; two events of one instant.
      for (const [name, milliseconds] of Object.entries({ z: 0, y: 1, x: 1, w: 2, v: 9 })) {
        await happen(storage, name, `lic_${name}`, after(milliseconds))
      }
      assert.deepEqual(await take(storage, after(-1)), [])
      assert.deepEqual(await take(storage, after(8), 3), ['z.plain', 'y.plain', 'x.plain'])
      assert.deepEqual(await take(storage, after(8), 3), ['w.plain'])
      assert.deepEqual(await take(storage, after(9), 0), [])
      assert.deepEqual(await take(storage, after(9), 3), ['v.plain'])
    },

    'of one license are delivered in order, each after the one before it is settled': async ({ storage }) => {
      await listening(storage, 'plain')
      for (const name of ['c', 'b', 'a']) await happen(storage, name, 'lic_one')
      await happen(storage, 'other', 'lic_two')
      assert.deepEqual(await take(storage), ['c.plain', 'other.plain'])
      assert.deepEqual(await take(storage), [])
      await settle(storage, 'c', 1, FAILED)
      assert.deepEqual(await take(storage, after(59_999)), [], 'one that waits for its retry holds up the rest')
      assert.deepEqual(await take(storage, after(60_000)), ['c.plain'])
      await settle(storage, 'c', 2, { kind: 'delivered' })
      assert.deepEqual(await take(storage), ['b.plain'])
      await settle(storage, 'b', 1, { kind: 'dead', error: 'HTTP 410' })
      assert.deepEqual(await take(storage), ['a.plain'], 'one that is given up lets the rest go')
    },

    'of one license to two endpoints do not wait for each other': async ({ storage }) => {
      await listening(storage, 'plain', 'other')
      for (const name of ['a', 'b']) await happen(storage, name, 'lic_one')
      assert.deepEqual((await take(storage)).sort(), ['a.other', 'a.plain'])
      await settle(storage, 'a', 1, { kind: 'delivered' })
      assert.deepEqual(await take(storage), ['b.plain'])
    },

    'of events without a license wait for none': async ({ storage }) => {
      await listening(storage, 'plain')
      for (const name of ['a', 'b']) await happen(storage, name)
      assert.deepEqual(await take(storage, NOW, 1), ['a.plain'])
      assert.deepEqual(await take(storage, NOW, 1), ['b.plain'])
    },

    'of an inactive endpoint wait until it is active again': async ({ storage }) => {
      await listening(storage, 'plain')
      await happen(storage, 'a')
      const activate = (active: boolean) =>
        storage.updateWebhookEndpoint(ACCOUNT.id, 'hook_plain', { active }, { now: NOW })
      await activate(false)
      assert.deepEqual(await take(storage), [])
      await activate(true)
      assert.deepEqual(await take(storage), ['a.plain'])
    },
  },
}

/** What is raced: over one handle in `deliveryRaces`, over two in `sharedDeliveries`. */
const races: Races = {
  'a delivery is taken by one of many': async (first, turn) => {
    await listening(first, 'plain')
    for (let index = 0; index < 10; index += 1) await happen(first, `${index}`, `lic_${index}`)
    const takers = Array.from({ length: 20 }, (_, index) => take(turn(index), NOW, 3))
    const taken = (await Promise.all(takers)).flat()
    assert.equal(taken.length, 10)
    assert.equal(new Set(taken).size, 10)
  },

  'order is kept whoever takes': async (first, turn) => {
    await listening(first, 'plain')
    const names = ['d', 'c', 'b', 'a']
    for (const name of names) await happen(first, name, 'lic_one')
    for (const name of names) {
      const takers = Array.from({ length: 6 }, (_, index) => take(turn(index)))
      assert.deepEqual((await Promise.all(takers)).flat(), [`${name}.plain`])
      await settle(turn(1), name, 1, { kind: 'delivered' })
    }
  },
}

export const deliveryRaces: ConformanceGroup = {
  name: 'races for webhook deliveries',
  tests: overOneHandle(races),
}

export const sharedDeliveries: ConformanceGroup = {
  name: 'races for webhook deliveries over two handles',
  needs: ['shared-store'],
  tests: overTwoHandles(races),
}
