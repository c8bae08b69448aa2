import assert from 'node:assert/strict'
import { everything, insert, inserts, one, remove, repeat, rowsOf, store, update } from './asking'
import type { ConformanceGroup } from './stage'
import { item, link, pair } from './tables'

export const persistence: ConformanceGroup = {
  name: 'persistence',
  needs: ['persistence'],
  tests: {
    'everything is there again after reopening, and goes on': async ({ storage, reopen }) => {
      const full = { slot: -1, code: '\uffff', order: 2 ** 53 - 1, label: '', addedAt: 8.64e15, isOpen: true }
      await store(storage, inserts('items', [item('a', full), item('b', { details: ' { } ', remark: '\u{1f600}' })]))
      await store(storage, inserts('items', [item('gone'), item('changed')]))
      await store(storage, [remove('items', ['gone']), update('items', ['changed'], 1, { order: 1 })])
      await store(storage, [insert('pairs', pair('a', -1)), insert('links', link('a', 'b'))])
      const before = await everything(storage)
      const again = await reopen()
      assert.deepEqual(await everything(again), before)
      const stale = [update('items', ['changed'], 1, {})]
      const taken = [insert('items', item('c', { code: '\uffff' }))]
      const fine = [update('items', ['changed'], 2, {})]
      assert.deepEqual(await again.write([stale, taken, fine]), ['conflict', 'conflict', 'written'])
      assert.deepEqual((await rowsOf(await reopen(), one('items', 'changed')))[0]?.revision, 3)
    },

    'closing waits for calls under way': async ({ storage, reopen }) => {
      const writes = repeat(20, (index) => storage.write([[insert('links', link(`${index}`))]]))
      const reads = repeat(5, () => storage.read([one('links', '0')]))
      const [again, outcomes] = await Promise.all([reopen(), Promise.all(writes), Promise.all(reads)])
      assert.deepEqual(new Set(outcomes.flat()), new Set(['written']))
      assert.equal((await everything(again))[2]?.length, 20)
    },
  },
}

export const closing: ConformanceGroup = {
  name: 'opening and closing',
  tests: {
    'a closed storage refuses; closing twice does nothing': async ({ storage }) => {
      await store(storage, [insert('links', link('a'))])
      await storage.ping()
      await Promise.all([storage.close(), storage.close()])
      await storage.close()
      await assert.rejects(async () => storage.read([one('links', 'a')]))
      await assert.rejects(async () => storage.write([[insert('links', link('b'))]]))
      await assert.rejects(async () => storage.ping())
    },

    'it has a name': async ({ storage }) => {
      assert.match(storage.name, /^\S+$/)
    },
  },
}

export const opening: ConformanceGroup = {
  name: 'several handles',
  needs: ['shared-store'],
  tests: {
    'open a new store at once': async ({ openTogether }) => {
      const handles = await openTogether(4)
      const outcomes = await Promise.all(handles.map((storage) => storage.write([[insert('items', item('a'))]])))
      assert.deepEqual(outcomes.flat().toSorted(), ['conflict', 'conflict', 'conflict', 'written'])
    },

    'one that closes leaves the others working': async ({ storage, another }) => {
      await store(storage, [insert('items', item('a'))])
      const second = await another()
      await storage.close()
      await store(second, [update('items', ['a'], 1, {})])
    },

    'that lock one row take turns, where there are locks': async ({ storage, another }) => {
      const second = await another()
      await store(storage, inserts('pairs', [pair('a', 1), pair('a', 2)]))
      const rows = [1, 2].map((right) => ({ table: 'pairs', key: ['a', right] }))
      const turns = repeat(20, (index) =>
        (index % 2 ? storage : second).locked?.(index % 3 ? rows : rows.toReversed(), async (locked) => {
          const [answer] = await locked.read([one('pairs', 'a', 1)])
          const { revision = 0 } = answer?.rows[0]?.row ?? {}
          const set = rows.map(({ table, key }) => update(table, key, Number(revision), {}))
          assert.deepEqual(await locked.write([set]), ['written'])
        }),
      )
      await Promise.all(turns)
      const revision = storage.locked === undefined ? 1 : 21
      assert.deepEqual(
        (await everything(second))[1],
        [1, 2].map((right) => ({ ...pair('a', right), revision })),
      )
      const fault = new Error('of the work')
      const failed = storage.locked?.(rows, () => Promise.reject(fault))
      if (failed !== undefined) await assert.rejects(failed, fault)
      await store(second, [remove('pairs', ['a', 1], revision)])
    },
  },
}
