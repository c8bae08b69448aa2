import { createHmac, timingSafeEqual } from 'node:crypto'
import type { Sale } from './sale'

/** What is used of Lemon Squeezy's events. */
export interface LemonSqueezyEvent {
  readonly meta: { readonly event_name: string }
  readonly data: {
    readonly id: string
    readonly attributes: {
      readonly user_name?: string | null
      readonly user_email?: string | null
      readonly status?: string
      readonly refunded?: boolean
      readonly order_id?: number
      readonly renews_at?: string | null
      readonly ends_at?: string | null
      readonly first_order_item?: { readonly quantity?: number } | null
    }
  }
}

/** Whether a body, as its bytes came, was signed with the secret of the webhook: header `X-Signature`. */
export function isFromLemonSqueezy(body: Buffer, signature: string, secret: string): boolean {
  const expected = createHmac('sha256', secret).update(body).digest()
  const given = Buffer.from(signature, 'hex')
  return given.length === expected.length && timingSafeEqual(given, expected)
}

/** All is named by the order, which the events of its subscription name, too. */
export function readLemonSqueezy({ meta, data }: LemonSqueezyEvent): Sale | undefined {
  const { attributes } = data
  const { user_name: name = null, user_email: email = null, order_id, renews_at, status } = attributes
  switch (meta.event_name) {
    case 'order_created': {
      const quantity = attributes.first_order_item?.quantity ?? 1
      // Until its subscription says more, which it does at once, the license of an order has no end.
      return status === 'paid' ? { kind: 'paid', id: data.id, name, email, quantity, paidUntil: null } : undefined
    }
    case 'subscription_created':
    case 'subscription_updated':
      if (order_id === undefined || !renews_at) return undefined
      return { kind: 'renewed', id: String(order_id), paidUntil: new Date(renews_at) }
    case 'order_refunded':
      return attributes.refunded === false ? undefined : { kind: 'refunded', id: data.id }
    default:
      return undefined
  }
}
