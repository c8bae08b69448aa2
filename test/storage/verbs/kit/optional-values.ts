import assert from 'node:assert/strict'
import { startSession } from '../../../../src/domain/session'
import { HOSTILE_STRINGS } from '../../../../src/testing/hostile-strings'
import { ACCOUNT, after, checkout, NOW, newEndpoint, newEvent, newProduct, newSession, sellFloating } from './entities'
import { everythingIn } from './observations'
import { outcomeOf } from './outcomes'
import type { ConformanceGroup } from './stage'
import { takeAll } from './take-all'

export const optionalValues: ConformanceGroup = {
  name: 'values of sessions and webhooks',
  tests: {
    'strings of sessions come back as they went in': async ({ storage }) => {
      const sale = await sellFloating(storage, { maxConcurrentSessions: null })
      for (const [index, text] of HOSTILE_STRINGS.entries()) {
        const asked = newSession(text, { id: `ses_${index}`, userIdentifier: text, deviceTag: text, address: text })
        const { session } = outcomeOf(await checkout(storage, sale, asked), 'created')
        assert.deepEqual(session, startSession(sale.license, asked, NOW))
        const target = { ...sale.target, sessionId: session.id }
        const found = outcomeOf(await storage.findSession(ACCOUNT.id, target, NOW), 'found')
        assert.deepEqual(found.session, session)
      }
    },

    'instants of sessions come back to the millisecond, years beyond 9999 included': async ({ storage }) => {
      const sale = await sellFloating(storage, { maxConcurrentSessions: null })
      for (const now of [new Date('1969-12-31T23:59:59.999Z'), new Date('+012345-06-07T08:09:10.011Z')]) {
        const asked = newSession('host-1', { id: `ses_${now.getTime()}` })
        const { session } = outcomeOf(await checkout(storage, sale, asked, now), 'created')
        assert.deepEqual([session.startedAt, session.renewedAt], [now, now])
        const found = await storage.findSession(ACCOUNT.id, { ...sale.target, sessionId: session.id }, now)
        assert.deepEqual(outcomeOf(found, 'found').session, session)
        await storage.resetLicense(ACCOUNT.id, sale.target, { now })
      }
    },

    'strings of webhooks come back as they went in': async ({ storage }) => {
      await storage.insertProduct(ACCOUNT.id, newProduct('editor'), { now: NOW })
      for (const [index, text] of HOSTILE_STRINGS.entries()) {
        const secrets = [{ secret: text, createdAt: NOW, expiresAt: after(1) }]
        const endpoint = newEndpoint(`e${index}`, { url: text, secrets })
        await storage.insertWebhookEndpoint(ACCOUNT.id, endpoint, { now: NOW })
        const event = newEvent(`e${index}`, { data: { [text]: [text] } })
        await storage.updateProduct(ACCOUNT.id, 'prod_editor', {}, { now: NOW, events: { updated: [event] } })
        const [claimed] = await takeAll(storage, NOW, after(1), 1)
        assert.deepEqual([claimed?.endpoint, claimed?.delivery.event.data], [endpoint, event.data])
        await storage.settleDelivery(claimed?.delivery.id ?? '', 1, { kind: 'dead', error: text })
        const { items } = await storage.listDeliveries(ACCOUNT.id, { status: 'dead' }, { limit: 1 })
        assert.equal(items[0]?.lastError, text)
        await storage.deleteWebhookEndpoint(ACCOUNT.id, endpoint.id, { now: NOW })
      }
    },

    'what was handed in or out can be changed without changing what is stored': async ({ storage }) => {
      const sale = await sellFloating(storage)
      const endpoint = newEndpoint('plain')
      await storage.insertWebhookEndpoint(ACCOUNT.id, endpoint, { now: NOW })
      const [now, leaseEndsAt] = [new Date(NOW), after(1_000)]
      const events = { created: [newEvent('a')] }
      const claimed = await storage.claimSession(ACCOUNT.id, sale.target, newSession('host-1'), { now, events })
      const { session } = outcomeOf(claimed, 'created')
      const [taken] = await takeAll(storage, now, leaseEndsAt, 1)
      const before = await everythingIn(storage)

      for (const date of [now, leaseEndsAt, session.startedAt, session.expiresAt]) date.setTime(0)
      Object.assign(session, { nonce: 'changed' })
      Object.assign(taken?.delivery.event.data ?? {}, { name: 'changed' })
      for (const { secrets } of [endpoint, taken?.endpoint ?? endpoint]) {
        Object.assign(secrets[0] ?? {}, { secret: 'changed' })
      }
      assert.deepEqual(await everythingIn(storage), before)
    },
  },
}
