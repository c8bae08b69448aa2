import { createKeyring, createLicensing, type Licensing } from 'keyslot/server'
import { memoryStorage } from 'keyslot/storage'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'

let licensing: Licensing
let productId: string
beforeAll(async () => {
  const logger = { warn: () => undefined, error: () => undefined }
  licensing = await createLicensing({ storage: memoryStorage(), keyring: createKeyring(new Date()), logger })
  productId = (await licensing.products.create({ name: 'Editor' })).id
})
afterAll(() => licensing.close())

type Customer = NonNullable<Parameters<Licensing['licenses']['create']>[0]['customer']>

const sell = async (customer: Customer | null | undefined) =>
  (await licensing.licenses.create({ productId, ...(customer !== undefined && { customer }) })).customer

describe('a license that is paid for', () => {
  it.each<[Customer, string, string | null]>([
    [{ name: null, email: 'null@example.com' }, 'null@example.com', 'null@example.com'],
    [{ email: 'alone@example.com' }, 'alone@example.com', 'alone@example.com'],
    [{ name: '  ', email: 'blank@example.com' }, 'blank@example.com', 'blank@example.com'],
    [{ name: 'Jörg', email: 'jörg@example.de' }, 'Jörg', 'jörg@example.de'],
    [{ name: 'Keitai', email: 'a..b@docomo.ne.jp' }, 'Keitai', 'a..b@docomo.ne.jp'],
    [{ name: 'Søren', email: ' søren@example.dk\n' }, 'Søren', 'søren@example.dk'],
    [{ name: 'No mail', email: '' }, 'No mail', null],
    [{ name: 'Typo', email: 'ada.example.com' }, 'Typo', 'ada.example.com'],
    [{ name: 'x'.repeat(257), email: null }, 'x'.repeat(256), null],
    [{ name: '🔑'.repeat(257) }, '🔑'.repeat(256), null],
    [{ name: 'Ada\0\tLovelace' }, 'Ada  Lovelace', null],
    [{ name: 'half \ud83d' }, 'half \ufffd', null],
    [{ name: 'Long', email: `${'a'.repeat(300)}@example.com` }, 'Long', `${'a'.repeat(300)}@example.com`],
  ])('is made for %j', async (customer, name, email) => {
    expect(await sell(customer)).toMatchObject({ name, email })
  })

  it('is nobody’s where nobody is named', async () => {
    for (const customer of [undefined, null, {}, { name: null, email: null }, { name: '', email: ' ' }]) {
      expect(await sell(customer)).toBeNull()
    }
  })

  it('is for one customer by an email in any case and spelling, and for new ones by what is none', async () => {
    const first = await sell({ name: 'Zoë', email: 'zoë@example.com' })
    expect(await sell({ name: 'Zoe', email: 'ZOE\u0308@example.com' })).toEqual(first)
    expect(await licensing.customers.findByEmail(' Zoë@Example.com')).toEqual(first)
    const texts = [await sell({ email: 'not an email' }), await sell({ email: 'not an email' })]
    expect(texts[0]?.id).not.toBe(texts[1]?.id)
    expect(await licensing.customers.findByEmail('not an email')).toBeNull()
    expect((await sell({ email: 'zoe@example.com' }))?.id).not.toBe(first?.id)
  })

  it('is refused for what is no text, by name and in words of ours: the control', async () => {
    const refused = async (customer: object) => expect(sell(customer as Customer)).rejects
    await (await refused({ name: 7 })).toThrow('customer.name: must be text')
    await (await refused({ email: ['a@b'] })).toThrow('customer.email: must be text')
    await (await refused({ id: 'short' })).toThrow('customer.id: must have at least 22 characters')
  })
})

describe('a customer', () => {
  it('needs a name or an email', async () => {
    const missing = { code: 'MISSING_PARAMS', detail: { field: 'name' } }
    await expect(licensing.customers.create({})).rejects.toMatchObject(missing)
    await expect(licensing.customers.create({ name: ' ', email: '' })).rejects.toMatchObject(missing)
    expect(await licensing.customers.create({ email: 'solo@example.com' })).toMatchObject({ name: 'solo@example.com' })
  })

  it('keeps a name when it is changed to none: the email, or the one before', async () => {
    const { id } = await licensing.customers.create({ name: 'Ada' })
    expect(await licensing.customers.update(id, { name: null })).toMatchObject({ name: 'Ada', email: null })
    const changed = { name: '', email: 'lovelace@example.com' }
    expect(await licensing.customers.update(id, changed)).toMatchObject({ ...changed, name: changed.email })
    expect(await licensing.customers.update(id, { name: 'Ada', email: 'gone' })).toMatchObject({ email: 'gone' })
    expect(await licensing.customers.findByEmail('lovelace@example.com')).toBeNull()
  })
})
