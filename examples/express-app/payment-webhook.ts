import { createHmac, timingSafeEqual } from 'node:crypto'
import type { RequestHandler } from 'express'
import { isLicenseError } from 'keyslot/server'
import type { ShopOptions } from './app'

/** What a payment provider tells when a payment went through; yours has its own shape. */
interface PaymentSucceeded {
  readonly type: 'payment.succeeded'
  readonly paymentId: string
  readonly seats: number
  readonly customer: { readonly name: string; readonly email: string }
}

/**
 * Turns a payment into a license key. Providers repeat a webhook until it is answered with 2xx, so it must be safe to
 * repeat: the payment's id as idempotency key gives the same license however often it comes.
 */
export function paymentWebhook({ licensing, productId, webhookSecret }: ShopOptions): RequestHandler {
  return async (req, res) => {
    const body = req.body as Buffer
    if (!isSigned(body, req.get('X-Signature') ?? '', webhookSecret)) {
      res.status(400).json({ error: 'bad signature' })
      return
    }
    const event = JSON.parse(body.toString('utf8')) as PaymentSucceeded
    try {
      const { key } = await licensing.licenses.create({
        productId,
        maxActivations: event.seats,
        customer: event.customer,
        metadata: { paymentId: event.paymentId },
        idempotencyKey: event.paymentId,
      })
      await sendLicenseMail(event.customer.email, key)
      res.json({ received: true })
    } catch (error) {
      // Storage busy or away: a 5xx makes the provider try again later, and nothing is lost.
      if (isLicenseError(error, 'STORAGE_UNAVAILABLE')) res.status(503).json({ error: 'try again' })
      else throw error
    }
  }
}

function isSigned(body: Buffer, signature: string, secret: string): boolean {
  const expected = createHmac('sha256', secret).update(body).digest()
  const given = Buffer.from(signature, 'hex')
  return given.length === expected.length && timingSafeEqual(given, expected)
}

/** Stands for your mailer. */
async function sendLicenseMail(email: string, key: string): Promise<void> {
  process.stdout.write(`mail to ${email}: your license key is ${key}\n`)
}
