import type { CloneRule } from '../protocol/enumerations'
import type { AuthtoolClient, AuthtoolClientChanges } from './authtool-client'

/** What the vendor sets of a product, besides its name. */
export interface ProductTerms {
  /** Whether there is such a product for apps: an inactive one's license keys look unknown. Default true. */
  readonly active: boolean
  /** How long a license token is good for without contact, at least 60. Default 14 days. */
  readonly offlineLifetimeSeconds: number
  /** How long past that a check passes with a warning. Default 7 days. */
  readonly graceSeconds: number
  /** The features its licenses grant, carried in the license token. Default none. */
  readonly entitlements: readonly string[]
  /**
   * Whether apps must prove, with a key of their own, which host they are. The client kit does; a plain KeyMint client
   * cannot, and is answered 403. Default false.
   */
  readonly requireProof: boolean
  /** Whether whoever has a license key may list its devices and free one of them. Default false. */
  readonly selfService: boolean
  /**
   * What follows where a host and its clone have both renewed: an event, `license.cloned`, or that both must activate again as
   * well. Default `event`.
   */
  readonly onClone: CloneRule
  /** How long a trial lasts, which each host may have once; at least 60. Default null: there is none. */
  readonly trialSeconds: number | null
  /** How many users a host of one of its licenses may have, 1 to 32, unless the license says. Default null: as the server is set. */
  readonly usersPerHost: number | null
}

/** What is licensed. */
export interface Product extends ProductTerms {
  readonly id: string
  readonly accountId: string
  /** The number AuthTool calls a package id: counts up per installation, never used twice. */
  readonly packageId: number
  readonly name: string
  /** Set where apps made for AuthTool are served; see `docs/authtool-client.md`. Null: they are not. */
  readonly authtoolClient: AuthtoolClient | null
  readonly createdAt: Date
}

/** What is given is changed; absent stays. */
export interface ProductChanges extends Partial<ProductTerms> {
  readonly name?: string
  readonly authtoolClient?: AuthtoolClientChanges | null
}

const DAY_SECONDS = 86_400

/** The terms of a product that is made without any; a new object each time, since callers get to see it. */
export function defaultProductTerms(): ProductTerms {
  return {
    active: true,
    offlineLifetimeSeconds: 14 * DAY_SECONDS,
    graceSeconds: 7 * DAY_SECONDS,
    entitlements: [],
    requireProof: false,
    selfService: false,
    onClone: 'event',
    trialSeconds: null,
    usersPerHost: null,
  }
}

/** The name of the counter of package ids: the highest ever given. */
export const PACKAGE_IDS = 'package-id'
