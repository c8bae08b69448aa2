import assert from 'node:assert/strict'
import type { Allowance } from '../../../../src/domain/allowance'
import type { Store } from '../../../../src/storage/verbs/store'
import { HOSTILE_STRINGS } from '../../../../src/testing/hostile-strings'
import { ACCOUNT, after, claim, HOUR_MS, NOW, newCustomer, OTHER_ACCOUNT, type Sale, sell, sellMore } from './entities'
import { outcomeOf } from './outcomes'
import { spendOn } from './spending'
import type { ConformanceGroup } from './stage'

const PERIOD_MS = 10_000

/** Three in ten seconds. */
export const MOVES: Allowance = { name: 'moves', limit: 3, periodMs: PERIOD_MS }

/** Spends one of a sold license's allowances for each unit, one after the other; tells the outcomes' kinds. */
export async function spendAll(
  storage: Store,
  sale: Sale,
  units: readonly string[],
  now = NOW,
  allowance = MOVES,
): Promise<readonly string[]> {
  const kinds: string[] = []
  for (const unit of units) {
    kinds.push((await spendOn(storage, ACCOUNT.id, sale.target, allowance, unit, now)).kind)
  }
  return kinds
}

/** Nobody is short of a slot. */
export const ROOM = { maxActivations: null }

const SPENT_THREE = ['spent', 'spent', 'spent', 'exhausted']

/** What forgets what was spent, with the license or without. */
const forgetting: Readonly<Record<string, (storage: Store, sale: Sale) => Promise<unknown>>> = {
  'a reset': (storage, { target }) => storage.resetLicense(ACCOUNT.id, target, { now: NOW }),
  'the deletion of its license': (storage, { target }) => storage.deleteLicense(ACCOUNT.id, target, { now: NOW }),
  'the deletion of its customer': (storage) => storage.deleteCustomer(ACCOUNT.id, 'cus_ada', { now: NOW }),
  'a purge': (storage) => storage.purgeExpired(after(HOUR_MS), 100),
}

