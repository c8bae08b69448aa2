import express, { type Express } from 'express'
import type { Licensing } from 'keyslot/server'
import { paymentWebhook } from './payment-webhook'

export interface ShopOptions {
  readonly licensing: Licensing
  /** The product that is sold. */
  readonly productId: string
  /** What the payment provider signs its webhooks with. */
  readonly webhookSecret: string
}

/** A shop that has its own routes, and keyslot beside them. */
export function createShop({ licensing, productId, webhookSecret }: ShopOptions): Express {
  const app = express()

  app.get('/', (_req, res) => {
    res.type('text/plain').send('Acme Editor: buy it, then enter your license key in the app.\n')
  })

  // A webhook needs the bytes as they were sent, to check their signature: it comes before any body parser. keyslot
  // reads bodies of its own routes only, so it does not matter whether it is mounted before or after.
  app.post(
    '/webhooks/payment',
    express.raw({ type: 'application/json' }),
    paymentWebhook({ licensing, productId, webhookSecret }),
  )

  app.use('/licensing', licensing.router)

  app.use(express.json())
  app.post('/contact', (req, res) => {
    res.json({ thanks: String(req.body?.name ?? 'you') })
  })
  return app
}
