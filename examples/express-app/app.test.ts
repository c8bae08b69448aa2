import { createHmac } from 'node:crypto'
import { createKeyring, createLicensing, type Licensing } from 'keyslot/server'
import { memoryStorage } from 'keyslot/storage'
import request from 'supertest'
import { afterEach, beforeEach, expect, it } from 'vitest'
import { createShop } from './app'

const webhookSecret = 'a secret of the payment provider'
const quiet = { warn: () => undefined, error: () => undefined }

let licensing: Licensing
let productId: string

beforeEach(async () => {
  licensing = await createLicensing({ storage: memoryStorage(), keyring: createKeyring(new Date()), logger: quiet })
  productId = (await licensing.products.create({ name: 'Acme Editor' })).id
})

afterEach(() => licensing.close())

function pay(paymentId: string, signedWith = webhookSecret) {
  // Spaces a parser would lose: the signature is over the bytes.
  const body = `{ "type": "payment.succeeded", "paymentId": "${paymentId}", "seats": 3, "customer": { "name": "Ada", "email": "ada@example.com" } }`
  return request(createShop({ licensing, productId, webhookSecret }))
    .post('/webhooks/payment')
    .set('Content-Type', 'application/json')
    .set('X-Signature', createHmac('sha256', signedWith).update(body).digest('hex'))
    .send(body)
}

it('makes one license per payment, however often the webhook comes', async () => {
  await pay('pay_1').expect(200, { received: true })
  await pay('pay_1').expect(200, { received: true })
  await pay('pay_2').expect(200, { received: true })
  const { items, total } = await licensing.licenses.list({ productId }, { limit: 10 })
  expect(total).toBe(2)
  expect(items.map(({ maxActivations }) => maxActivations)).toEqual([3, 3])
  expect(new Set(items.map(({ customerId }) => customerId)).size).toBe(1)
})

it('makes none for a forged webhook', async () => {
  await pay('pay_1', 'guessed').expect(400)
  expect((await licensing.licenses.list({}, { limit: 1 })).total).toBe(0)
})

it('keeps the other routes of the shop as they are', async () => {
  const shop = createShop({ licensing, productId, webhookSecret })
  await request(shop)
    .get('/')
    .expect(200, /Acme Editor/)
  await request(shop).post('/contact').send({ name: 'Ada' }).expect(200, { thanks: 'Ada' })
  await request(shop).get('/licensing/healthz').expect(200, { status: 'ok' })
})
