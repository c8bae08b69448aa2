import { describe, expect, it } from 'vitest'
import type { ChangeSet, Storage } from '../../src/storage/contract'
import { memoryStorage } from '../../src/storage/memory'
import { MemoryRows } from '../../src/storage/memory/memory-storage'
import { everything, repeat } from '../../src/testing/asking'
import { SCHEMA } from '../../src/testing/tables'
import { faultsInReads } from '../testing/faults-reads'
import { faultsInWrites } from '../testing/faults-writes'
import { drawQuery, drawSet } from './draw-rows'
import { createRowScratch } from './sqlite-scratch'
import { createDraw, type Draw } from './verbs/draw'

const scratch = createRowScratch()

const ROUNDS = 300

async function drawSets(draw: Draw, storage: Storage): Promise<readonly ChangeSet[]> {
  const [items = [], pairs = [], links = []] = await everything(storage)
  const taken = new Set<string>()
  return repeat(1 + draw(4), () => drawSet(draw, (table) => ({ items, pairs, links })[table] ?? [], taken))
}

/** Both are given the same sets and asked the same queries, drawn at random, and must answer alike. */
async function agree(seed: number, other: Storage) {
  const draw = createDraw(seed)
  const model = memoryStorage()
  await model.open(SCHEMA)
  const seen = { written: 0, conflict: 0, rows: 0 }
  for (let round = 0; round < ROUNDS; round++) {
    const sets = await drawSets(draw, model)
    const fates = await model.write(sets)
    expect(await other.write(sets), `seed ${seed}, round ${round}: ${JSON.stringify(sets)}`).toEqual(fates)
    for (const fate of fates) seen[fate] += 1
    const queries = repeat(5, () => drawQuery(draw))
    const [answers, expected] = [await other.read(queries), await model.read(queries)]
    for (const [index, query] of queries.entries()) {
      expect(answers[index], `seed ${seed}, round ${round}: ${JSON.stringify(query)}`).toEqual(expected[index])
      seen.rows += expected[index]?.rows.length ?? 0
    }
  }
  expect(await everything(other)).toEqual(await everything(model))
  return seen
}

describe('memory and SQLite agree', () => {
  const chosen = process.env.KEYSLOT_SEED
  const seeds = chosen === undefined ? repeat(6, () => Math.floor(Math.random() * 2 ** 31)) : [Number(chosen)]

  it.each([1, 2, ...seeds])('on sets and queries drawn at random (KEYSLOT_SEED=%i)', async (seed) => {
    const seen = await agree(seed, await scratch.open(':memory:'))
    expect(Math.min(seen.written, seen.conflict, seen.rows)).toBeGreaterThan(100)
  })

  it.each([
    'starts anew where a cursor has null',
    'takes the end of a range in',
    'sorts null last',
    'follows one level',
    'counts the rows of the page',
    'ignores the revisions of deletes',
    'looks at unique sets before rows let go',
  ])('and would not with one that %s', async (name) => {
    const broken = { ...faultsInReads, ...faultsInWrites }[name]?.create(new MemoryRows())
    await broken?.open(SCHEMA)
    await expect(agree(1, broken as Storage)).rejects.toThrow()
  })
})
