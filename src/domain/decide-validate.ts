import { type Activation, isLastSeenStale, seeActivation } from './activation'
import type { ActivationRows } from './decide-claim'
import { type Decided, only, rely, replace } from './decision'
import { type HostKey, hasOutstayed, isProven, shownKey } from './host-keys'
import { admitsHost, isExpired, isSoldFor, type License, type LicenseRefusal, refuseLicense } from './license'
import { wasRevoked } from './live-token'
import type { Proof } from './proof'
import { lacksProof } from './refuse-claim'
import { decideRenewal, firstRenewals, type Renewal } from './renewals'
import { decideSharing, markOfNetwork } from './sharing'
import { type FindEntries, type Stamped, stampToken } from './stamp'

/** A host that asks whether its license serves. */
export interface Validation extends Proof {
  readonly hostId: string
  /** The number of the license token that it has, where it tells. */
  readonly renewal?: number | undefined
  /** The address that it asks from, where that is known. */
  readonly address?: string | null
  /** The stamp of the license token that the host has. */
  readonly stamp?: number | undefined
}

export type ValidateOutcome = Stamped<Verdict>

type Verdict =
  /** `cloned`: valid all the same, and seen to be one of two. `shared`: the same, and keys of the host are in different networks. */
  | ({ readonly kind: 'valid' | 'cloned' | 'shared' } & ActivationRows)
  /** One of two, which must both activate again: seen now, or before. */
  | { readonly kind: 'ended-now' | 'ended'; readonly license: License }
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
 * else `not-activated`; `expired` where the host's own time has run out;
 * what `decideRenewal` says of the number that is shown.
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
    const isRevoked = activation !== null || wasRevoked(license, facts.findEntries(), asked, now)
    return only({ kind: isRevoked ? 'activation-revoked' : 'not-activated' })
  }
  if (isExpired(active.expiresAt, now)) return only({ kind: 'expired' })

  return renew({ license, product, customer, activation: active }, asked, now)
}

function renew(rows: ActivationRows, asked: Validation, now: Date): Decided<Verdict> {
  const { license, product, activation } = rows
  const key = keyWithRenewals(activation, asked, now)
  const renewal = key && decideRenewal(key.renewals ?? firstRenewals(key.boundAt), asked.renewal, product.onClone, now)
  const { kind = 'same' } = renewal ?? {}
  if (kind === 'ended') return only({ kind, license })
  if (kind === 'same' && !isLastSeenStale(activation, product, asked, now)) return only({ ...rows, kind: 'valid' })
  const renewed = withRenewals(seeActivation(activation, product, asked, now), key, renewal)
  if (kind === 'ended-now') return settled(rows, renewed, { kind, license })
  // Of two things to tell, the other is told at the next renewal.
  if (kind === 'cloned') return settled(rows, renewed, { ...rows, kind, activation: renewed })
  const { sharing, isTold } = lookForSharing(activation, asked, now)
  const seen = { ...renewed, sharing }
  return settled(rows, seen, { ...rows, kind: isTold ? 'shared' : 'valid', activation: seen })
}

function settled({ license, activation }: ActivationRows, seen: Activation, outcome: Verdict): Decided<Verdict> {
  return {
    outcome,
    // Relied on: whoever blocks the license revokes its tokens until the instants that stand here.
    changes: [replace('activation', activation, seen), ...rely('license', license)],
  }
}

function lookForSharing(activation: Activation, asked: Validation, now: Date) {
  const shown = shownKey(activation, asked, now)
  const keys = shown === undefined ? [] : [shown.thumbprint, ...shown.former]
  const network = markOfNetwork(activation.id, asked.address ?? null)
  return decideSharing(activation.sharing, { keys, network, now })
}

/** Only a user's newest key has numbers: folders that are older go on side by side with it. */
function keyWithRenewals(activation: Activation, asked: Validation, now: Date): HostKey | undefined {
  const key = shownKey(activation, asked, now)
  return key?.thumbprint === asked.proofKey ? key : undefined
}

function withRenewals(seen: Activation, key: HostKey | undefined, renewal: Renewal | undefined): Activation {
  if (key === undefined || renewal === undefined || renewal.kind === 'same') return seen
  const { renewals } = renewal
  const keys = seen.keys.map((one) => (one.thumbprint === key.thumbprint ? { ...one, renewals } : one))
  return { ...seen, keys }
}
