import assert from 'node:assert/strict'
import { extendSession, type Session } from '../../../../src/domain/session'
import type { Store } from '../../../../src/storage/verbs/store'
import {
  ACCOUNT,
  after,
  checkout,
  HOUR_MS,
  LEASE_MS,
  NOW,
  newCustomer,
  newProduct,
  newSession,
  OTHER_ACCOUNT,
  type Sale,
  sellFloating,
  sellMore,
} from './entities'
import { everythingIn, liveSessions } from './observations'
import { outcomeOf } from './outcomes'
import type { ConformanceGroup } from './stage'

function targetOf({ target }: Sale, session: Session) {
  return { ...target, sessionId: session.id }
}

/** A floating license with one session. */
async function seated(storage: Store, sale?: Sale) {
  const floating = sale ?? (await sellFloating(storage))
  const { session } = outcomeOf(await checkout(storage, floating, 'host-1'), 'created')
  return { sale: floating, session, target: targetOf(floating, session) }
}

export const sessionEnds: ConformanceGroup = {
  name: 'renewing and ending sessions',
  tests: {
    'a renewal uses up the nonce and begins the lease anew': async ({ storage }) => {
      const { sale, session, target } = await seated(storage)
      const { license } = sale
      const renew = (nonce: string, nextNonce: string, now: Date) =>
        storage.renewSession(ACCOUNT.id, target, { nonce, nextNonce }, { now })
      const expected = extendSession(license, session, 'nonce-2', after(5))
      assert.deepEqual(await renew(session.nonce, 'nonce-2', after(5)), { kind: 'renewed', license, session: expected })
      assert.deepEqual(await liveSessions(storage, sale, after(LEASE_MS + 4)), [expected])

      for (const nonce of [session.nonce, 'nonce-3', '', 'NONCE-2']) {
        assert.deepEqual(await renew(nonce, 'nonce-3', after(6)), { kind: 'bad-nonce' })
      }
      assert.deepEqual(await liveSessions(storage, sale, after(6)), [expected], 'a refusal changes nothing')
      outcomeOf(await renew('nonce-2', 'nonce-3', after(LEASE_MS + 4)), 'renewed')
    },

    'a renewal reads lease and block off the license as it is now': async ({ storage }) => {
      const { sale, session, target } = await seated(storage)
      await storage.updateLicense(ACCOUNT.id, sale.target, { sessionLeaseSeconds: 30 }, { now: NOW })
      const renew = (nonce: string) =>
        storage.renewSession(ACCOUNT.id, target, { nonce, nextNonce: `${nonce}+` }, { now: after(1) })
      const renewed = outcomeOf(await renew(session.nonce), 'renewed')
      assert.deepEqual(renewed.session.expiresAt, after(30_001))

      await storage.updateLicense(ACCOUNT.id, sale.target, { blocked: true }, { now: NOW })
      assert.deepEqual(await renew('wrong'), { kind: 'bad-nonce' })
      assert.deepEqual(await renew(renewed.session.nonce), { kind: 'blocked' })
      await storage.updateLicense(ACCOUNT.id, sale.target, { blocked: false }, { now: NOW })
      outcomeOf(await renew(renewed.session.nonce), 'renewed')
    },

    'a session is found under its own license, product and account only': async ({ storage }) => {
      const { sale, session, target } = await seated(storage)
      await storage.insertProduct(ACCOUNT.id, newProduct('viewer'), { now: NOW })
      const other = await sellMore(storage, sale.product, 'two', { type: 'floating' })
      const before = await everythingIn(storage)
      const attempts = [
        { accountId: ACCOUNT.id, wrong: { ...target, sessionId: 'ses_unknown' }, kind: 'not-found' },
        { accountId: ACCOUNT.id, wrong: { ...target, ...other.target }, kind: 'not-found' },
        { accountId: ACCOUNT.id, wrong: { ...target, productId: 'prod_viewer' }, kind: 'gone' },
        { accountId: ACCOUNT.id, wrong: { ...target, canonicalKey: 'KEY-UNKNOWN' }, kind: 'gone' },
        { accountId: OTHER_ACCOUNT.id, wrong: target, kind: 'gone' },
      ]
      for (const { accountId, wrong, kind } of attempts) {
        const nonces = { nonce: session.nonce, nextNonce: 'next' }
        assert.deepEqual(await storage.findSession(accountId, wrong, NOW), { kind })
        assert.deepEqual(await storage.renewSession(accountId, wrong, nonces, { now: NOW }), { kind })
        assert.deepEqual(await storage.releaseSession(accountId, wrong, session.nonce, { now: NOW }), { kind })
      }
      assert.deepEqual(await everythingIn(storage), before)
    },

    'a release frees the seat once, in whatever state the license is': async ({ storage }) => {
      await storage.insertCustomer(ACCOUNT.id, newCustomer('ada'), { now: NOW })
      const sale = await sellFloating(storage, { maxConcurrentSessions: 1, customerId: 'cus_ada' })
      const { session, target } = await seated(storage, sale)
      await storage.updateCustomer(ACCOUNT.id, 'cus_ada', { active: false }, { now: NOW })
      const changes = { blocked: true, expiresAt: NOW, type: 'node-locked', allowedHosts: [] } as const
      const { license } = outcomeOf(
        await storage.updateLicense(ACCOUNT.id, sale.target, changes, { now: NOW }),
        'updated',
      )
      const release = (nonce: string) => storage.releaseSession(ACCOUNT.id, target, nonce, { now: after(1) })
      assert.deepEqual(await release('wrong'), { kind: 'bad-nonce' })
      assert.deepEqual(await release(session.nonce), { kind: 'released', license, session })
      assert.deepEqual(await release(session.nonce), { kind: 'not-found' })

      await storage.updateCustomer(ACCOUNT.id, 'cus_ada', { active: true }, { now: NOW })
      const undone = { blocked: false, expiresAt: null, type: 'floating', allowedHosts: null } as const
      await storage.updateLicense(ACCOUNT.id, sale.target, undone, { now: NOW })
      outcomeOf(await checkout(storage, sale, 'host-2'), 'created')
    },

    'a reset ends every session of the license, and of no other': async ({ storage }) => {
      const { sale } = await seated(storage)
      const other = await sellMore(storage, sale.product, 'two', { type: 'floating' })
      outcomeOf(await checkout(storage, other, newSession('host-1', { id: 'ses_other' })), 'created')
      outcomeOf(await storage.resetLicense(ACCOUNT.id, sale.target, { now: NOW }), 'reset')
      assert.deepEqual(await liveSessions(storage, sale), [])
      assert.equal((await liveSessions(storage, other)).length, 1)
    },

    'a deleted license, and that of a deleted customer, leaves no session to its successor': async ({ storage }) => {
      await storage.insertCustomer(ACCOUNT.id, newCustomer('ada'), { now: NOW })
      const first = await sellFloating(storage, { customerId: 'cus_ada' })
      const second = await sellMore(storage, first.product, 'two', { type: 'floating' })
      for (const sale of [first, second]) {
        outcomeOf(await checkout(storage, sale, newSession('host-1', { id: `ses_${sale.license.id}` })), 'created')
      }
      outcomeOf(await storage.deleteCustomer(ACCOUNT.id, 'cus_ada', { now: NOW }), 'deleted')
      outcomeOf(await storage.deleteLicense(ACCOUNT.id, second.target, { now: NOW }), 'deleted')
      for (const [name, sale] of Object.entries({ one: first, two: second })) {
        assert.equal((await liveSessions(storage, sale)).length, 0)
        const again = await sellMore(storage, first.product, name, { type: 'floating', maxConcurrentSessions: 1 })
        assert.deepEqual(await liveSessions(storage, again), [])
        outcomeOf(await checkout(storage, again, newSession('host-2', { id: `ses_again_${name}` })), 'created')
      }
    },

    'housekeeping deletes sessions once they have lapsed, at most the limit in one call': async ({ storage }) => {
      const { sale, session, target } = await seated(storage, await sellFloating(storage, { maxConcurrentSessions: 9 }))
      for (const host of ['host-2', 'host-3', 'host-4']) outcomeOf(await checkout(storage, sale, host), 'created')
      const nonces = { nonce: session.nonce, nextNonce: 'next' }
      outcomeOf(await storage.renewSession(ACCOUNT.id, target, nonces, { now: after(1) }), 'renewed')
      const purge = async (now: Date) => (await storage.purgeExpired(now, 2)).sessions
      assert.equal(await purge(after(LEASE_MS - 1)), 0)
      const purged: number[] = []
      for (let call = 0; call < 3; call += 1) purged.push(await purge(after(LEASE_MS)))
      assert.deepEqual(purged, [2, 1, 0])
      assert.deepEqual(
        (await liveSessions(storage, sale, after(LEASE_MS))).map(({ id }) => id),
        [session.id],
      )
    },

    'housekeeping deletes the sessions of a license with it': async ({ storage }) => {
      const sale = await sellFloating(storage, { cleanable: true, createdAt: after(-HOUR_MS) })
      await seated(storage, sale)
      assert.equal((await storage.purgeExpired(NOW, 100)).licenses, 1)
      assert.deepEqual(await liveSessions(storage, sale), [])
    },
  },
}