export const allowances: ConformanceGroup = {
  name: 'allowances',
  tests: {
    'as many are spent as the limit says, and what is refused counts for nothing': async ({ storage }) => {
      const sale = await sell(storage, ROOM)
      assert.deepEqual(await spendAll(storage, sale, ['a', 'b', 'c', 'd', 'e', 'd']), [
        ...SPENT_THREE,
        'exhausted',
        'exhausted',
      ])
      const refused = await spendOn(storage, ACCOUNT.id, sale.target, MOVES, 'd', after(PERIOD_MS - 1))
      assert.deepEqual(refused, { kind: 'exhausted', retryAt: after(PERIOD_MS) })
      // Had the refusals been remembered, there would be no room now.
      assert.deepEqual(await spendAll(storage, sale, ['e', 'f', 'g', 'h'], after(PERIOD_MS)), SPENT_THREE)
    },

    'a unit is spent once in a period, however often it is asked for': async ({ storage }) => {
      const sale = await sell(storage, ROOM)
      assert.deepEqual(await spendAll(storage, sale, ['a', 'a', 'a', 'a']), ['spent', 'spent', 'spent', 'spent'])
      assert.deepEqual(await spendAll(storage, sale, ['b', 'c', 'd'], after(1)), ['spent', 'spent', 'exhausted'])
      const again = await spendOn(storage, ACCOUNT.id, sale.target, MOVES, 'a', after(PERIOD_MS - 1))
      assert.deepEqual(again, { kind: 'spent' })
      // It leaves a period after it was spent first, and counts anew from then on.
      assert.deepEqual(await spendAll(storage, sale, ['d', 'a'], after(PERIOD_MS)), ['spent', 'exhausted'])
      const refused = await spendOn(storage, ACCOUNT.id, sale.target, MOVES, 'a', after(PERIOD_MS))
      assert.deepEqual(refused, { kind: 'exhausted', retryAt: after(PERIOD_MS + 1) })
    },

    'the period slides, to the millisecond, and a refusal tells when there is room': async ({ storage }) => {
      const sale = await sell(storage, ROOM)
      const spend = (unit: string, milliseconds: number) =>
        spendOn(storage, ACCOUNT.id, sale.target, MOVES, unit, after(milliseconds))
      for (const [unit, milliseconds] of Object.entries({ a: 0, b: 4_000, c: 9_000 })) {
        assert.deepEqual(await spend(unit, milliseconds), { kind: 'spent' })
      }
      const exhausted = (milliseconds: number) => ({ kind: 'exhausted', retryAt: after(milliseconds) })
      assert.deepEqual(await spend('d', 9_999), exhausted(10_000))
      assert.deepEqual(await spend('d', 10_000), { kind: 'spent' })
      assert.deepEqual(await spend('e', 10_000), exhausted(14_000))
      assert.deepEqual(await spend('e', 13_999), exhausted(14_000))
      assert.deepEqual(await spend('e', 14_000), { kind: 'spent' })
      assert.deepEqual(await spend('f', 14_000), exhausted(19_000))
    },

    'each name and each license has its own': async ({ storage }) => {
      const sale = await sell(storage, ROOM)
      const other = await sellMore(storage, sale.product, 'two', ROOM)
      // Other units each time: the same ones would be spent once, for all who share an allowance.
      const units = (of: string) => ['a', 'b', 'c', 'd'].map((unit) => `${of} ${unit}`)
      assert.deepEqual(await spendAll(storage, sale, units('first')), SPENT_THREE)
      for (const name of ['frees', 'MOVES', 'moves ', 'move', '', '__proto__']) {
        assert.deepEqual(await spendAll(storage, sale, units(`by ${name}`), NOW, { ...MOVES, name }), SPENT_THREE, name)
      }
      assert.deepEqual(await spendAll(storage, other, units('other')), SPENT_THREE)
      // And a unit that is spent of one is not spent of another.
      const both = await sellMore(storage, sale.product, 'three', ROOM)
      assert.deepEqual(await spendAll(storage, both, ['x', 'y', ...units('first').slice(0, 2)]), SPENT_THREE)
      assert.deepEqual(await spendAll(storage, sale, ['x']), ['exhausted'])
    },

    'names and units are told apart to the last code unit': async ({ storage }) => {
      const sale = await sell(storage, ROOM)
      const many = { ...MOVES, limit: HOSTILE_STRINGS.length }
      const each = HOSTILE_STRINGS.map(() => 'spent')
      assert.deepEqual(await spendAll(storage, sale, [...HOSTILE_STRINGS, 'more'], NOW, many), [...each, 'exhausted'])
      assert.deepEqual(await spendAll(storage, sale, HOSTILE_STRINGS, NOW, many), each)
      for (const [index, name] of HOSTILE_STRINGS.entries()) {
        const kinds = await spendAll(storage, sale, [`${index}`, 'more'], NOW, { ...MOVES, name, limit: 1 })
        assert.deepEqual(kinds, ['spent', 'exhausted'], name)
      }
    },

    'another account finds none, and spends nothing': async ({ storage }) => {
      const sale = await sell(storage, ROOM)
      for (const unit of ['x', 'y', 'z']) {
        const foreign = await spendOn(storage, OTHER_ACCOUNT.id, sale.target, MOVES, unit, NOW)
        assert.deepEqual(foreign, { kind: 'gone' })
      }
      const unknown = await spendOn(
        storage,
        ACCOUNT.id,
        { ...sale.target, canonicalKey: 'KEY-UNKNOWN' },
        MOVES,
        'a',
        NOW,
      )
      assert.deepEqual(unknown, { kind: 'gone' })
      assert.deepEqual(await spendAll(storage, sale, ['a', 'b', 'c', 'd']), SPENT_THREE)
    },

    'a limit of none is none': async ({ storage }) => {
      const sale = await sell(storage, ROOM)
      const none = { ...MOVES, limit: 0 }
      const refused = await spendOn(storage, ACCOUNT.id, sale.target, none, 'a', after(5))
      assert.deepEqual(refused, { kind: 'exhausted', retryAt: after(PERIOD_MS + 5) })
      assert.deepEqual(await spendAll(storage, sale, ['b', 'c'], NOW, none), ['exhausted', 'exhausted'])
      assert.deepEqual(await spendAll(storage, sale, ['a', 'b', 'c', 'd']), SPENT_THREE)
    },

    'limit and period are those of the call': async ({ storage }) => {
      const sale = await sell(storage, ROOM)
      const spend = (unit: string, milliseconds: number, changes: Partial<Allowance>) =>
        spendOn(storage, ACCOUNT.id, sale.target, { ...MOVES, ...changes }, unit, after(milliseconds))
      for (const [index, unit] of ['a', 'b', 'c', 'd', 'e'].entries()) {
        outcomeOf(await spend(unit, index * 100, { limit: 5 }), 'spent')
      }
      // Two of the five may be in a period: three have to leave before there is room for one.
      const lowered = { limit: 2 }
      assert.deepEqual(await spend('f', 500, lowered), { kind: 'exhausted', retryAt: after(PERIOD_MS + 300) })
      outcomeOf(await spend('a', 500, lowered), 'spent')
      outcomeOf(await spend('f', PERIOD_MS + 299, lowered), 'exhausted')
      outcomeOf(await spend('f', PERIOD_MS + 300, lowered), 'spent')
      outcomeOf(await spend('g', PERIOD_MS + 300, lowered), 'exhausted')
      outcomeOf(await spend('g', PERIOD_MS + 300, { limit: 3 }), 'spent')
      const short = await spend('h', PERIOD_MS + 400, { limit: 2, periodMs: 101 })
      assert.deepEqual(short, { kind: 'exhausted', retryAt: after(PERIOD_MS + 401) })
      outcomeOf(await spend('h', PERIOD_MS + 400, { limit: 2, periodMs: 100 }), 'spent')
    },

    'instants are kept to the millisecond, years beyond 9999 included': async ({ storage }) => {
      const sale = await sell(storage, ROOM)
      for (const [index, instant] of ['1969-12-31T23:59:59.999Z', '+012345-06-07T08:09:10.011Z'].entries()) {
        const once = { name: `once-${index}`, limit: 1, periodMs: 365 * 24 * HOUR_MS }
        const now = new Date(instant)
        const retryAt = new Date(now.getTime() + once.periodMs)
        assert.deepEqual(await spendAll(storage, sale, ['a'], now, once), ['spent'])
        const early = new Date(retryAt.getTime() - 1)
        const refused = await spendOn(storage, ACCOUNT.id, sale.target, once, 'b', early)
        assert.deepEqual(refused, { kind: 'exhausted', retryAt })
        assert.deepEqual(await spendAll(storage, sale, ['b'], retryAt, once), ['spent'])
      }
    },

    'what was handed in or out can be changed without changing what is stored': async ({ storage }) => {
      const sale = await sell(storage, ROOM)
      const now = new Date(NOW)
      assert.deepEqual(await spendAll(storage, sale, ['a', 'b', 'c'], now), ['spent', 'spent', 'spent'])
      now.setTime(0)
      for (let call = 0; call < 2; call += 1) {
        const refused = await spendOn(storage, ACCOUNT.id, sale.target, MOVES, 'd', NOW)
        const { retryAt } = outcomeOf(refused, 'exhausted')
        assert.deepEqual(retryAt, after(PERIOD_MS))
        retryAt.setTime(0)
      }
    },

    'a reset forgets what was spent, and so does whatever deletes the license': async ({ storage }) => {
      await storage.insertCustomer(ACCOUNT.id, newCustomer('ada'), { now: NOW })
      const sale = await sell(storage, { ...ROOM, customerId: 'cus_ada', cleanable: true })
      for (const [name, forget] of Object.entries(forgetting)) {
        // Units of its own: had the ones before been kept, there would be no room for these.
        const units = ['a', 'b', 'c', 'd'].map((unit) => `${unit} before ${name}`)
        assert.deepEqual(await spendAll(storage, sale, units), SPENT_THREE, name)
        await forget(storage, sale)
        if ((await storage.findCustomer(ACCOUNT.id, 'cus_ada')) === null) {
          await storage.insertCustomer(ACCOUNT.id, newCustomer('ada'), { now: NOW })
        }
        const { kind } = await storage.findLicense(ACCOUNT.id, sale.target.canonicalKey)
        if (kind === 'gone') {
          assert.deepEqual(await spendAll(storage, sale, ['a']), ['gone'], name)
          outcomeOf(await storage.insertLicenses(ACCOUNT.id, { licenses: [sale.license] }, { now: NOW }), 'created')
        }
      }
      assert.deepEqual(await spendAll(storage, sale, ['a', 'b', 'c', 'd']), SPENT_THREE)
    },

    'nothing else does': async ({ storage }) => {
      const sale = await sell(storage, ROOM)
      outcomeOf(await claim(storage, sale, 'host-1'), 'created')
      assert.deepEqual(await spendAll(storage, sale, ['a', 'b', 'c']), ['spent', 'spent', 'spent'])
      await storage.updateLicense(ACCOUNT.id, sale.target, { blocked: true, maxActivations: 9 }, { now: NOW })
      await storage.updateLicense(ACCOUNT.id, sale.target, { blocked: false }, { now: NOW })
      await storage.releaseAllActivations(ACCOUNT.id, sale.target, { now: NOW })
      await storage.purgeExpired(after(PERIOD_MS - 1), 100)
      assert.deepEqual(await spendAll(storage, sale, ['d', 'a'], after(PERIOD_MS - 1)), ['exhausted', 'spent'])
    },

    'what was spent is there after reopening': {
      needs: ['persistence'],
      run: async ({ storage, reopen }) => {
        const sale = await sell(storage, ROOM)
        assert.deepEqual(await spendAll(storage, sale, ['a', 'b']), ['spent', 'spent'])
        const reopened = await reopen()
        assert.deepEqual(await spendAll(reopened, sale, ['a', 'c', 'd']), ['spent', 'spent', 'exhausted'])
      },
    },
  },
}
