import assert from 'node:assert/strict'
import type { Store } from '../../../../src/storage/verbs/store'
import { ACCOUNT, ALL, claim, NOW, release, type Sale, sell } from './entities'
import { moveRaces } from './move-races'
import { storedLicense, takenSlots } from './observations'
import { outcomeOf, tally } from './outcomes'
import { overOneHandle, type Race } from './race'
import type { ConformanceGroup } from './stage'
import { takeoverRaces } from './takeover-races'
import { unseenRaces } from './unseen-hosts'

const step = { now: NOW }

function claims(turn: (index: number) => Store, sale: Sale, count: number, hostOf = (index: number) => index) {
  return Array.from({ length: count }, (_, index) => claim(turn(index), sale, `host-${hostOf(index)}`))
}

/** What is raced: over one handle in `races`, over two in `sharedStore`. */
export const claimRaces: Readonly<Record<string, Race>> = {
  'of 50 claims on 3 slots exactly 3 win': async (first, turn) => {
    const sale = await sell(first, { maxActivations: 3 })
    assert.deepEqual(tally(await Promise.all(claims(turn, sale, 50))), { created: 3, 'limit-reached': 47 })
    assert.equal(await takenSlots(first, sale), 3)
  },

  '50 claims of one host take one slot': async (first, turn) => {
    const sale = await sell(first, { maxActivations: 3 })
    const outcomes = await Promise.all(claims(turn, sale, 50, () => 1))
    assert.deepEqual(tally(outcomes), { created: 1, existing: 49 })
    assert.equal(await takenSlots(first, sale), 1)
  },

  'ten hosts claiming four times each share five slots': async (first, turn) => {
    const sale = await sell(first, { maxActivations: 5 })
    const outcomes = await Promise.all(claims(turn, sale, 40, (index) => index % 10))
    assert.deepEqual(tally(outcomes), { created: 5, existing: 15, 'limit-reached': 20 })
    assert.equal(await takenSlots(first, sale), 5)
  },

  'without a limit all claims win': async (first, turn) => {
    const sale = await sell(first, { maxActivations: null })
    assert.deepEqual(tally(await Promise.all(claims(turn, sale, 50))), { created: 50 })
    assert.equal(await takenSlots(first, sale), 50)
  },

  'a slot is released once': async (first, turn) => {
    const sale = await sell(first)
    await Promise.all(claims(turn, sale, 2))
    const releases = Array.from({ length: 20 }, (_, index) => release(turn(index), sale, 'host-0'))
    assert.deepEqual(tally(await Promise.all(releases)), { released: 1, 'not-active': 19 })
    assert.equal(await takenSlots(first, sale), 1)
  },

  'the last slot changes hands without ever being two': async (first, turn) => {
    const sale = await sell(first, { maxActivations: 1 })
    for (let round = 0; round < 10; round += 1) {
      const before = await takenSlots(first, sale)
      const outcomes = await Promise.all(
        [0, 1, 2, 3].flatMap((host) => [
          claim(turn(host), sale, `host-${host}`),
          release(turn(host + 1), sale, `host-${(host + round) % 4}`),
        ]),
      )
      const { created = 0, released = 0 } = tally(outcomes)
      const after = await takenSlots(first, sale)
      assert.equal(after, before + created - released)
      assert.ok(after <= 1)
    }
  },

  'claims and a reset leave counter and rows equal': async (first, turn) => {
    const sale = await sell(first, { maxActivations: 3 })
    await Promise.all([...claims(turn, sale, 10), first.resetLicense(ACCOUNT.id, sale.target, step)])
    assert.ok((await takenSlots(first, sale)) <= 3)
    assert.equal((await storedLicense(first, sale)).resetCount, 1)
  },

  'claims and a release of all leave counter and rows equal': async (first, turn) => {
    const sale = await sell(first, { maxActivations: null })
    const [released, ...outcomes] = await Promise.all([
      turn(1).releaseAllActivations(ACCOUNT.id, sale.target, step),
      ...claims(turn, sale, 20),
    ])
    const { created = 0 } = tally(outcomes)
    assert.equal(await takenSlots(first, sale), created - outcomeOf(released, 'released').count)
  },

  'resets are all counted': async (first, turn) => {
    const sale = await sell(first)
    await Promise.all(Array.from({ length: 20 }, (_, index) => turn(index).resetLicense(ACCOUNT.id, sale.target, step)))
    assert.equal((await storedLicense(first, sale)).resetCount, 20)
  },

  'nothing is claimed after a block': async (first, turn) => {
    const sale = await sell(first, { maxActivations: null })
    const [blocking, ...outcomes] = await Promise.all([
      turn(1).updateLicense(ACCOUNT.id, sale.target, { blocked: true }, step),
      ...claims(turn, sale, 20),
    ])
    outcomeOf(blocking, 'updated')
    const { created = 0, blocked = 0 } = tally(outcomes)
    assert.equal(created + blocked, 20)
    assert.equal(await takenSlots(first, sale), created)
    outcomeOf(await claim(first, sale, 'late'), 'blocked')
  },

  'lowering the limit among claims evicts nobody and holds from then on': async (first, turn) => {
    const sale = await sell(first, { maxActivations: 5 })
    const [lowered, ...outcomes] = await Promise.all([
      turn(1).updateLicense(ACCOUNT.id, sale.target, { maxActivations: 2 }, step),
      ...claims(turn, sale, 20),
    ])
    outcomeOf(lowered, 'updated')
    const { created = 0 } = tally(outcomes)
    assert.ok(created >= 2 && created <= 5, `${created} were created`)
    assert.equal(await takenSlots(first, sale), created)
    outcomeOf(await claim(first, sale, 'late'), 'limit-reached')
  },

  'nothing is left of a license deleted among claims': async (first, turn) => {
    const sale = await sell(first, { maxActivations: null })
    const [deleted, ...outcomes] = await Promise.all([
      turn(1).deleteLicense(ACCOUNT.id, sale.target, step),
      ...claims(turn, sale, 20),
    ])
    outcomeOf(deleted, 'deleted')
    const { created = 0, gone = 0 } = tally(outcomes)
    assert.equal(created + gone, 20)
    assert.equal((await first.listActivations(ACCOUNT.id, sale.license.id, ALL)).total, 0)
  },

  ...moveRaces,
  ...takeoverRaces,
  ...unseenRaces,
}

export const races: ConformanceGroup = {
  name: 'races',
  tests: overOneHandle(claimRaces),
}
