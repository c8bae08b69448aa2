import assert from 'node:assert/strict'
import { setImmediate as turnOfTheLoop } from 'node:timers/promises'
import { insert, one, rowsOf, store, update, valuesIn } from './asking'
import type { RowRace } from './stage'
import { item, link, pair } from './tables'

/** Reads while others write. */
export const instants: Readonly<Record<string, RowRace>> = {
  'a read never sees half of a set': async (first, turn) => {
    await store(first, [insert('pairs', pair('a', 1)), insert('pairs', pair('a', 2)), insert('items', item('a'))])
    const whole = { ...one('items', 'a'), follow: { pairs: { table: 'pairs', equal: [{ column: 'id' }], limit: 9 } } }
    const queries = [one('pairs', 'a', 1), whole, one('pairs', 'a', 2)]
    const rounds = 60
    let written = 0
    const write = async () => {
      for (; written < rounds; written++) {
        const key = (right: number) => update('pairs', ['a', right], written + 1, { amount: written + 1 })
        await store(turn(0), [key(2), update('items', ['a'], written + 1, { order: written + 1 }), key(1)])
        await turnOfTheLoop()
      }
    }
    const look = async () => {
      let last = 0
      while (written < rounds) {
        const atLeast = written
        const [one1, middle, two] = await turn(1).read(queries)
        const followed = middle?.rows[0]?.followed.pairs?.rows ?? []
        const rows = [one1?.rows[0], two?.rows[0], ...followed].map((found) => found?.row)
        const amounts = new Set([...rows.map((row) => row?.amount), middle?.rows[0]?.row.order ?? 0])
        assert.equal(amounts.size, 1, `seen together: ${[...amounts]}`)
        const seen = Number(rows[0]?.amount)
        assert.ok(seen >= atLeast && seen >= last, `${seen} was seen after ${Math.max(atLeast, last)}`)
        last = seen
        await turnOfTheLoop()
      }
    }
    await Promise.all([write(), look(), look()])
  },

  'a read sees what was written before it': async (first, turn) => {
    await store(first, [insert('items', item('a'))])
    for (let round = 1; round <= 20; round++) {
      await store(turn(round), [update('items', ['a'], round, { order: round }), insert('links', link(`${round}`))])
      assert.deepEqual(await valuesIn(turn(round + 1), 'order', one('items', 'a')), [round])
      assert.equal((await rowsOf(turn(round + 1), one('links', `${round}`))).length, 1)
    }
  },
}
