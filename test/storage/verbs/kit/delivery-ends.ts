import assert from 'node:assert/strict'
import { DEAD_KEPT_MS, DELIVERED_KEPT_MS } from '../../../../src/domain/webhook'
import type { Store } from '../../../../src/storage/verbs/store'
import { FAILED, happen, LEASE_ENDS_AT, listening, settle, stored, take } from './delivery-scene'
import { ACCOUNT, ALL, after, HOUR_MS, NOW, newEvent, OTHER_ACCOUNT } from './entities'
import type { ConformanceGroup } from './stage'

export const deliveryEnds: ConformanceGroup = {
  name: 'settled webhook deliveries',
  tests: {
    'keep how the attempt ended': async ({ storage }) => {
      await listening(storage, 'plain')
      await happen(storage, 'a')
      await take(storage)
      await settle(storage, 'a', 1, FAILED)
      const waiting = await stored(storage, 'a')
      assert.deepEqual([waiting.status, waiting.attempts, waiting.lastError], ['pending', 1, 'HTTP 500'])
      assert.deepEqual([waiting.nextAttemptAt, waiting.lastAttemptAt], [FAILED.retryAt, NOW])

      await take(storage, FAILED.retryAt)
      await settle(storage, 'a', 2, { kind: 'dead', error: 'gave up: ✗' })
      const dead = await stored(storage, 'a')
      assert.deepEqual([dead.status, dead.attempts, dead.lastError], ['dead', 2, 'gave up: ✗'])
      assert.deepEqual(await take(storage, after(99 * HOUR_MS)), [])
    },

    'ignore what a late attempt says': async ({ storage }) => {
      await listening(storage, 'plain')
      await happen(storage, 'a')
      await take(storage)
      await take(storage, LEASE_ENDS_AT, 1, after(2 * HOUR_MS))
      const taken = await stored(storage, 'a')
      for (const attempts of [0, 1, 3]) {
        await settle(storage, 'a', attempts, { kind: 'delivered' })
        await settle(storage, 'a', attempts, FAILED)
        assert.deepEqual(await stored(storage, 'a'), taken)
      }
      await storage.settleDelivery('evt_unknown.hook_plain', 1, { kind: 'delivered' })
      await settle(storage, 'a', 2, { kind: 'delivered' })
      assert.equal((await stored(storage, 'a')).status, 'delivered')
    },

    'forget the error of an attempt before, once delivered': async ({ storage }) => {
      await listening(storage, 'plain')
      await happen(storage, 'a')
      await take(storage)
      await settle(storage, 'a', 1, FAILED)
      await take(storage, FAILED.retryAt)
      await settle(storage, 'a', 2, { kind: 'delivered' })
      const { status, attempts, lastAttemptAt, lastError } = await stored(storage, 'a')
      assert.deepEqual([status, attempts, lastAttemptAt, lastError], ['delivered', 2, FAILED.retryAt, null])
    },

    'say of their endpoint since when it fails, until an attempt succeeds': async ({ storage }) => {
      await listening(storage, 'plain')
      for (const name of ['a', 'b']) await happen(storage, name)
      const failingSince = async () => (await endpointOf(storage)).failingSince
      await take(storage, after(1), 1)
      await settle(storage, 'a', 1, FAILED)
      assert.deepEqual(await failingSince(), after(1))
      await take(storage, after(2), 1)
      await settle(storage, 'b', 1, { kind: 'dead', error: 'HTTP 410' })
      assert.deepEqual(await failingSince(), after(1))
      await take(storage, FAILED.retryAt)
      await settle(storage, 'a', 2, { kind: 'delivered' })
      assert.deepEqual(await failingSince(), null)
    },

    'disable an endpoint that has failed for so long, and tell the others': async ({ storage }) => {
      await listening(storage, 'plain', 'other')
      await happen(storage, 'a')
      const fail = async (attempts: number, at: Date) => {
        await take(storage, at, 100, at)
        const event = newEvent(`disabled_${attempts}`, {
          type: 'webhook.disabled',
          at,
          data: { webhookId: 'hook_plain' },
        })
        const disabling = { accountId: ACCOUNT.id, afterMs: HOUR_MS, step: { now: at, events: { disabled: [event] } } }
        const result = { kind: 'failed', error: 'HTTP 500', retryAt: at } as const
        return storage.settleDelivery('evt_a.hook_plain', attempts, result, disabling)
      }
      assert.deepEqual(await fail(1, after(0)), { kind: 'settled' })
      assert.deepEqual(await fail(2, after(HOUR_MS - 1)), { kind: 'settled' })
      assert.deepEqual(await fail(3, after(HOUR_MS)), { kind: 'disabled' })
      const { active, failingSince, disabledReason } = await endpointOf(storage)
      assert.deepEqual([active, failingSince], [false, NOW])
      assert.match(disabledReason ?? '', /^no attempt has succeeded since 2026-.*; the last one: HTTP 500$/)
      const { items } = await storage.listEvents(ACCOUNT.id, {}, ALL)
      const data = { webhookId: 'hook_plain', failingSince: NOW, lastError: 'HTTP 500' }
      assert.deepEqual(
        items.filter(({ type }) => type === 'webhook.disabled').map((event) => event.data),
        [data],
      )
      assert.deepEqual(await take(storage, after(2 * HOUR_MS)), ['a.other', 'disabled_3.other'])
      assert.equal((await stored(storage, 'a')).status, 'pending')
    },

    'can be sent again, in whatever state': async ({ storage }) => {
      await listening(storage, 'plain')
      for (const name of ['delivered', 'dead', 'taken', 'waiting']) await happen(storage, name)
      await take(storage, NOW, 3)
      await settle(storage, 'delivered', 1, { kind: 'delivered' })
      await settle(storage, 'dead', 1, { kind: 'dead', error: 'HTTP 410' })
      for (const name of ['delivered', 'dead', 'taken', 'waiting']) {
        const queued = await storage.redeliver(ACCOUNT.id, `evt_${name}.hook_plain`, after(5))
        assert.deepEqual(queued, { kind: 'queued' })
        const { status, attempts, nextAttemptAt } = await stored(storage, name)
        assert.deepEqual(
          { status, attempts, nextAttemptAt },
          { status: 'pending', attempts: 0, nextAttemptAt: after(5) },
        )
      }
      assert.deepEqual(await take(storage, after(4)), [])
      assert.equal((await take(storage, after(5))).length, 4)
      assert.deepEqual(await storage.redeliver(ACCOUNT.id, 'evt_unknown.hook_plain', NOW), { kind: 'gone' })
      const foreign = await storage.redeliver(OTHER_ACCOUNT.id, 'evt_dead.hook_plain', NOW)
      assert.deepEqual(foreign, { kind: 'gone' })
      assert.equal((await stored(storage, 'dead')).attempts, 1)
    },

    'sent again go before later ones of their license': async ({ storage }) => {
      await listening(storage, 'plain')
      for (const name of ['a', 'b']) await happen(storage, name, 'lic_one')
      await take(storage)
      await settle(storage, 'a', 1, { kind: 'dead', error: 'HTTP 410' })
      await storage.redeliver(ACCOUNT.id, 'evt_a.hook_plain', NOW)
      assert.deepEqual(await take(storage), ['a.plain'])
      await settle(storage, 'a', 1, { kind: 'delivered' })
      assert.deepEqual(await take(storage), ['b.plain'])
    },

    'are listed newest event first, by endpoint and by status': async ({ storage }) => {
      await listening(storage, 'plain', 'other')
      for (const name of ['c', 'a', 'b']) await happen(storage, name)
      await take(storage)
      await settle(storage, 'a', 1, { kind: 'delivered' })
      await settle(storage, 'b', 1, { kind: 'dead', error: 'HTTP 410' })
      const listed = async (filter: Parameters<Store['listDeliveries']>[1], accountId = ACCOUNT.id) => {
        const { items, total } = await storage.listDeliveries(accountId, filter, ALL)
        assert.equal(total, items.length)
        return items.map(({ event }) => event.data.name).join('')
      }
      assert.equal(await listed({}), 'bbaacc')
      assert.equal(await listed({ endpointId: 'hook_plain' }), 'bac')
      assert.equal(await listed({ status: 'pending' }), 'bacc')
      assert.equal(await listed({ endpointId: 'hook_plain', status: 'delivered' }), 'a')
      assert.equal(await listed({ status: 'dead' }), 'b')
      assert.equal(await listed({ endpointId: 'hook_unknown' }), '')
      assert.equal(await listed({ endpointId: 'hook_plain' }, OTHER_ACCOUNT.id), '')
    },

    'are purged some time after they were delivered, or given up, to the millisecond, the others never': async ({
      storage,
    }) => {
      await listening(storage, 'plain')
      for (const name of ['a', 'b', 'c', 'dead', 'waiting']) await happen(storage, name)
      await take(storage)
      for (const name of ['a', 'b', 'c']) await settle(storage, name, 1, { kind: 'delivered' })
      await settle(storage, 'dead', 1, { kind: 'dead', error: 'HTTP 410' })
      const purge = async (now: Date) => (await storage.purgeExpired(now, 2)).deliveries
      assert.equal(await purge(after(DELIVERED_KEPT_MS - 1)), 0)
      const purged: number[] = []
      for (let call = 0; call < 3; call += 1) purged.push(await purge(after(DELIVERED_KEPT_MS)))
      assert.deepEqual(purged, [2, 1, 0])
      assert.equal(await purge(after(DEAD_KEPT_MS - 1)), 0)
      assert.equal(await purge(after(DEAD_KEPT_MS)), 1)
      await storage.purgeExpired(after(100 * DEAD_KEPT_MS), 100)
      const { items } = await storage.listDeliveries(ACCOUNT.id, {}, ALL)
      assert.deepEqual(
        items.map(({ event }) => event.data.name),
        ['waiting'],
      )
    },

    'are given up where their events are no longer kept, and the others wait on': async ({ storage }) => {
      await listening(storage, 'plain')
      for (const [index, name] of ['a', 'b', 'c'].entries()) await happen(storage, name, undefined, after(index + 1))
      await take(storage, after(9))
      await settle(storage, 'a', 1, { kind: 'delivered' })
      await storage.updateWebhookEndpoint(ACCOUNT.id, 'hook_plain', { active: false }, { now: after(9) })
      const left = async () => (await storage.listEvents(ACCOUNT.id, {}, ALL)).items.map(({ data }) => data.name)
      const pending = async () =>
        (await storage.listDeliveries(ACCOUNT.id, { status: 'pending' }, ALL)).items.map(({ event }) => event.data.name)
      assert.equal(await storage.purgeEvents(new Date(NOW.getTime() - 1), 100), 0)
      assert.equal(await storage.purgeEvents(after(2), 100), 2)
      assert.deepEqual(await left(), ['c'])
      assert.deepEqual(await pending(), ['c'])
      await settle(storage, 'c', 1, { kind: 'delivered' })
      assert.equal(await storage.purgeEvents(after(9), 1), 1)
      assert.deepEqual(await left(), [])
    },
  },
}

async function endpointOf(storage: Store) {
  const { items } = await storage.listWebhookEndpoints(ACCOUNT.id, ALL)
  const endpoint = items.find(({ id }) => id === 'hook_plain')
  assert.ok(endpoint)
  return endpoint
}
