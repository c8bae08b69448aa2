import type { Licensing } from 'keyslot/server'

/** What a payment provider tells, whichever it is. */
export type Sale =
  | {
      readonly kind: 'paid'
      /** Of the subscription, or of the order where there is none: the same in all that comes later. */
      readonly id: string
      readonly name: string | null
      readonly email: string | null
      readonly quantity: number
      /** Until when it is paid for; null for good. */
      readonly paidUntil: Date | null
    }
  /** A subscription is paid for further. */
  | { readonly kind: 'renewed'; readonly id: string; readonly paidUntil: Date }
  /** The money went back, or is disputed. */
  | { readonly kind: 'refunded'; readonly id: string }

/** How long a late payment costs nobody their license. */
const PATIENCE_DAYS = 7

/** What became of a sale. */
export type Applied =
  /** The license key is to be mailed. */
  | { readonly kind: 'sold'; readonly key: string }
  /** So many licenses were looked at. None: the sale may not have come yet, or is of something else. */
  | { readonly kind: 'changed'; readonly licenses: number }

/**
 * Does what a sale comes to. It may come twice, and in any order: the same sale makes one license, and an earlier renewal takes
 * nothing from a later one.
 */
export async function apply(licensing: Licensing, productId: string, sale: Sale): Promise<Applied> {
  if (sale.kind === 'paid') {
    const { key } = await licensing.licenses.create({
      productId,
      maxActivations: 3 * sale.quantity,
      customer: { name: sale.name, email: sale.email },
      expiresAt: sale.paidUntil && withPatience(sale.paidUntil),
      externalId: sale.id,
      idempotencyKey: sale.id,
    })
    return { kind: 'sold', key }
  }
  let licenses = 0
  for await (const { key, expiresAt } of licensing.licenses.each({ externalId: sale.id })) {
    licenses += 1
    if (sale.kind === 'refunded') {
      await licensing.licenses.block(key)
      continue
    }
    const renewed = withPatience(sale.paidUntil)
    if (expiresAt === null || expiresAt < renewed) await licensing.licenses.update(key, { expiresAt: renewed })
  }
  return { kind: 'changed', licenses }
}

function withPatience(paidUntil: Date): Date {
  return new Date(paidUntil.getTime() + PATIENCE_DAYS * 86_400_000)
}
