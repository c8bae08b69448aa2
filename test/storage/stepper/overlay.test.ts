import { describe, expect, it } from 'vitest'
import type { Answer, Query, Row, Storage, Value } from '../../../src/storage/contract'
import { memoryStorage } from '../../../src/storage/memory'
import { type Group, Overlay, type RowChange } from '../../../src/storage/stepper/overlay'
import { all, answerTo, everything, inserts, repeat } from '../../../src/testing/asking'
import { pair, SCHEMA, TABLES } from '../../../src/testing/tables'
import { drawQuery, drawSet, pick } from '../draw-rows'
import { createDraw, type Draw } from '../verbs/draw'

const ROUNDS = 250

/** What steps decide one after the other must be what they would decide if each were written before the next. */
async function agree(seed: number) {
  const draw = createDraw(seed)
  const seen = { same: 0, postponed: 0 }
  for (let round = 0; round < ROUNDS; round++) {
    const [stored, model] = [memoryStorage(), memoryStorage()]
    for (const storage of [stored, model]) await storage.open(SCHEMA)
    for (const set of repeat(10, () => drawSet(draw, () => [], new Set()))) {
      for (const storage of [stored, model]) await storage.write([set])
    }
    let revision = 1_000
    const overlay = new Overlay(TABLES, () => revision++)
    for (let step = 0; step < 8; step++) {
      const touched = new Set<Group>()
      const query = draw(2) === 0 ? drawQuery(draw) : drawPage(draw)
      const truth = await answerTo(model, query)
      const adjusted = overlay.adjust(query, await answerTo(stored, query), touched)
      if (adjusted === undefined) seen.postponed += 1
      else {
        expect(unversioned(adjusted), `seed ${seed}, round ${round}: ${JSON.stringify(query)}`).toEqual(
          unversioned(truth),
        )
        seen.same += 1
      }
      const change = await drawChange(draw, stored, model, (asked, answer) => overlay.adjust(asked, answer, touched))
      if (change !== undefined) overlay.take([change], touched)
    }
    const sets = [...overlay.sets().values()]
    expect(new Set(await stored.write(sets)), `seed ${seed}, round ${round}`).toEqual(
      new Set(sets.map(() => 'written')),
    )
    const rows = (await everything(stored)).flat().map(bare)
    expect(rows, `seed ${seed}, round ${round}`).toEqual((await everything(model)).flat().map(bare))
  }
  return seen
}

/** A page that is often full: what comes and goes before its end decides what stands on it. */
function drawPage(draw: Draw): Query {
  const [table, by] = pick(draw, [['items'], ['items', 'everywhere'], ['pairs'], ['links', 'byItem']] as const)
  return all(table, { limit: 1 + draw(3), descending: draw(2) === 0, ...(by !== undefined && { by }) })
}

/** Makes a change that a step can decide on, having looked who has what it wants; the model has it at once. */
async function drawChange(draw: Draw, stored: Storage, model: Storage, look: Look): Promise<RowChange | undefined> {
  const [items = [], pairs = [], links = []] = await everything(model)
  const set = drawSet(draw, (table) => ({ items, pairs, links })[table] ?? [], new Set())
  const [change] = set.filter(({ kind }) => kind !== 'guard')
  if (change === undefined || (await model.write([[change]]))[0] !== 'written') return undefined
  const { table } = change
  const seen = async (query: Query) => look(query, await answerTo(stored, query))?.rows[0]?.row
  const before = change.kind === 'insert' ? undefined : await seen({ table, equal: change.key, limit: 1 })
  const row: Row = {
    ...before,
    ...(change.kind === 'insert' ? change.row : change.kind === 'update' ? change.set : {}),
  }
  const { code = null, shelf = null, slot = null } = row
  if (table === 'items') {
    await seen({ table, by: 'code', equal: [code], limit: 1 })
    await seen({ table, by: 'place', equal: [shelf, slot], limit: 1 })
  }
  if (change.kind === 'insert') return { kind: 'insert', table, row }
  if (change.kind === 'update') return { kind: 'update', table, before: before as Row, set: change.set }
  return { kind: 'delete', table, before: before as Row }
}

type Look = (query: Query, stored: Answer) => Answer | undefined

function bare({ revision: _, ...values }: Row): Readonly<Record<string, Value>> {
  return values
}

function unversioned({ rows, ...counted }: Answer): unknown {
  return {
    ...counted,
    rows: rows.map(({ row, followed }) => ({
      row: bare(row),
      followed: Object.fromEntries(Object.entries(followed).map(([name, answer]) => [name, unversioned(answer)])),
    })),
  }
}

describe('steps of one batch', () => {
  const chosen = process.env.KEYSLOT_SEED
  const seeds = chosen === undefined ? repeat(4, () => Math.floor(Math.random() * 2 ** 31)) : [Number(chosen)]

  it.each([1, 2, ...seeds])('see what those before them have decided (KEYSLOT_SEED=%i)', async (seed) => {
    const seen = await agree(seed)
    expect(seen.same).toBeGreaterThan(1_000)
  })

  it('never see a new row in the place of one that was not read', async () => {
    const storage = memoryStorage()
    await storage.open(SCHEMA)
    const [first, second, third] = [1, 2, 3].map((right) => pair('a', right)) as [Row, Row, Row]
    await storage.write([inserts('pairs', [first, second, third])])
    const overlay = new Overlay(TABLES, () => 1_000)
    const changes: RowChange[] = [
      { kind: 'delete', table: 'pairs', before: first },
      { kind: 'insert', table: 'pairs', row: pair('a', 9) },
      { kind: 'update', table: 'pairs', before: second, set: { amount: 7 } },
    ]
    overlay.take(changes, new Set())
    const seen = async (how: Partial<Query>) => {
      const query = all('pairs', how)
      const answer = overlay.adjust(query, await answerTo(storage, query), new Set())
      return answer?.rows.map(({ row }) => row.right)
    }
    expect(await seen({ limit: 2 })).toBeUndefined()
    expect(await seen({ limit: 3 })).toBeUndefined()
    expect(await seen({ limit: 4 })).toEqual([2, 3, 9])
    expect(await seen({ limit: 2, descending: true })).toEqual([9, 3])
    expect(await seen({ by: 'byAmount', equal: ['a'], limit: 2 })).toBeUndefined()
  })
})
