import { describe, expect, it } from 'vitest'
import { createMemoryStorage, MemoryRows } from '../../src/storage/memory/memory-storage'
import { allGroups } from '../../src/testing/groups'
import { onStage } from '../../src/testing/kit'
import type { Fault } from './fault'
import { faultsInRaces } from './faults-races'
import { faultsInReads } from './faults-reads'
import { faultsInValues } from './faults-values'
import { faultsInVersions } from './faults-versions'
import { faultsInWrites } from './faults-writes'

const faults = { ...faultsInWrites, ...faultsInReads, ...faultsInValues, ...faultsInRaces, ...faultsInVersions }

/** The tests of a group that an engine fails. */
async function failuresOf(group: string, create: Fault['create']): Promise<readonly string[]> {
  const failures: string[] = []
  const tests = allGroups.filter(({ name }) => name === group).flatMap((one) => Object.entries(one.tests))
  for (const [title, run] of tests) {
    const rows = new MemoryRows()
    await onStage(() => ({ createStorage: () => create(rows) }), run).catch(() => failures.push(title))
  }
  return failures
}

describe('the kit for engines', () => {
  it.each(allGroups)('finds nothing wrong with a sound one: $name', async ({ name }) => {
    expect(await failuresOf(name, createMemoryStorage)).toEqual([])
  })

  it.each(Object.entries(faults))('notices one that %s', async (_name, { group, create }) => {
    expect(await failuresOf(group, create)).not.toEqual([])
  })

  it('has no group that notices nothing', () => {
    const noticing = new Set(Object.values(faults).map(({ group }) => group))
    expect([...noticing].sort()).toEqual(allGroups.map(({ name }) => name).sort())
  })
})
