import {
  type Activation,
  findHeld,
  isLastSeenStale,
  type NewActivation,
  seeActivation,
  startActivation,
  type Takeover,
  takeOver,
  takeoverOf,
} from './activation'
import type { Customer } from './customer'
import { type Decided, insert, only, rely, remove, replace } from './decision'
import { isSoldFor, type License } from './license'
import type { Product } from './product'
import { type ClaimRefusal, refuseClaim } from './refuse-claim'
import { tokensOf } from './revoke'

/** The rows a claim was decided on, as they are after the step. */
export interface ActivationRows {
  readonly license: License
  readonly product: Product
  readonly customer: Customer | null
  readonly activation: Activation
}

export type ClaimOutcome =
  | ({ readonly kind: 'created' | 'existing' | Exclude<Takeover, 'moved'> } & ActivationRows)
  /** With the host that held the slot before. */
  | ({ readonly kind: 'moved'; readonly previousHostId: string } & ActivationRows)
  | { readonly kind: ClaimRefusal }
  | { readonly kind: 'gone' }

/** What a claim is decided on. */
export interface ClaimFacts {
  readonly accountId: string
  readonly license: License | null
  readonly product: Product | null
  readonly customer: Customer | null
  /** The license's activations on this host and its previous ones. */
  readonly activations: readonly Activation[]
}

/**
 * Claims an activation slot for a host. In this order: `gone` unless the license is sold for the product; what
 * `refuseClaim` says; where the host or a previous one holds a slot, what `takeoverOf` says of it, else `existing`, whatever
 * the limit; `limit-reached`; else `created`.
 */
export function decideClaim(facts: ClaimFacts, claim: NewActivation, now: Date): Decided<ClaimOutcome> {
  const { accountId, license, product, customer } = facts
  if (license === null || !isSoldFor(license, product, accountId)) return only({ kind: 'gone' })
  const held = findHeld(claim, (hostId) => facts.activations.find((one) => one.hostId === hostId) ?? null)
  const refusal = refuseClaim({ license, product, customer, activation: held }, claim, now)
  if (refusal !== undefined) return only({ kind: refusal })

  const rows = { license, product, customer }
  const relied = [...rely('product', product), ...rely('customer', customer)]
  if (held === null) {
    const counted = { ...license, activationCount: license.activationCount + 1 }
    const activation = startActivation(license, product, claim, now)
    return {
      outcome: { ...rows, kind: 'created', license: counted, activation },
      changes: [replace('license', license, counted), insert('activation', activation), ...relied],
    }
  }
  const takeover = takeoverOf(held, claim)
  if (takeover === undefined) return seeAgain(rows, held, now)

  const taken = takeOver(held, product, claim, now)
  const moved =
    held.hostId === taken.hostId
      ? [replace('activation', held, taken)]
      : [remove('activation', held), insert('activation', taken)]
  const outcome = { ...rows, activation: taken }
  return {
    outcome:
      takeover === 'moved'
        ? { ...outcome, kind: takeover, previousHostId: held.hostId }
        : { ...outcome, kind: takeover },
    // The license changes hands: whoever counts or blocks it meanwhile decides again.
    changes: [...moved, replace('license', license, { ...license }), ...relied],
    revoked: tokensOf(license, [held]),
  }
}

function seeAgain(rows: Omit<ActivationRows, 'activation'>, held: Activation, now: Date): Decided<ClaimOutcome> {
  if (!isLastSeenStale(held, now)) return only({ ...rows, kind: 'existing', activation: held })
  const activation = seeActivation(held, rows.product, now)
  return { outcome: { ...rows, kind: 'existing', activation }, changes: [replace('activation', held, activation)] }
}
