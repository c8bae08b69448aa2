import { describe, expect, it } from 'vitest'
import { allGroups } from '../../../src/server/storage/conformance'
import { faults, SoundStorage } from './conformance-faults'
import { faultTable, verdictOnTables } from './conformance-verdict'

describe('the conformance kit', async () => {
  const table = await faultTable()

  it('finds nothing wrong with an adapter that keeps the contract', async () => {
    expect(await verdictOnTables((tables) => new SoundStorage(tables))).toEqual({})
  })

  it.each(Object.entries(faults))('notices an adapter that %s', (name, { group }) => {
    expect(Object.keys(table[name] ?? {})).toContain(group)
  })

  it('has no group that notices nothing', () => {
    const noticing = new Set(Object.values(faults).map(({ group }) => group))
    expect([...noticing].sort()).toEqual(allGroups.map(({ name }) => name).sort())
  })
})
