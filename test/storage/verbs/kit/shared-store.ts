import assert from 'node:assert/strict'
import { ACCOUNT, ALL, claim, NOW, newCustomer, newProduct, sell } from './entities'
import { storedCustomer, takenSlots } from './observations'
import { outcomeOf, tally } from './outcomes'
import { overTwoHandles } from './race'
import { claimRaces } from './races'
import type { ConformanceGroup } from './stage'

const step = { now: NOW }

/** The same races, run over two handles on one store; what one has written, the other sees at once. */
export const sharedStore: ConformanceGroup = {
  name: 'two handles on one store',
  needs: ['shared-store'],
  tests: {
    ...overTwoHandles(claimRaces),

    'what one handle wrote the other reads': async ({ storage, another }) => {
      const second = await another()
      const sale = await sell(storage)
      outcomeOf(await claim(second, sale, 'host-1'), 'created')
      outcomeOf(await claim(storage, sale, 'host-1'), 'existing')
      await second.updateLicense(ACCOUNT.id, sale.target, { blocked: true }, step)
      outcomeOf(await claim(storage, sale, 'host-1'), 'blocked')
      assert.equal(await takenSlots(storage, sale), 1)
    },

    'toggles and package ids are counted over both': async ({ storage, another }) => {
      const second = await another()
      const turn = (index: number) => (index % 2 === 0 ? storage : second)
      await storage.insertCustomer(ACCOUNT.id, newCustomer('ada'), step)
      await Promise.all(
        Array.from({ length: 15 }, (_, i) => turn(i).updateCustomer(ACCOUNT.id, 'cus_ada', 'toggle', step)),
      )
      assert.equal((await storedCustomer(storage, 'cus_ada')).active, false)
      await Promise.all(
        Array.from({ length: 10 }, (_, i) => turn(i).insertProduct(ACCOUNT.id, newProduct(`p${i}`), step)),
      )
      const { items } = await storage.listProducts(ACCOUNT.id, ALL)
      assert.equal(new Set(items.map(({ packageId }) => packageId)).size, 10)
    },

    'a handle that closes leaves the others working': async ({ storage, another }) => {
      const second = await another()
      const sale = await sell(storage)
      await storage.close()
      outcomeOf(await claim(second, sale, 'host-1'), 'created')
    },

    'several can open a new store at once': async ({ openTogether }) => {
      const handles = await openTogether(4)
      const outcomes = await Promise.all(
        handles.map((storage) => storage.insertAccount({ ...ACCOUNT, id: 'acct_contested' })),
      )
      assert.deepEqual(tally(outcomes), { created: 1, exists: 3 })
    },
  },
}
