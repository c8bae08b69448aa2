import Database from 'better-sqlite3'
import { describe, expect, it } from 'vitest'
import { SLOT_STEPS, spend, spendAndForget, takeSlotSteps } from './allowance-scene'
import { claim, newActivation, newProofKey, sell } from './kit/entities'
import { tally } from './kit/outcomes'
import { committedTransactions, createScratch } from './sqlite-scratch'

const scratch = createScratch()

describe('an allowance', () => {
  it('is refused by reading', async () => {
    const file = scratch.file()
    const storage = await scratch.open(file)
    await sell(storage, { maxActivations: null })
    const before = committedTransactions(file)
    expect(tally([await spend(storage, 'a'), await spend(storage, 'b')])).toEqual({ spent: 2 })
    // The slot that is charged for, with what was spent, and then its release.
    expect(committedTransactions(file) - before).toBe(4)
    const outcomes = [await spend(storage, 'c'), await spend(storage, 'a', 'KEY-NO')]
    expect(tally(outcomes)).toEqual({ exhausted: 1, gone: 1 })
    expect(committedTransactions(file) - before).toBe(4)
  })

  it('leaves nothing behind once its license is gone or was reset', async () => {
    const file = scratch.file()
    await spendAndForget(await scratch.open(file))
    const database = new Database(file)
    const left = database.prepare('SELECT l.id FROM allowances a LEFT JOIN licenses l ON l.id = a.license_id')
    expect(left.pluck().all()).toEqual(['lic_4'])
    database.close()
  })
})

describe('a claim', () => {
  it('of a bound host without its key is refused by reading', async () => {
    const file = scratch.file()
    const storage = await scratch.open(file)
    const sale = await sell(storage)
    await claim(storage, sale, newActivation('host-1', { proofKey: newProofKey('own') }))
    const before = committedTransactions(file)
    expect((await claim(storage, sale, 'host-1')).kind).toBe('proof-required')
    expect(committedTransactions(file) - before).toBe(0)
  })

  it('writes no allowance, nor does what takes a slot over or gives it up', async () => {
    const file = scratch.file()
    const storage = await scratch.open(file)
    const sale = await sell(storage)
    const database = new Database(file)
    for (const step of ['INSERT', 'UPDATE', 'DELETE']) {
      database.exec(`CREATE TRIGGER no_${step} BEFORE ${step} ON allowances BEGIN SELECT RAISE(ABORT, '${step}'); END`)
    }
    database.close()
    expect(await takeSlotSteps(storage, sale)).toEqual(SLOT_STEPS)
  })
})
