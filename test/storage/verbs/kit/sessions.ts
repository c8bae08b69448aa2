import assert from 'node:assert/strict'
import { resumeSession, startSession } from '../../../../src/domain/session'
import type { LicenseChanges } from '../../../../src/storage/verbs/store'
import {
  ACCOUNT,
  ALL,
  after,
  checkout,
  HOUR_MS,
  LEASE_MS,
  NOW,
  newCustomer,
  newProofKey,
  newSession,
  sellFloating,
} from './entities'
import { liveSessions } from './observations'
import { outcomeOf } from './outcomes'
import type { ConformanceGroup } from './stage'

export const sessions: ConformanceGroup = {
  name: 'sessions',
  tests: {
    'a checkout takes a seat and answers with the rows as they are after it': async ({ storage }) => {
      await storage.insertCustomer(ACCOUNT.id, newCustomer('ada'), { now: NOW })
      const { license, product, target } = await sellFloating(storage, { customerId: 'cus_ada' })
      const asked = newSession('host-1', { deviceTag: 'Ada’s Mac', address: '2001:db8::1', userIdentifier: 'ada' })
      const session = startSession(license, asked, NOW)
      assert.deepEqual(await storage.claimSession(ACCOUNT.id, target, asked, { now: NOW }), {
        kind: 'created',
        license,
        product,
        customer: newCustomer('ada'),
        session,
        liveSessions: 1,
      })
      const found = await storage.findSession(ACCOUNT.id, { ...target, sessionId: session.id }, NOW)
      assert.deepEqual(found, { kind: 'found', license, session })
      const listed = await storage.listSessions(ACCOUNT.id, license.id, NOW, ALL)
      assert.deepEqual(listed, { items: [session], total: 1 })
    },

    'a seat checked out again keeps its id, and gets a new secret, nonce and lease': async ({ storage }) => {
      const sale = await sellFloating(storage, { maxConcurrentSessions: 2 })
      const { session: first } = outcomeOf(await checkout(storage, sale, 'host-1'), 'created')
      outcomeOf(await checkout(storage, sale, 'host-2'), 'created')
      await storage.updateLicense(ACCOUNT.id, sale.target, { maxConcurrentSessions: 1 }, { now: NOW })

      const asked = newSession('host-1', { id: 'ses_new', secret: 's2', nonce: 'n2', address: '192.0.2.1' })
      const again = outcomeOf(await checkout(storage, sale, asked, after(5)), 'existing')
      assert.deepEqual(again.session, resumeSession(sale.license, first, asked, after(5)))
      assert.equal(again.liveSessions, 2)
      assert.deepEqual((await liveSessions(storage, sale, after(5)))[0], again.session)
      const target = { ...sale.target, sessionId: first.id }
      const stale = await storage.releaseSession(ACCOUNT.id, target, first.nonce, { now: after(5) })
      assert.deepEqual(stale, { kind: 'bad-nonce' })
    },

    'a seat is a host, a user and the key that was shown; the vendor goes on with any': async ({ storage }) => {
      const sale = await sellFloating(storage, { maxConcurrentSessions: 4 })
      const [own, other] = [newProofKey('own'), newProofKey('other')]
      const { session } = outcomeOf(await checkout(storage, sale, newSession('host-1', { proofKey: own })), 'created')
      assert.equal(session.proofKey, own)
      const trusted = newSession('host-1', { trusted: true, secret: 's3' })
      const byVendor = outcomeOf(await checkout(storage, sale, trusted, after(1)), 'existing').session
      assert.deepEqual(
        [byVendor.id, byVendor.proofKey, byVendor.secret, 'trusted' in byVendor],
        [session.id, own, 's3', false],
      )
      const others = [other, null].map((proofKey, index) =>
        newSession('host-1', { id: `ses_other_${index}`, proofKey }),
      )
      for (const asked of others) outcomeOf(await checkout(storage, sale, asked, after(2)), 'created')
      outcomeOf(await checkout(storage, sale, newSession('host-1', { id: 'ses_3', userIdentifier: 'eve' })), 'created')

      const again = outcomeOf(
        await checkout(storage, sale, newSession('host-1', { proofKey: own }), after(3)),
        'existing',
      )
      assert.deepEqual([again.session.id, again.liveSessions], [session.id, 4])
      // One that has lapsed is found no more, and leaves its place to the next.
      const later = newSession('host-1', { id: 'ses_4', proofKey: own })
      const anew = outcomeOf(await checkout(storage, sale, later, after(LEASE_MS + 3)), 'created')
      assert.equal(anew.session.id, 'ses_4')
    },

    'a seat that was taken without a key is nobody’s to bind': async ({ storage }) => {
      const sale = await sellFloating(storage)
      outcomeOf(await checkout(storage, sale, 'host-1'), 'created')
      const shown = newSession('host-1', { proofKey: newProofKey('own') })
      assert.equal(outcomeOf(await checkout(storage, sale, shown), 'existing').session.proofKey, null)
      assert.equal((await liveSessions(storage, sale))[0]?.proofKey, null)
      outcomeOf(await checkout(storage, sale, 'host-1'), 'existing')
    },

    'a product can ask for a key at every checkout, but for those of the vendor': async ({ storage }) => {
      const sale = await sellFloating(storage, { maxConcurrentSessions: 2, allowedHosts: ['host-1', 'host-2'] })
      await storage.updateProduct(ACCOUNT.id, sale.product.id, { requireProof: true }, { now: NOW })
      outcomeOf(await checkout(storage, sale, 'host-3'), 'host-not-allowed')
      outcomeOf(await checkout(storage, sale, 'host-1'), 'proof-required')
      outcomeOf(await checkout(storage, sale, newSession('host-1', { proofKey: newProofKey('own') })), 'created')
      outcomeOf(await checkout(storage, sale, newSession('host-2', { trusted: true })), 'created')
      const more = newSession('host-2', { id: 'ses_more', userIdentifier: 'eve' })
      outcomeOf(await checkout(storage, sale, more), 'proof-required')
      outcomeOf(await checkout(storage, sale, { ...more, proofKey: newProofKey('own') }), 'limit-reached')
    },

    'a seat is a host and a user, told apart to the last code unit': async ({ storage }) => {
      const sale = await sellFloating(storage, { maxConcurrentSessions: null })
      const seats = [
        ['host-1', ''],
        ['host-1', 'ada'],
        ['host-1', 'Ada'],
        ['host-1', 'ada '],
        ['host-2', 'ada'],
        // Joined without care these would be seats there are already.
        ['host-1ada', ''],
        ['', 'host-1'],
      ] as const
      for (const [index, [hostId, userIdentifier]] of seats.entries()) {
        const asked = newSession(hostId, { id: `ses_${index}`, userIdentifier })
        assert.equal(outcomeOf(await checkout(storage, sale, asked), 'created').liveSessions, index + 1)
      }
      for (const [hostId, userIdentifier] of seats) {
        outcomeOf(await checkout(storage, sale, newSession(hostId, { id: 'ses_new', userIdentifier })), 'existing')
      }
      assert.equal((await liveSessions(storage, sale)).length, seats.length)
    },

    'there are as many seats as the license says, none evicted when it says less': async ({ storage }) => {
      const sale = await sellFloating(storage)
      const limitTo = (maxConcurrentSessions: number | null) =>
        storage.updateLicense(ACCOUNT.id, sale.target, { maxConcurrentSessions }, { now: NOW })
      for (const host of ['host-1', 'host-2', 'host-3']) outcomeOf(await checkout(storage, sale, host), 'created')
      outcomeOf(await checkout(storage, sale, 'host-4'), 'limit-reached')
      await limitTo(1)
      assert.equal((await liveSessions(storage, sale)).length, 3)
      outcomeOf(await checkout(storage, sale, 'host-4'), 'limit-reached')
      await limitTo(4)
      outcomeOf(await checkout(storage, sale, 'host-4'), 'created')
      await limitTo(0)
      outcomeOf(await checkout(storage, sale, 'host-5'), 'limit-reached')
      outcomeOf(await checkout(storage, sale, 'host-4'), 'existing')
      await limitTo(null)
      assert.equal(outcomeOf(await checkout(storage, sale, 'host-5'), 'created').liveSessions, 5)
    },

    'refuses in the order of the contract, seats that are held too': async ({ storage }) => {
      await storage.insertCustomer(ACCOUNT.id, newCustomer('ada'), { now: NOW })
      const sale = await sellFloating(storage, { customerId: 'cus_ada', maxConcurrentSessions: 1 })
      outcomeOf(await checkout(storage, sale, 'holder'), 'created')
      const update = (changes: LicenseChanges) => storage.updateLicense(ACCOUNT.id, sale.target, changes, { now: NOW })
      const refusals = async () => {
        const [holder, other] = [await checkout(storage, sale, 'holder'), await checkout(storage, sale, 'other')]
        return [holder.kind, other.kind]
      }
      await update({ blocked: true, expiresAt: NOW, type: 'node-locked', allowedHosts: [] })
      await storage.updateCustomer(ACCOUNT.id, 'cus_ada', { active: false }, { now: NOW })
      await storage.updateProduct(ACCOUNT.id, sale.product.id, { active: false }, { now: NOW })

      assert.deepEqual(await refusals(), ['gone', 'gone'])
      await storage.updateProduct(ACCOUNT.id, sale.product.id, { active: true }, { now: NOW })
      assert.deepEqual(await refusals(), ['blocked', 'blocked'])
      await update({ blocked: false })
      assert.deepEqual(await refusals(), ['expired', 'expired'])
      await update({ expiresAt: after(1) })
      assert.deepEqual(await refusals(), ['customer-inactive', 'customer-inactive'])
      await storage.updateCustomer(ACCOUNT.id, 'cus_ada', 'toggle', { now: NOW })
      assert.deepEqual(await refusals(), ['wrong-type', 'wrong-type'])
      await update({ type: 'floating' })
      assert.deepEqual(await refusals(), ['host-not-allowed', 'host-not-allowed'])
      await update({ allowedHosts: ['holder', 'other'] })
      assert.deepEqual(await refusals(), ['existing', 'limit-reached'])
    },

    'a lapsed session holds no seat, from its very millisecond on and though nothing swept it': async ({ storage }) => {
      const sale = await sellFloating(storage, { maxConcurrentSessions: 1, sessionLeaseSeconds: 60 })
      const { session } = outcomeOf(await checkout(storage, sale, 'host-1'), 'created')
      const target = { ...sale.target, sessionId: session.id }
      outcomeOf(await checkout(storage, sale, 'host-2', after(59_999)), 'limit-reached')
      outcomeOf(await storage.findSession(ACCOUNT.id, target, after(59_999)), 'found')
      assert.equal((await liveSessions(storage, sale, after(59_999))).length, 1)

      const lapsed = after(60_000)
      const nonces = { nonce: session.nonce, nextNonce: 'next' }
      assert.deepEqual(await storage.findSession(ACCOUNT.id, target, lapsed), { kind: 'not-found' })
      assert.deepEqual(await storage.renewSession(ACCOUNT.id, target, nonces, { now: lapsed }), { kind: 'not-found' })
      const released = await storage.releaseSession(ACCOUNT.id, target, session.nonce, { now: lapsed })
      assert.deepEqual(released, { kind: 'not-found' })
      assert.deepEqual(await storage.listSessions(ACCOUNT.id, sale.license.id, lapsed, ALL), { items: [], total: 0 })
      assert.equal(outcomeOf(await checkout(storage, sale, 'host-2', lapsed), 'created').liveSessions, 1)
      outcomeOf(await checkout(storage, sale, newSession('host-1', { id: 'ses_new' }), lapsed), 'limit-reached')
    },

    'a seat that lapsed is checked out anew, by the same host too': async ({ storage }) => {
      const sale = await sellFloating(storage, { maxConcurrentSessions: 1 })
      outcomeOf(await checkout(storage, sale, 'host-1'), 'created')
      const again = newSession('host-1', { id: 'ses_again' })
      const created = outcomeOf(await checkout(storage, sale, again, after(LEASE_MS)), 'created')
      assert.deepEqual(created.session, startSession(sale.license, again, after(LEASE_MS)))
      assert.deepEqual(await liveSessions(storage, sale, after(LEASE_MS)), [created.session])
    },

    'no lease outlasts the license': async ({ storage }) => {
      const sale = await sellFloating(storage, { sessionLeaseSeconds: 7_200, expiresAt: after(HOUR_MS) })
      const { session } = outcomeOf(await checkout(storage, sale, 'host-1'), 'created')
      assert.deepEqual(session.expiresAt, after(HOUR_MS))
      const renewed = await storage.renewSession(
        ACCOUNT.id,
        { ...sale.target, sessionId: session.id },
        { nonce: session.nonce, nextNonce: 'next' },
        { now: after(HOUR_MS - 1) },
      )
      assert.deepEqual(outcomeOf(renewed, 'renewed').session.expiresAt, after(HOUR_MS))
      assert.deepEqual(await liveSessions(storage, sale, after(HOUR_MS)), [])
    },

    'sessions are listed oldest first, however often they were renewed': async ({ storage }) => {
      const sale = await sellFloating(storage)
      for (const [host, milliseconds] of Object.entries({ c: 1, a: 2, b: 3 })) {
        outcomeOf(await checkout(storage, sale, host, after(milliseconds)), 'created')
      }
      outcomeOf(await checkout(storage, sale, newSession('c', { id: 'ses_new' }), after(4)), 'existing')
      const listed = await liveSessions(storage, sale, after(5))
      assert.deepEqual(
        listed.map(({ hostId }) => hostId),
        ['c', 'a', 'b'],
      )
    },
  },
}
