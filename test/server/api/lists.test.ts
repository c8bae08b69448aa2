import { describe, expect, it } from 'vitest'
import { STORAGES, useLicensing } from './storages'

/** More than are read at once. */
const MANY = 520

describe.each(Object.keys(STORAGES))('what is listed in process, on %s', (name) => {
  const here = useLicensing(name)

  const sellMany = async (account: Awaited<ReturnType<typeof newAccount>>) => {
    for (let made = 0; made < MANY; made += 40) {
      const one = () => account.api.licenses.create({ productId: account.productId, externalId: 'bulk' })
      await Promise.all(Array.from({ length: Math.min(40, MANY - made) }, one))
    }
  }
  const newAccount = async () => {
    const api = here.licensing.forAccount((await here.licensing.createAccount({ name: 'Shop' })).id)
    return { api, productId: (await api.products.create({ name: 'Editor' })).id }
  }

  it('comes by the hundred unless told otherwise, and all of it where it is walked', async () => {
    const account = await newAccount()
    const { api, productId } = account
    await sellMany(account)
    expect(await api.licenses.list()).toMatchObject({ total: MANY, items: { length: 100 } })
    const { items } = await api.licenses.list({}, { limit: 1_000 })
    for (const filter of [undefined, {}, { productId }, { externalId: 'bulk' }, { externalId: 'bulk', productId }]) {
      const walked: unknown[] = []
      for await (const license of api.licenses.each(filter)) walked.push(license)
      expect(walked).toEqual(items)
    }
    for (const [list, each] of [
      [api.events.list, api.events.each],
      [api.events.list, () => api.events.each({ newestFirst: true })],
    ] as const) {
      const walked: unknown[] = []
      for await (const event of each()) walked.push(event)
      expect(walked).toHaveLength((await list()).total)
    }
  })

  it('is walked whole while what was visited is deleted: walking by offsets is the control', async () => {
    const account = await newAccount()
    await sellMany(account)
    let visited = 0
    for await (const { key } of account.api.licenses.each()) {
      visited += 1
      await account.api.licenses.delete(key)
    }
    expect(visited).toBe(MANY)
    expect((await account.api.licenses.list()).total).toBe(0)

    for (let made = 0; made < 4; made++) await account.api.licenses.create({ productId: account.productId })
    for (const offset of [0, 2]) {
      const { items } = await account.api.licenses.list({}, { limit: 2, offset })
      for (const { key } of items) await account.api.licenses.delete(key)
    }
    expect((await account.api.licenses.list()).total).toBe(2)
  })

  it('of events is in either order, of a type, a license and a time', async () => {
    const { api, productId } = await newAccount()
    const { key, license } = await api.licenses.create({ productId })
    await api.licenses.block(key)
    await api.licenses.create({ productId })
    const { items } = await api.events.list()
    const types = items.map(({ type }) => type)
    expect(types).toEqual(['product.created', 'license.created', 'license.blocked', 'license.created'])
    expect((await api.events.list({ newestFirst: true })).items).toEqual(items.toReversed())
    expect(await api.events.list({ newestFirst: true }, { limit: 1, offset: 1 })).toEqual({
      items: [items[2]],
      total: 4,
    })
    expect(await api.events.list({ type: 'license.created' })).toEqual({ items: [items[1], items[3]], total: 2 })
    const latest = await api.events.list({ type: 'license.created', newestFirst: true }, { limit: 1 })
    expect(latest).toEqual({ items: [items[3]], total: 2 })
    const ofOne = await api.events.list({ licenseId: license.id, type: 'license.created' })
    expect(ofOne).toEqual({ items: [items[1]], total: 1 })
    expect(await api.events.list({ since: new Date('2100-01-01') })).toEqual({ items: [], total: 0 })
    expect((await api.events.list({ since: items[0]?.at ?? new Date(0) })).total).toBe(4)
    await expect(api.events.list({ type: 'license.create' as never })).rejects.toMatchObject({
      code: 'INVALID_REQUEST',
      detail: { field: 'type' },
    })
    expect(() => api.events.each({ type: 'license.create' as never })).toThrow(
      expect.objectContaining({ code: 'INVALID_REQUEST' }),
    )
  })

  it('of licenses is of those that are meant', async () => {
    const { api, productId } = await newAccount()
    const sell = (more: object) => api.licenses.create({ productId, ...more })
    const expiresAt = new Date('2099-01-01')
    const ada = await sell({ customer: { email: 'Ada@example.com' }, metadata: { plan: 'team' }, key: 'ADA-TEAM-1' })
    const ended = await sell({ customer: { email: 'ada@example.com' }, expiresAt, externalId: 'order-9' })
    const nobody = await sell({})
    await api.licenses.block(nobody.key)
    for (const [filter, meant] of [
      [{ email: 'ADA@example.com' }, [ada, ended]],
      [{ email: 'ada@example.com', customerId: ada.customer?.id ?? '' }, [ada, ended]],
      [{ email: 'ada@example.com', customerId: 'another' }, []],
      [{ email: 'bob@example.com' }, []],
      [{ email: 'no email' }, []],
      [{ email: 'ada@example.com', keyPart: 'team' }, [ada]],
      [{ blocked: true }, [nobody]],
      [{ blocked: false, productId }, [ada, ended]],
      [{ blocked: false, productId: 'another' }, []],
      [{ expiresBefore: new Date('2099-01-02') }, [ended]],
      [{ externalId: 'order-9', expiresFrom: new Date('2099-01-02') }, []],
      [{ metadata: { plan: 'team' } }, [ada]],
    ] as const) {
      const { items, total } = await api.licenses.list(filter)
      expect([items.map(({ id }) => id), total]).toEqual([meant.map(({ license }) => license.id), meant.length])
      const walked: string[] = []
      for await (const { id } of api.licenses.each(filter)) walked.push(id)
      expect(walked).toEqual(items.map(({ id }) => id))
    }
  })

  it('has each license by its id, in its own account alone', async () => {
    const { api, productId } = await newAccount()
    const { key, license } = await api.licenses.create({ productId, customer: { name: 'Ada' } })
    expect(await api.licenses.getById(license.id)).toEqual(await api.licenses.get(key))
    const missing = { code: 'LICENSE_NOT_FOUND' }
    await expect(api.licenses.getById('lic_none')).rejects.toMatchObject(missing)
    await expect(here.licensing.licenses.getById(license.id)).rejects.toMatchObject(missing)
  })

  it('activates a host and says whether it serves', async () => {
    const { api, productId } = await newAccount()
    const { key } = await api.licenses.create({ productId, maxActivations: 1 })
    const host = { productId, hostId: 'desk' }
    expect(await api.licenses.validate(key, host)).toEqual({ valid: false, reason: 'not-activated' })
    const licensee = { name: null, email: ' jörg@example.de ' }
    const activated = await api.licenses.activate(key, { ...host, deviceTag: 'Desk', licensee })
    expect(activated).toMatchObject({
      license: { activationCount: 1 },
      activation: { hostId: 'desk', deviceTag: 'Desk', licensee: { name: null, email: 'jörg@example.de' } },
      licenseToken: expect.stringMatching(/^ey/),
    })
    expect(await api.licenses.validate(key, host)).toEqual({ valid: true, licenseToken: expect.stringMatching(/^ey/) })
    const other = api.licenses.activate(key, { productId, hostId: 'lap' })
    await expect(other).rejects.toMatchObject({ code: 'ACTIVATION_LIMIT_REACHED' })
    await api.licenses.block(key)
    expect(await api.licenses.validate(key, host)).toEqual({ valid: false, reason: 'revoked' })
  })

  it('gives a host’s slot back, and revokes its tokens', async () => {
    const { api, productId } = await newAccount()
    const { key, license } = await api.licenses.create({ productId, maxActivations: 1 })
    const sign = (hostId: string) => api.licenses.sign(key, { productId, hostId, ttlSeconds: 3600 })
    await sign('lost')
    await expect(sign('new')).rejects.toMatchObject({ code: 'ACTIVATION_LIMIT_REACHED' })
    await api.licenses.releaseHost(key, 'lost')
    expect((await api.licenses.get(key)).license.activationCount).toBe(0)
    await sign('new')
    await expect(api.licenses.releaseHost(key, 'lost')).rejects.toMatchObject({ code: 'ACTIVATION_NOT_FOUND' })
    await expect(here.licensing.licenses.releaseHost(key, 'new')).rejects.toMatchObject({ code: 'LICENSE_NOT_FOUND' })
    const events = await api.events.list({ licenseId: license.id, type: 'license.deactivated' })
    expect(events.items).toMatchObject([{ data: { hostId: 'lost' } }])
  })
})
