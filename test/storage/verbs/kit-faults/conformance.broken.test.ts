import { describe, expect, it } from 'vitest'
import { plainModel } from '../differential/model/plain-model'
import { allGroups } from '../kit/groups'
import { faults } from './conformance-faults'
import { verdictOn } from './conformance-verdict'

describe('the kit', () => {
  it('finds nothing wrong with a store that keeps the contract', async () => {
    expect(await verdictOn((tables) => plainModel(tables).storage)).toEqual({})
  })

  it.each(Object.entries(faults))('notices a store that %s', async (_name, { group, create }) => {
    const expected = allGroups.filter(({ name }) => name === group)
    expect(Object.keys(await verdictOn(create, expected))).toEqual([group])
  })

  it('has no group that notices nothing', () => {
    const noticing = new Set(Object.values(faults).map(({ group }) => group))
    expect([...noticing].sort()).toEqual(allGroups.map(({ name }) => name).sort())
  })
})
