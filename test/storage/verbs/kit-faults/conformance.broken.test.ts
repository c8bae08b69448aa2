import { describe, expect, it } from 'vitest'
import type { Store } from '../../../../src/storage/verbs/store'
import { allGroups, type Offering } from '../kit'
import { plainModel } from '../differential/model/plain-model'
import type { Tables } from '../differential/model/tables'
import { faults } from './conformance-faults'
import { verdictOn } from './conformance-verdict'

/** What the adapter at hand can do without, and the verbs that are then never called. */
const LEFT_OUT: Readonly<Partial<Record<Offering, readonly (keyof Store)[]>>> = {
  sessions: ['claimSession', 'findSession', 'renewSession', 'releaseSession', 'listSessions'],
  allowances: ['spendAllowance'],
  outbox: ['insertWebhookEndpoint', 'listWebhookEndpoints', 'claimDeliveries', 'settleDelivery', 'listDeliveries'],
  transfer: ['countRecords', 'exportRecords', 'importRecords'],
}

describe('the conformance kit', () => {
  it('finds nothing wrong with an adapter that keeps the contract', async () => {
    expect(await verdictOn((tables) => plainModel(tables).storage)).toEqual({})
  })

  it.each(Object.entries(LEFT_OUT))('finds nothing wrong with an adapter that does without %s', async (name, verbs) => {
    const lacking = Object.fromEntries(verbs.map((verb) => [verb, () => Promise.reject(new Error(`no ${verb}`))]))
    const create = (tables: Tables): Store => {
      const sound = plainModel(tables).storage
      return { ...sound, ...lacking, capabilities: { ...sound.capabilities, [name]: false } }
    }
    expect(await verdictOn(create, { without: [name as Offering] })).toEqual({})
  })

  it.each(Object.entries(faults))('notices an adapter that %s', async (_name, { group, create }) => {
    const expected = allGroups.filter(({ name }) => name === group)
    expect(Object.keys(await verdictOn(create, { groups: expected }))).toEqual([group])
  })

  it('has no group that notices nothing', () => {
    const noticing = new Set(Object.values(faults).map(({ group }) => group))
    expect([...noticing].sort()).toEqual(allGroups.map(({ name }) => name).sort())
  })
})
