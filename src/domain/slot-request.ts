import type { NewActivation } from './activation'
import type { Allowance } from './allowance'
import type { FileRequest } from './file-end'
import type { License } from './license'
import type { LiveToken, PreviousToken } from './live-token'
import type { Product } from './product'
import type { SeatRules } from './seat-rules'

/** A host that asks for a slot, and the rules that it is held to. */
export interface SlotRequest extends NewActivation {
  /** The device, by the id of its activation, whose slot this host is to have where it holds none. */
  readonly replaceDevice?: string | undefined
  /** What shows that the host had a slot before. */
  readonly token?: LiveToken | undefined
  /** Shown by a host that is not sure to be the previous one; see `mayFollow`. */
  readonly previousToken?: PreviousToken | undefined
  /** Set where the host is given a license file. */
  readonly file?: FileRequest | undefined
  /** Default: slots change hands as often as comes, and hosts have as many users as are remembered. */
  readonly rules?: SeatRules | undefined
  /** What counts once against `rules.activations`. Default its host; something else where that is new with each request. */
  readonly unit?: string | undefined
}

/** The allowances that the request may be charged to. */
export function likelyAllowances({ rules, trusted, ...asked }: SlotRequest): readonly Allowance[] {
  if (rules === undefined || trusted === true) return []
  const replaces = asked.replaceDevice !== undefined
  const changesHands = replaces || (asked.previousHostIds ?? []).length > 0
  return [changesHands ? rules.moves : null, replaces ? rules.frees : null, rules.activations].filter(
    (allowance) => allowance !== null,
  )
}

/** How many users a host may have: what its license says, else its product, else the rules. The vendor is held to no number. */
export function usersPerHost(
  { license, product }: { readonly license: License; readonly product: Product },
  { rules, trusted }: SlotRequest,
): number | undefined {
  return trusted === true ? undefined : (license.usersPerHost ?? product.usersPerHost ?? rules?.usersPerHost)
}
