import { describe, expect, it } from 'vitest'
import { allGroups } from '../../../src/server/storage/conformance'
import { storageOn } from '../../../src/server/storage/memory/memory-storage'
import { faults } from './conformance-faults'
import { verdictOn } from './conformance-verdict'

describe('the conformance kit', () => {
  it('finds nothing wrong with an adapter that keeps the contract', async () => {
    expect(await verdictOn(storageOn)).toEqual({})
  })

  it.each(Object.entries(faults))('notices an adapter that %s', async (_name, { group, create }) => {
    const expected = allGroups.filter(({ name }) => name === group)
    expect(Object.keys(await verdictOn(create, expected))).toEqual([group])
  })

  it('has no group that notices nothing', () => {
    const noticing = new Set(Object.values(faults).map(({ group }) => group))
    expect([...noticing].sort()).toEqual(allGroups.map(({ name }) => name).sort())
  })
})
