import { expect, it } from 'vitest'
import type { Change, Query } from '../../src/storage/contract'
import { createRowScratch } from './sqlite-scratch'

const scratch = createRowScratch()

const ALL: Query = { table: 'pairs', equal: [], limit: 10 }

function pair(left: string): Change {
  return { kind: 'insert', table: 'pairs', row: { left, right: 1, amount: 0, revision: 1 } }
}

async function scene() {
  const file = scratch.file()
  const storage = await scratch.open(file)
  const beside = await scratch.open(file)
  /** The rows there are, as each of the two sees them. */
  const seen = async () =>
    (await Promise.all([storage, beside].map((one) => one.read([ALL])))).map(([answer]) => answer?.rows.length)
  let goOn = () => {}
  const gate = new Promise<void>((resolve) => {
    goOn = resolve
  })
  return { storage, beside, seen, gate, goOn }
}

it('what is written under the lock is seen by others once it is whole, and they write after it', async () => {
  const { storage, beside, seen, gate, goOn } = await scene()
  const order: string[] = []
  const locked = storage.locked?.([], async (database) => {
    expect(await database.write([[pair('a')]])).toEqual(['written'])
    await gate
    expect(await database.write([[pair('b')], [pair('a')]])).toEqual(['written', 'conflict'])
    order.push('locked')
  })
  const read = storage.read([ALL]).then(([answer]) => order.push(`read ${answer?.rows.length}`))
  const written = [storage, beside].map((one, index) =>
    one.write([[pair(`other-${index}`)]]).then(() => order.push('written')),
  )
  const [answer] = await beside.read([ALL])
  expect(answer?.rows).toEqual([])
  goOn()
  await Promise.all([locked, read, ...written])
  expect(order[0]).toBe('locked')
  expect(order).toContain('read 2')
  expect(await seen()).toEqual([4, 4])
})

it('nothing of it is kept where the work fails, and the lock is given back', async () => {
  const { storage, beside, seen } = await scene()
  const fault = new Error('of the work')
  const locked = storage.locked?.([], async (database) => {
    await database.write([[pair('a')]])
    throw fault
  })
  await expect(locked).rejects.toBe(fault)
  expect(await beside.write([[pair('b')]])).toEqual(['written'])
  expect(await seen()).toEqual([1, 1])
})
