import { createHmac } from 'node:crypto'
import { createKeyring, createLicensing, type Licensing } from 'keyslot/server'
import { memoryStorage } from 'keyslot/storage'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { isFromLemonSqueezy, readLemonSqueezy } from './lemon-squeezy'
import { readPaddle } from './paddle'
import { readPolar } from './polar'
import { apply, type Sale } from './sale'
import { readStripe } from './stripe'

const DAY = 86_400_000
const quiet = { warn: () => undefined, error: () => undefined }
const seconds = (date: string) => Date.parse(date) / 1000
const untilSeptember = '2031-09-01T00:00:00.000Z'
const untilOctober = '2031-10-01T00:00:00.000Z'

let licensing: Licensing
let productId: string

beforeEach(async () => {
  licensing = await createLicensing({ storage: memoryStorage(), keyring: createKeyring(new Date()), logger: quiet })
  productId = (await licensing.products.create({ name: 'Acme Editor' })).id
})

afterEach(() => licensing.close())

/** What a provider's events read as, of one subscription: sold without a name, renewed twice in the wrong order, refunded. */
const STORIES: Readonly<Record<string, () => Promise<readonly (Sale | undefined)[]>>> = {
  async Stripe() {
    const invoice = (billing_reason: string, end: string) =>
      readStripe({
        type: 'invoice.paid',
        data: {
          object: {
            parent: { subscription_details: { subscription: 'sub_1' } },
            customer_name: null,
            customer_email: 'Jörg@Example.de',
            billing_reason,
            lines: { data: [{ quantity: 2, period: { end: seconds(end) } }] },
          },
        },
      })
    return [
      invoice('subscription_create', '2031-08-01T00:00:00Z'),
      invoice('subscription_cycle', untilOctober),
      invoice('subscription_cycle', untilSeptember),
      { kind: 'refunded', id: 'sub_1' },
    ]
  },
  async Paddle() {
    const transaction = (origin: string, ends_at: string) =>
      readPaddle(
        {
          event_type: 'transaction.completed',
          data: {
            id: 'txn_1',
            subscription_id: 'sub_1',
            customer_id: 'ctm_1',
            origin,
            billing_period: { ends_at },
            items: [{ quantity: 2 }],
          },
        },
        async () => ({ name: null, email: 'Jörg@Example.de' }),
      )
    const adjustment = (status: string) =>
      readPaddle(
        {
          event_type: 'adjustment.updated',
          data: { action: 'refund', type: 'full', status, transaction_id: 'txn_1', subscription_id: 'sub_1' },
        },
        () => Promise.reject(new Error('nobody is asked')),
      )
    expect(await adjustment('pending_approval')).toBeUndefined()
    return [
      await transaction('web', '2031-08-01T00:00:00Z'),
      await transaction('subscription_recurring', untilOctober),
      await transaction('subscription_recurring', untilSeptember),
      await adjustment('approved'),
    ]
  },
  async 'Lemon Squeezy'() {
    const read = (event_name: string, id: string, attributes: object) =>
      readLemonSqueezy({ meta: { event_name }, data: { id, attributes } })
    const buyer = { user_name: null, user_email: 'Jörg@Example.de' }
    return [
      read('order_created', '7', { ...buyer, status: 'paid', first_order_item: { quantity: 2 } }),
      read('subscription_updated', '1', { ...buyer, order_id: 7, renews_at: untilOctober }),
      read('subscription_updated', '1', { ...buyer, order_id: 7, renews_at: untilSeptember }),
      read('order_refunded', '7', { ...buyer, status: 'refunded', refunded: true }),
    ]
  },
  async Polar() {
    const order = (billing_reason: string, current_period_end: string) =>
      readPolar({
        type: 'order.paid',
        data: {
          id: 'ord_1',
          subscription_id: 'sub_1',
          billing_reason,
          customer: { name: null, email: 'Jörg@Example.de' },
          subscription: { current_period_end },
          seats: 2,
        },
      })
    return [
      order('subscription_create', '2031-08-01T00:00:00Z'),
      order('subscription_cycle', untilOctober),
      order('subscription_cycle', untilSeptember),
      readPolar({ type: 'order.refunded', data: { id: 'ord_1', subscription_id: 'sub_1', status: 'refunded' } }),
    ]
  },
}

describe.each(Object.entries(STORIES))('%s', (_, story) => {
  it('one license, however often and in whatever order it is told, to the end of what was paid for', async () => {
    const sales = (await story()).filter((sale) => sale !== undefined)
    expect(sales.map(({ kind }) => kind)).toEqual(['paid', 'renewed', 'renewed', 'refunded'])
    const [paid, ...later] = sales as [Sale, Sale, Sale, Sale]
    const keys = [await apply(licensing, productId, paid), await apply(licensing, productId, paid)]
    expect(keys[0]).toEqual(keys[1])
    const [license] = (await licensing.licenses.list()).items
    expect(license).toMatchObject({ maxActivations: 6, blocked: false })
    const holder = await licensing.customers.findByEmail('jörg@example.de')
    expect(holder).toMatchObject({ id: license?.customerId, name: 'Jörg@Example.de' })

    for (const sale of later.slice(0, 2)) expect(await apply(licensing, productId, sale)).toMatchObject({ licenses: 1 })
    const expiresAt = new Date(Date.parse(untilOctober) + 7 * DAY)
    expect((await licensing.licenses.list()).items).toMatchObject([{ expiresAt, blocked: false }])
    await apply(licensing, productId, later[2])
    expect((await licensing.licenses.list()).items).toMatchObject([{ blocked: true }])
  })
})

it('a renewal that comes before its sale finds nothing, and says so', async () => {
  const renewal = { kind: 'renewed', id: 'sub_1', paidUntil: new Date(untilOctober) } as const
  expect(await apply(licensing, productId, renewal)).toEqual({ kind: 'changed', licenses: 0 })
})

it('what was bought once has no end; what is not paid yet makes nothing; a part of the money leaves the license', () => {
  const session = { id: 'cs_1', payment_intent: 'pi_1', customer_details: { name: 'Ada', email: 'ada@example.com' } }
  const read = (payment_status: string) =>
    readStripe({ type: 'checkout.session.completed', data: { object: { ...session, payment_status } } })
  expect(read('paid')).toMatchObject({ kind: 'paid', id: 'pi_1', paidUntil: null })
  expect(read('unpaid')).toBeUndefined()
  const refund = (refunded: boolean) =>
    readStripe({ type: 'charge.refunded', data: { object: { payment_intent: 'pi_1', refunded } } })
  expect(refund(true)).toEqual({ kind: 'refunded', id: 'pi_1' })
  expect(refund(false)).toBeUndefined()
})

it('a signature of Lemon Squeezy is over the bytes', () => {
  const body = Buffer.from('{ "meta": {} }')
  const signature = createHmac('sha256', 'secret').update(body).digest('hex')
  expect(isFromLemonSqueezy(body, signature, 'secret')).toBe(true)
  expect(isFromLemonSqueezy(Buffer.from('{"meta":{}}'), signature, 'secret')).toBe(false)
  expect(isFromLemonSqueezy(body, '', 'secret')).toBe(false)
})
