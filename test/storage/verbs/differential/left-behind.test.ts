import { expect, it } from 'vitest'
import type { Store } from '../../../../src/storage/verbs/store'
import { newEvent, newLicense } from '../kit/entities'
import { ask } from './calls'
import { memoryPlaceOf } from './places'
import { openingCalls } from './play'
import { ACCOUNTS, START } from './world'

const [ACCOUNT] = ACCOUNTS
const STEP = { now: START }

/** Two handles on what every run opens with. What the second one writes waits until `go` is called. */
async function scene() {
  let opened = 0
  let isHeld = false
  const { promise, go } = gate()
  const place = memoryPlaceOf((rows) => {
    const isSecond = opened++ === 1
    const write: typeof rows.write = async (sets) => {
      if (isSecond && isHeld) await promise
      return rows.write(sets)
    }
    return { ...rows, write }
  })
  const [first, second] = [await place.open(), await place.open()] as const
  for (const one of openingCalls()) await ask(first, one, START)
  isHeld = true
  return { first, second, go }
}

function gate() {
  const waiting: (() => void)[] = []
  const promise = new Promise<void>((resolve) => {
    waiting.push(resolve)
  })
  return {
    promise,
    go() {
      for (const resolve of waiting) resolve()
    },
  }
}

async function keptOf(storage: Store, kind: 'delivery' | 'license') {
  return (await storage.exportRecords(kind, null, 100)).records.map(({ value }) => 'id' in value && value.id)
}

it('a deleted endpoint leaves no delivery of an event that came meanwhile', async () => {
  const { first, second, go } = await scene()
  const deleting = second.deleteWebhookEndpoint(ACCOUNT, 'hook_0', STEP)
  const events = { updated: [newEvent('meanwhile', { at: START })] }
  await first.updateProduct(ACCOUNT, 'prod_0', { name: 'Renamed' }, { ...STEP, events })
  expect(await keptOf(first, 'delivery')).toEqual(['evt_meanwhile.hook_0'])
  go()
  expect(await deleting).toEqual({ kind: 'deleted' })
  expect(await keptOf(first, 'delivery')).toEqual([])
})

it('a deleted customer leaves no license that was imported meanwhile', async () => {
  const { first, second, go } = await scene()
  const before = await keptOf(first, 'license')
  const deleting = second.deleteCustomer(ACCOUNT, 'cus_2', STEP)
  const value = newLicense('imported', { accountId: ACCOUNT, customerId: 'cus_2', productIds: ['prod_0'] })
  expect(await first.importRecords([{ kind: 'license', value }])).toEqual(['stored'])
  go()
  expect(await deleting).toEqual({ kind: 'deleted', licenses: 1 })
  expect(await keptOf(first, 'license')).toEqual(before)
})
