import type { Sale } from './sale'

/** What is used of Stripe's events; `stripe.webhooks.constructEvent` has checked the signature. */
export type StripeEvent =
  | {
      readonly type: 'checkout.session.completed' | 'checkout.session.async_payment_succeeded'
      readonly data: {
        readonly object: {
          readonly id: string
          readonly payment_status: string
          readonly payment_intent?: string | null
          readonly subscription?: string | null
          readonly customer_details: { readonly name: string | null; readonly email: string | null } | null
        }
      }
    }
  | {
      readonly type: 'invoice.paid'
      readonly data: {
        readonly object: {
          /** Before the API of 2025-03-31. */
          readonly subscription?: string | null
          readonly parent?: { readonly subscription_details?: { readonly subscription: string } | null } | null
          readonly customer_name: string | null
          readonly customer_email: string | null
          readonly billing_reason: string
          readonly lines: {
            readonly data: readonly { readonly quantity: number | null; readonly period: { readonly end: number } }[]
          }
        }
      }
    }
  | {
      readonly type: 'charge.refunded' | 'charge.dispute.created'
      readonly data: { readonly object: { readonly payment_intent: string | null; readonly refunded?: boolean } }
    }

/** Of a subscription, the first invoice sells and the later ones renew; of anything else, the checkout sells. */
export function readStripe(event: StripeEvent): Sale | undefined {
  switch (event.type) {
    case 'checkout.session.completed':
    case 'checkout.session.async_payment_succeeded': {
      const { id, payment_status, payment_intent, subscription, customer_details } = event.data.object
      if (payment_status !== 'paid' || subscription) return undefined
      const { name = null, email = null } = customer_details ?? {}
      return { kind: 'paid', id: payment_intent ?? id, name, email, quantity: 1, paidUntil: null }
    }
    case 'invoice.paid': {
      const { subscription, parent, billing_reason, lines, ...invoice } = event.data.object
      const id = parent?.subscription_details?.subscription ?? subscription
      const ends = lines.data.map(({ period }) => period.end)
      if (!id || ends.length === 0) return undefined
      const paidUntil = new Date(Math.max(...ends) * 1000)
      if (billing_reason !== 'subscription_create') return { kind: 'renewed', id, paidUntil }
      const quantity = lines.data[0]?.quantity ?? 1
      return { kind: 'paid', id, name: invoice.customer_name, email: invoice.customer_email, quantity, paidUntil }
    }
    case 'charge.refunded':
    case 'charge.dispute.created': {
      const { payment_intent, refunded = true } = event.data.object
      // A part of the money leaves the license as it is.
      return payment_intent !== null && refunded ? { kind: 'refunded', id: payment_intent } : undefined
    }
  }
}
