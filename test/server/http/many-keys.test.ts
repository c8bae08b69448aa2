import { LicenseError } from 'keyslot/server'
import type { ChangeSet } from 'keyslot/storage'
import { afterEach, describe, expect, it } from 'vitest'
import { PLAIN_MOUNT, post } from './actions'
import { faultyStorage } from './faulty-storage'
import { type Fixture, startFixture } from './harness'

const QUANTITY = 1000

/** A step changes so many rows of licenses at most. */
const MOST = 100

function newLicenses(set: ChangeSet): number {
  return set.filter(({ kind, table }) => kind === 'insert' && table === 'licenses').length
}

describe('1,000 keys in one request', () => {
  let fixture: Fixture | undefined
  afterEach(() => fixture?.close())

  async function start() {
    const faulty = faultyStorage()
    const fixed = await startFixture(PLAIN_MOUNT, { storage: faulty.storage })
    fixture = fixed
    const create = (headers = {}, fields = {}) =>
      post(
        fixed,
        '/key',
        { productId: fixed.productId, amountKeys: QUANTITY, maxActivations: 1, ...fields },
        { headers },
      )
    const count = async () => (await fixed.licensing.licenses.list({}, { limit: 1 })).total
    return { faulty, create, count, licensing: fixed.licensing, productId: fixed.productId }
  }

  it('are made in steps of 100, between which others are answered', async () => {
    const { faulty, create } = await start()
    const sizes: number[] = []
    faulty.breakWrites('licenses', (goOn, sets) => {
      sizes.push(...sets.map(newLicenses))
      return goOn()
    })
    expect(new Set((await create()).body.keys as string[]).size).toBe(QUANTITY)
    expect(Math.max(...sizes)).toBe(MOST)
  })

  it('are finished by the retry, where the storage fails in the middle', async () => {
    const { faulty, create, count } = await start()
    let writes = 0
    faulty.breakWrites('licenses', async (goOn) => {
      writes += 1
      if (writes === 4) throw new LicenseError('STORAGE_UNAVAILABLE', 'the disk is away')
      return goOn()
    })
    const headers = { 'Idempotency-Key': 'a thousand' }
    expect((await create(headers)).status).toBe(503)
    faulty.heal()
    expect(await count()).toBe(3 * MOST)

    const finished = await create(headers)
    const again = await create(headers)
    expect(finished.status).toBe(200)
    expect(again.body).toEqual(finished.body)
    expect(new Set(finished.body.keys as string[]).size).toBe(QUANTITY)
    expect(await count()).toBe(QUANTITY)
  })

  it('are all or none, where the product is withdrawn in the middle', async () => {
    const { faulty, create, count, licensing, productId } = await start()
    let writes = 0
    faulty.breakWrites(
      (set) => newLicenses(set) > 0,
      async (goOn) => {
        writes += 1
        const written = await goOn()
        if (writes === 4) await licensing.products.update(productId, { active: false })
        return written
      },
    )
    const refused = await create()
    expect(refused.status).toBe(404)
    expect(await count()).toBe(0)
  })

  describe('for a new customer', () => {
    const newCustomer = { name: 'Ada', email: 'ada@example.com' }

    /** Refuses the batch once it has made some licenses, and meanwhile does this. */
    async function refuseLater(meanwhile: (started: Awaited<ReturnType<typeof start>>) => Promise<unknown>) {
      const started = await start()
      const { faulty, licensing, productId, create, count } = started
      let writes = 0
      faulty.breakWrites(
        (set) => newLicenses(set) > 0,
        async (goOn) => {
          writes += 1
          const written = await goOn()
          if (writes !== 2) return written
          await meanwhile(started)
          await licensing.products.update(productId, { active: false })
          return written
        },
      )
      expect((await create({}, { newCustomer })).status).toBe(404)
      return { customers: (await licensing.customers.list({ limit: 10 })).items, licenses: await count() }
    }

    it('leave no customer behind', async () => {
      expect(await refuseLater(async () => undefined)).toEqual({ customers: [], licenses: 0 })
    })

    it('leave the customer who has been given another license meanwhile, and that license', async () => {
      const buys = ({ licensing, productId }: Awaited<ReturnType<typeof start>>) =>
        licensing.licenses.create({ productId, customer: newCustomer })
      expect(await refuseLater(buys)).toMatchObject({ customers: [newCustomer], licenses: 1 })
    })

    it('leave the customer there was before', async () => {
      const { licensing, productId, create, faulty, count } = await start()
      const { id } = await licensing.customers.create(newCustomer)
      faulty.breakWrites(
        (set) => newLicenses(set) > 0,
        async (goOn) => {
          const written = await goOn()
          await licensing.products.update(productId, { active: false })
          return written
        },
      )
      expect((await create({}, { customerId: id })).status).toBe(404)
      expect([await count(), (await licensing.customers.list({ limit: 10 })).total]).toEqual([0, 1])
    })
  })
})
