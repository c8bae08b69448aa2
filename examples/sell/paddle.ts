import type { Sale } from './sale'

/** What is used of the events of Paddle Billing; `paddle.webhooks.unmarshal` has checked the signature. */
export type PaddleEvent =
  | {
      readonly event_type: 'transaction.completed'
      readonly data: {
        readonly id: string
        readonly subscription_id: string | null
        readonly customer_id: string | null
        readonly origin: string
        readonly billing_period: { readonly ends_at: string } | null
        readonly items: readonly { readonly quantity: number }[]
      }
    }
  | {
      readonly event_type: 'adjustment.created' | 'adjustment.updated'
      readonly data: {
        readonly action: string
        readonly type?: string
        readonly status: string
        readonly transaction_id: string
        readonly subscription_id: string | null
      }
    }

/**
 * Its events name a customer by id only.
 * @param customerOf asks Paddle who that is (`paddle.customers.get`); the name may be null
 */
export async function readPaddle(
  event: PaddleEvent,
  customerOf: (id: string) => Promise<{ readonly name: string | null; readonly email: string }>,
): Promise<Sale | undefined> {
  if (event.event_type === 'transaction.completed') {
    const { id: transactionId, subscription_id, customer_id, origin, billing_period, items } = event.data
    const id = subscription_id ?? transactionId
    const paidUntil = billing_period && new Date(billing_period.ends_at)
    if (origin === 'subscription_recurring') return paidUntil ? { kind: 'renewed', id, paidUntil } : undefined
    const customer = customer_id === null ? { name: null, email: null } : await customerOf(customer_id)
    return {
      kind: 'paid',
      id,
      name: customer.name,
      email: customer.email,
      quantity: items[0]?.quantity ?? 1,
      paidUntil,
    }
  }
  const { action, type = 'full', status, transaction_id, subscription_id } = event.data
  const isBack = action === 'chargeback' || (action === 'refund' && type === 'full')
  // Refunds wait for Paddle's approval.
  if (!isBack || status !== 'approved') return undefined
  return { kind: 'refunded', id: subscription_id ?? transaction_id }
}
