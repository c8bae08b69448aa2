/** What is licensed. */
export interface Product {
  readonly id: string
  readonly accountId: string
  /** The number AuthTool calls a package id: counts up per installation, never used twice. */
  readonly packageId: number
  readonly name: string
  /** An inactive product's keys look unknown to families A and B. */
  readonly active: boolean
  /** How long a license token is good for without contact. */
  readonly offlineLifetimeSeconds: number
  /** How long past that a check passes with a warning. */
  readonly graceSeconds: number
  /** The features a license of this product grants, carried in the license token. */
  readonly entitlements: readonly string[]
  /** Apps must prove, with a key of their own, which host they are; plain clients cannot, and are refused. */
  readonly requireProof: boolean
  /** Whoever has a license key may list its devices and free one of them. */
  readonly selfService: boolean
  /** How long a trial lasts, which each host may have once; null where there is none. */
  readonly trialSeconds: number | null
  readonly createdAt: Date
}

const DAY_SECONDS = 86_400

export const DEFAULT_OFFLINE_LIFETIME_SECONDS = 14 * DAY_SECONDS
export const DEFAULT_GRACE_SECONDS = 7 * DAY_SECONDS

/** The name of the counter of package ids: the highest ever given. */
export const PACKAGE_IDS = 'package-id'
