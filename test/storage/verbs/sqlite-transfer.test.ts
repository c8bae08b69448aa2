import { describe, expect, it } from 'vitest'
import type { StoreRecord } from '../../../src/storage/records'
import { happen, listening, take } from './kit/delivery-scene'
import { newCustomer } from './kit/entities'
import { deliveryRecord, EVERY_KIND, eventRecord, exportKind, importOne } from './kit/transfer-scene'
import { createScratch } from './sqlite-scratch'

const scratch = createScratch()

/** A customer that cannot be read. */
const unreadable: StoreRecord = {
  kind: 'customer',
  value: {
    ...newCustomer('bad'),
    get name(): string {
      throw new Error('cannot be read')
    },
  },
}

describe('events by id', () => {
  it('are not known from a batch that failed', async () => {
    const storage = await scratch.open(scratch.file())
    await listening(storage, 'plain')
    await expect(storage.importRecords([eventRecord('a'), unreadable])).rejects.toThrow('cannot be read')
    await expect(importOne(storage, deliveryRecord('a'))).resolves.toBe('orphan')
    // The event that comes now is given the number that one had.
    await happen(storage, 'b')
    expect(await storage.importRecords([eventRecord('b'), eventRecord('a'), deliveryRecord('a')])).toEqual([
      'existing',
      'stored',
      'stored',
    ])
    expect(await take(storage)).toEqual(['b.plain', 'a.plain'])
  })

  it('are known whoever wrote them, while imports go on', async () => {
    const file = scratch.file()
    const [first, second] = [await scratch.open(file), await scratch.open(file)]
    await listening(first, 'plain')
    expect(await importOne(first, eventRecord('a'))).toBe('stored')
    expect(await importOne(second, eventRecord('a'))).toBe('existing')
    await happen(second, 'b')
    expect(await importOne(second, eventRecord('c'))).toBe('stored')
    for (const name of ['a', 'b', 'c']) expect(await importOne(first, eventRecord(name))).toBe('existing')
    expect(await importOne(first, deliveryRecord('c'))).toBe('stored')
  })
})

it('begins again where it was in a store that is opened anew', async () => {
  const file = scratch.file()
  const storage = await scratch.open(file)
  const half = EVERY_KIND.length / 2
  await storage.importRecords(EVERY_KIND.slice(0, half))
  await storage.close()
  const again = await scratch.open(file)
  const outcomes = await again.importRecords(EVERY_KIND)
  expect(outcomes.slice(0, half).every((outcome) => outcome === 'existing')).toBe(true)
  expect(outcomes.slice(half).every((outcome) => outcome === 'stored')).toBe(true)
})

it('goes on exporting behind a record that is deleted meanwhile', async () => {
  const storage = await scratch.open(scratch.file())
  await storage.importRecords(EVERY_KIND)
  const customers = await exportKind(storage, 'customer')
  const { records, next } = await storage.exportRecords('customer', null, 1)
  const [first] = records
  if (first?.kind !== 'customer') throw new Error('No customer was exported')
  const { accountId, id } = first.value
  const deleted = await storage.deleteCustomer(accountId, id, { now: new Date('2026-03-01T12:00:00Z') })
  expect(deleted.kind).toBe('deleted')
  const rest = await storage.exportRecords('customer', next, 10)
  expect([...records, ...rest.records]).toEqual(customers)
})
