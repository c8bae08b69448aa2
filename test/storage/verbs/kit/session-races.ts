import assert from 'node:assert/strict'
import type { Store } from '../../../../src/storage/verbs/store'
import { ACCOUNT, after, checkout, LEASE_MS, NOW, newSession, type Sale, sellFloating } from './entities'
import { liveSessions } from './observations'
import { outcomeOf, tally } from './outcomes'
import { overOneHandle, overTwoHandles, type Races } from './race'
import type { ConformanceGroup } from './stage'

const step = { now: NOW }

function checkouts(turn: (index: number) => Store, sale: Sale, count: number, now = NOW) {
  return Array.from({ length: count }, (_, index) => checkout(turn(index), sale, `host-${index}`, now))
}

/** What is raced: over one handle in `sessionRaces`, over two in `sharedSessions`. */
const races: Races = {
  'of 50 checkouts on 3 seats exactly 3 win': async (first, turn) => {
    const sale = await sellFloating(first)
    assert.deepEqual(tally(await Promise.all(checkouts(turn, sale, 50))), { created: 3, 'limit-reached': 47 })
    assert.equal((await liveSessions(first, sale)).length, 3)
  },

  'a seat checked out 20 times at once is one session, and one nonce of it counts': async (first, turn) => {
    const sale = await sellFloating(first)
    const asked = Array.from({ length: 20 }, (_, index) =>
      newSession('host-1', { id: `ses_${index}`, secret: `secret_${index}`, nonce: `nonce_${index}` }),
    )
    const outcomes = await Promise.all(asked.map((session, index) => checkout(turn(index), sale, session)))
    assert.deepEqual(tally(outcomes), { created: 1, existing: 19 })
    const [stored, ...others] = await liveSessions(first, sale)
    assert.ok(stored !== undefined && others.length === 0)
    for (const outcome of outcomes) assert.ok('session' in outcome && outcome.session.id === stored.id)

    const target = { ...sale.target, sessionId: stored.id }
    const renewals = asked.map(({ nonce }, index) =>
      turn(index).renewSession(ACCOUNT.id, target, { nonce, nextNonce: 'next' }, step),
    )
    assert.deepEqual(tally(await Promise.all(renewals)), { renewed: 1, 'bad-nonce': 19 })
  },

  'of many renewals with one nonce one is renewed': async (first, turn) => {
    const sale = await sellFloating(first)
    const { session } = outcomeOf(await checkout(first, sale, 'host-1'), 'created')
    const target = { ...sale.target, sessionId: session.id }
    const renewals = Array.from({ length: 10 }, (_, index) =>
      turn(index).renewSession(ACCOUNT.id, target, { nonce: session.nonce, nextNonce: `next-${index}` }, step),
    )
    assert.deepEqual(tally(await Promise.all(renewals)), { renewed: 1, 'bad-nonce': 9 })
  },

  'a nonce renews or releases, never both': async (first, turn) => {
    const sale = await sellFloating(first)
    for (let round = 0; round < 10; round += 1) {
      const { session } = outcomeOf(
        await checkout(first, sale, newSession('host-1', { id: `ses_${round}` })),
        'created',
      )
      const target = { ...sale.target, sessionId: session.id }
      const renew = () => turn(1).renewSession(ACCOUNT.id, target, { nonce: session.nonce, nextNonce: 'next' }, step)
      const release = () => turn(0).releaseSession(ACCOUNT.id, target, session.nonce, step)
      const outcomes = await Promise.all(round % 2 === 0 ? [renew(), release()] : [release(), renew()])
      const { renewed = 0, released = 0 } = tally(outcomes)
      assert.equal(renewed + released, 1)
      assert.equal((await liveSessions(first, sale)).length, renewed)
      await first.resetLicense(ACCOUNT.id, sale.target, step)
    }
  },

  'the seat of a lapsed session goes to one of many': async (first, turn) => {
    const sale = await sellFloating(first, { maxConcurrentSessions: 1 })
    outcomeOf(await checkout(first, sale, newSession('holder')), 'created')
    const outcomes = await Promise.all(checkouts(turn, sale, 20, after(LEASE_MS)))
    assert.deepEqual(tally(outcomes), { created: 1, 'limit-reached': 19 })
    assert.equal((await liveSessions(first, sale, after(LEASE_MS))).length, 1)
  },

  'a session renewed in its last millisecond is never swept': async (first, turn) => {
    const sale = await sellFloating(first, { maxConcurrentSessions: null })
    for (let round = 0; round < 20; round += 1) {
      const asked = newSession('host-1', { id: `ses_${round}` })
      const { session } = outcomeOf(await checkout(first, sale, asked), 'created')
      const target = { ...sale.target, sessionId: session.id }
      const nonces = { nonce: session.nonce, nextNonce: 'next' }
      const renew = () => turn(1).renewSession(ACCOUNT.id, target, nonces, { now: after(LEASE_MS - 1) })
      const sweep = (storage: Store) => storage.purgeExpired(after(LEASE_MS), 10)
      // The renewal goes first in every other round.
      const early = round % 2 === 0 ? [] : [sweep(turn(0))]
      const [renewed] = await Promise.all([renew(), ...early, sweep(turn(1))])
      const found = await first.findSession(ACCOUNT.id, target, after(LEASE_MS))
      const expected = { renewed: 'found', 'not-found': 'not-found' }[renewed.kind as 'renewed' | 'not-found']
      assert.equal(found.kind, expected, `once the renewal is ${renewed.kind}`)
      await first.resetLicense(ACCOUNT.id, sale.target, step)
    }
  },

  'nothing is left of a license deleted among checkouts': async (first, turn) => {
    const sale = await sellFloating(first, { maxConcurrentSessions: null })
    const [deleted, ...outcomes] = await Promise.all([
      turn(1).deleteLicense(ACCOUNT.id, sale.target, step),
      ...checkouts(turn, sale, 20),
    ])
    outcomeOf(deleted, 'deleted')
    const { created = 0, gone = 0 } = tally(outcomes)
    assert.equal(created + gone, 20)
    assert.deepEqual(await liveSessions(first, sale), [])
  },
}

export const sessionRaces: ConformanceGroup = {
  name: 'session races',
  tests: overOneHandle(races),
}

export const sharedSessions: ConformanceGroup = {
  name: 'session races over two handles',
  needs: ['shared-store'],
  tests: overTwoHandles(races),
}
