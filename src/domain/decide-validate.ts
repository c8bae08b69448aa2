import { isLastSeenStale, seeActivation } from './activation'
import type { ActivationRows } from './decide-claim'
import { type Decided, only, rely, replace } from './decision'
import { hasOutstayed, isProven } from './host-keys'
import { admitsHost, isExpired, isSoldFor, type License, type LicenseRefusal, refuseLicense } from './license'
import { wasRevoked } from './live-token'
import type { Proof } from './proof'
import { lacksProof } from './refuse-claim'
import { type FindEntries, type Stamped, stampToken } from './stamp'

/** A host that asks whether its license serves. */
export interface Validation extends Proof {
  readonly hostId: string
}

export type ValidateOutcome = Stamped<Verdict>

type Verdict =
  | ({ readonly kind: 'valid' } & ActivationRows)
  | {
      readonly kind:
        | LicenseRefusal
        | 'wrong-product'
        | 'wrong-host'
        | 'not-activated'
        | 'activation-revoked'
        | 'proof-required'
        | 'users-exceeded'
        | 'gone'
    }

/** What a validation is decided on. */
export interface ValidateFacts extends Omit<ActivationRows, 'license' | 'product' | 'activation'> {
  readonly accountId: string
  readonly license: License | null
  readonly product: ActivationRows['product'] | null
  /** The license's activation on the host. */
  readonly activation: ActivationRows['activation'] | null
  /** The ceiling of stamps. */
  readonly ceiling: number
  readonly findEntries: FindEntries
}

/**
 * Whether a license serves on a host. Never takes a slot, and binds to no key; marks the host as seen where that is due. In
 * this order: `gone` unless account has such a license and such an active product; `wrong-product`; what the license
 * refuses; `wrong-host`; `users-exceeded`; `proof-required`; `activation-revoked` where the host has lost its slot on purpose, and
 * else `not-activated`; `expired` where the host's own time has run out.
 */
export function decideValidate(facts: ValidateFacts, asked: Validation, now: Date): Decided<ValidateOutcome> {
  return stampToken(judge(facts, asked, now), facts.ceiling, now)
}

function judge(facts: ValidateFacts, asked: Validation, now: Date): Decided<Verdict> {
  const { accountId, license, product, customer, activation } = facts
  if (license?.accountId !== accountId || product?.active !== true || product.accountId !== accountId)
    return only({ kind: 'gone' })
  if (!isSoldFor(license, product, accountId)) return only({ kind: 'wrong-product' })
  const refusal = refuseLicense(license, customer, now)
  if (refusal !== undefined) return only({ kind: refusal })
  if (!admitsHost(license, asked.hostId)) return only({ kind: 'wrong-host' })
  const active = activation?.surrenderedAt === null ? activation : null
  const isShown = active === null || isProven(active, asked, now)
  if (active !== null && !isShown && hasOutstayed(active, asked, now)) return only({ kind: 'users-exceeded' })
  if (lacksProof(product, activation, asked, now) || !isShown) return only({ kind: 'proof-required' })
  if (active === null) {
    const isRevoked = activation !== null || wasRevoked(license, facts.findEntries(), asked.hostId, now)
    return only({ kind: isRevoked ? 'activation-revoked' : 'not-activated' })
  }
  if (isExpired(active.expiresAt, now)) return only({ kind: 'expired' })

  const rows = { license, product, customer }
  if (!isLastSeenStale(active, product, asked, now)) return only({ ...rows, kind: 'valid', activation: active })
  const seen = seeActivation(active, product, asked, now)
  return {
    outcome: { ...rows, kind: 'valid', activation: seen },
    // Relied on: whoever blocks the license revokes its tokens until the instants that stand here.
    changes: [replace('activation', active, seen), ...rely('license', license)],
  }
}
