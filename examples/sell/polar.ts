import type { Sale } from './sale'

/** What is used of Polar's events; `validateEvent` of its SDK, or any library for Standard Webhooks, has checked the signature. */
export type PolarEvent =
  | {
      readonly type: 'order.paid'
      readonly data: {
        readonly id: string
        readonly subscription_id: string | null
        readonly billing_reason: string
        readonly customer: { readonly name: string | null; readonly email: string | null }
        readonly subscription?: { readonly current_period_end: string | null } | null
        readonly seats?: number | null
      }
    }
  | {
      readonly type: 'order.refunded'
      readonly data: { readonly id: string; readonly subscription_id: string | null; readonly status: string }
    }
  | { readonly type: 'subscription.revoked'; readonly data: { readonly id: string } }

export function readPolar(event: PolarEvent): Sale | undefined {
  switch (event.type) {
    case 'order.paid': {
      const { id: orderId, subscription_id, billing_reason, customer, subscription, seats } = event.data
      const id = subscription_id ?? orderId
      const end = subscription?.current_period_end
      const paidUntil = end ? new Date(end) : null
      if (billing_reason === 'subscription_cycle') return paidUntil ? { kind: 'renewed', id, paidUntil } : undefined
      return { kind: 'paid', id, name: customer.name, email: customer.email, quantity: seats ?? 1, paidUntil }
    }
    case 'order.refunded': {
      const { id, subscription_id, status } = event.data
      return status === 'refunded' ? { kind: 'refunded', id: subscription_id ?? id } : undefined
    }
    case 'subscription.revoked':
      // It is over now, and not at the end of what was paid for.
      return { kind: 'refunded', id: event.data.id }
  }
}
