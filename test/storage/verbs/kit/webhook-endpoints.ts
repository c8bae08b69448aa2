import assert from 'node:assert/strict'
import type { EventType } from '../../../../src/domain/event'
import { MAX_ENDPOINTS } from '../../../../src/domain/webhook'
import type { Store, WebhookEndpointChanges } from '../../../../src/storage/verbs/store'
import { ACCOUNT, ALL, after, HOUR_MS, NOW, newEndpoint, newEvent, OTHER_ACCOUNT, sell } from './entities'
import { outcomeOf } from './outcomes'
import type { ConformanceGroup } from './stage'
import { takeAll } from './take-all'

const step = { now: NOW }

export const webhookEndpoints: ConformanceGroup = {
  name: 'webhook endpoints',
  tests: {
    'are stored, and listed oldest first': async ({ storage }) => {
      const rotating = [
        { secret: 'whsec_new', createdAt: after(1), expiresAt: null },
        { secret: 'whsec_öld', createdAt: NOW, expiresAt: after(HOUR_MS) },
      ]
      const endpoints = [
        newEndpoint('middle', { createdAt: after(-2) }),
        newEndpoint('oldest', { createdAt: after(-3), eventTypes: [], secrets: rotating, active: false }),
        newEndpoint('newest', { eventTypes: ['license.created', 'session.ended'], url: 'https://例え.jp/?a=%20&b=’' }),
      ]
      for (const endpoint of endpoints) {
        const inserted = await storage.insertWebhookEndpoint(ACCOUNT.id, endpoint, step)
        assert.deepEqual(inserted, { kind: 'created', endpoint })
      }
      const [middle, oldest, newest] = endpoints
      const listed = await storage.listWebhookEndpoints(ACCOUNT.id, ALL)
      assert.deepEqual(listed, { items: [oldest, middle, newest], total: 3 })
    },

    'change what is given, and keep the rest': async ({ storage }) => {
      let expected = newEndpoint('plain')
      await storage.insertWebhookEndpoint(ACCOUNT.id, expected, step)
      const steps: WebhookEndpointChanges[] = [
        { url: 'https://other.example.com' },
        { eventTypes: ['license.reset'] },
        { active: false },
        {},
        { eventTypes: null, active: true },
      ]
      for (const changes of steps) {
        expected = { ...expected, ...changes }
        const updated = await storage.updateWebhookEndpoint(ACCOUNT.id, expected.id, changes, { now: after(1) })
        assert.deepEqual(updated, { kind: 'updated', endpoint: expected })
        assert.deepEqual(await storage.listWebhookEndpoints(ACCOUNT.id, ALL), { items: [expected], total: 1 })
      }
      const unknown = await storage.updateWebhookEndpoint(ACCOUNT.id, 'hook_unknown', {}, step)
      assert.deepEqual(unknown, { kind: 'gone' })
    },

    'rotate their secret: each goes on signing for a day after the one that took over, so many at once': async ({
      storage,
    }) => {
      const endpoint = newEndpoint('plain')
      await storage.insertWebhookEndpoint(ACCOUNT.id, endpoint, step)
      const day = 24 * HOUR_MS
      const [first] = endpoint.secrets
      const second = { secret: 'whsec_2', createdAt: after(1), expiresAt: null }
      const third = { secret: 'whsec_3', createdAt: after(2), expiresAt: null }
      const steps = [
        [second, { ...first, expiresAt: after(1 + day) }],
        [third, { ...second, expiresAt: after(2 + day) }, { ...first, expiresAt: after(1 + day) }],
      ]
      for (const [index, secrets] of steps.entries()) {
        const now = after(index + 1)
        const rotated = await storage.rotateWebhookSecret(ACCOUNT.id, endpoint.id, `whsec_${index + 2}`, { now })
        assert.deepEqual(rotated, { kind: 'updated', endpoint: { ...endpoint, secrets } })
        assert.deepEqual((await storage.listWebhookEndpoints(ACCOUNT.id, ALL)).items, [{ ...endpoint, secrets }])
      }
      for (let index = 4; index <= 10; index += 1) {
        const now = after(index)
        const rotated = await storage.rotateWebhookSecret(ACCOUNT.id, endpoint.id, `whsec_${index}`, { now })
        assert.equal(outcomeOf(rotated, 'updated').endpoint.secrets.length, index)
      }
      const rotate = (now: Date) => storage.rotateWebhookSecret(ACCOUNT.id, endpoint.id, 'whsec_11', { now })
      assert.deepEqual(await rotate(after(day)), { kind: 'too-many', retryAt: after(1 + day) })
      const [newest, ...others] = outcomeOf(await rotate(after(1 + day)), 'updated').endpoint.secrets
      assert.deepEqual([newest?.secret, others.length], ['whsec_11', 9])
      for (const accountId of [ACCOUNT.id, OTHER_ACCOUNT.id]) {
        const id = accountId === ACCOUNT.id ? 'hook_unknown' : endpoint.id
        assert.deepEqual(await storage.rotateWebhookSecret(accountId, id, 'whsec_4', step), { kind: 'gone' })
      }
    },

    'are no more than an account may have; those of others do not count': async ({ storage }) => {
      const insert = (name: string, accountId = ACCOUNT.id) =>
        storage.insertWebhookEndpoint(accountId, newEndpoint(name, { accountId }), step)
      await insert('theirs', OTHER_ACCOUNT.id)
      for (let index = 0; index < MAX_ENDPOINTS; index += 1) outcomeOf(await insert(`${index}`), 'created')
      assert.deepEqual(await insert('one-more'), { kind: 'too-many' })
      assert.equal((await storage.listWebhookEndpoints(ACCOUNT.id, ALL)).total, MAX_ENDPOINTS)
      await storage.deleteWebhookEndpoint(ACCOUNT.id, 'hook_7', step)
      outcomeOf(await insert('one-more'), 'created')
    },

    'forget what they failed at where they are enabled or lead elsewhere': async ({ storage }) => {
      const failing = { failingSince: after(-1), disabledReason: 'no attempt has succeeded', active: false }
      await storage.insertWebhookEndpoint(ACCOUNT.id, newEndpoint('plain', failing), step)
      const update = async (changes: Parameters<Store['updateWebhookEndpoint']>[2]) => {
        const outcome = await storage.updateWebhookEndpoint(ACCOUNT.id, 'hook_plain', changes, step)
        const { active, failingSince, disabledReason } = outcomeOf(outcome, 'updated').endpoint
        return { active, failingSince, disabledReason }
      }
      assert.deepEqual(await update({ eventTypes: null }), failing)
      assert.deepEqual(await update({ active: true }), { active: true, failingSince: null, disabledReason: null })
    },

    'are told of events they want, in the step that stored these': async ({ storage }) => {
      const theirs = newEndpoint('theirs', { accountId: OTHER_ACCOUNT.id })
      await storage.insertWebhookEndpoint(OTHER_ACCOUNT.id, theirs, step)
      for (const endpoint of [
        newEndpoint('all'),
        newEndpoint('some', { eventTypes: ['license.reset', 'license.blocked'] }),
        newEndpoint('others', { eventTypes: ['license.updated'] }),
        newEndpoint('none', { eventTypes: [] }),
        newEndpoint('off', { active: false }),
      ]) {
        await storage.insertWebhookEndpoint(ACCOUNT.id, endpoint, step)
      }
      const sale = await sell(storage)
      const event = newEvent('a', { type: 'license.reset', at: after(7), data: { nested: [{ at: '2026' }] } })
      const events = { reset: [event], gone: [newEvent('never')] }
      outcomeOf(await storage.resetLicense(ACCOUNT.id, sale.target, { now: after(9), events }), 'reset')

      const { items, total } = await storage.listDeliveries(ACCOUNT.id, {}, ALL)
      assert.equal(total, 2)
      assert.deepEqual(items.map(({ id }) => id).sort(), ['evt_a.hook_all', 'evt_a.hook_some'])
      assert.deepEqual(
        items.find(({ endpointId }) => endpointId === 'hook_all'),
        {
          id: 'evt_a.hook_all',
          accountId: ACCOUNT.id,
          endpointId: 'hook_all',
          event: { ...event, accountId: ACCOUNT.id, licenseId: 'lic_one' },
          status: 'pending',
          attempts: 0,
          nextAttemptAt: after(7),
          lastAttemptAt: null,
          lastError: null,
        },
      )
      assert.deepEqual(await storage.listDeliveries(OTHER_ACCOUNT.id, {}, ALL), { items: [], total: 0 })
    },

    'are told nothing of a refused step': async ({ storage }) => {
      await storage.insertWebhookEndpoint(ACCOUNT.id, newEndpoint('plain'), step)
      const events = { revoked: [newEvent('a')] }
      const outcome = await storage.revokeAccessToken(ACCOUNT.id, 'tok_unknown', { now: NOW, events })
      outcomeOf(outcome, 'gone')
      assert.equal((await storage.listDeliveries(ACCOUNT.id, {}, ALL)).total, 0)
    },

    'are told of what they want at that time': async ({ storage }) => {
      const sale = await sell(storage)
      const happen = (name: string, type: EventType) => {
        const events = { reset: [newEvent(name, { type })] }
        return storage.resetLicense(ACCOUNT.id, sale.target, { now: NOW, events })
      }
      const change = (changes: WebhookEndpointChanges) =>
        storage.updateWebhookEndpoint(ACCOUNT.id, 'hook_plain', changes, step)
      await happen('before', 'license.reset')
      await storage.insertWebhookEndpoint(ACCOUNT.id, newEndpoint('plain', { eventTypes: ['license.reset'] }), step)
      await happen('wanted', 'license.reset')
      await happen('unwanted', 'license.created')
      await change({ eventTypes: null })
      await happen('any', 'license.created')
      await change({ active: false })
      await happen('off', 'license.reset')
      await change({ active: true })
      await happen('on', 'license.reset')
      const { items } = await storage.listDeliveries(ACCOUNT.id, {}, ALL)
      assert.deepEqual(
        items.map(({ event }) => event.data.name),
        ['on', 'any', 'wanted'],
      )
    },

    'are told once of a step that is replayed': async ({ storage }) => {
      const sale = await sell(storage)
      await storage.insertWebhookEndpoint(ACCOUNT.id, newEndpoint('plain'), step)
      const idempotency = { scope: 's', key: 'k', payloadHash: 'h', expiresAt: after(HOUR_MS) }
      const once = { now: NOW, idempotency, events: { reset: [newEvent('a')] } }
      const resets = Array.from({ length: 10 }, () => storage.resetLicense(ACCOUNT.id, sale.target, once))
      for (const outcome of await Promise.all(resets)) outcomeOf(outcome, 'reset')
      assert.equal((await storage.listDeliveries(ACCOUNT.id, {}, ALL)).total, 1)
    },

    'go with their deliveries': async ({ storage }) => {
      const sale = await sell(storage)
      for (const name of ['doomed', 'kept']) await storage.insertWebhookEndpoint(ACCOUNT.id, newEndpoint(name), step)
      const events = { reset: [newEvent('a')] }
      await storage.resetLicense(ACCOUNT.id, sale.target, { now: NOW, events })
      const claimed = await takeAll(storage, NOW, after(HOUR_MS), 10)
      assert.equal(claimed.length, 2)
      const remove = () => storage.deleteWebhookEndpoint(ACCOUNT.id, 'hook_doomed', step)
      assert.deepEqual(await remove(), { kind: 'deleted' })
      assert.deepEqual(await remove(), { kind: 'gone' })

      await storage.settleDelivery('evt_a.hook_doomed', 1, { kind: 'failed', error: 'late', retryAt: NOW })
      const left = await storage.listDeliveries(ACCOUNT.id, {}, ALL)
      assert.deepEqual(
        left.items.map(({ id }) => id),
        ['evt_a.hook_kept'],
      )
      assert.deepEqual(await storage.redeliver(ACCOUNT.id, 'evt_a.hook_doomed', NOW), { kind: 'gone' })
      assert.equal((await storage.listEvents(ACCOUNT.id, {}, ALL)).total, 1)
    },
  },
}
