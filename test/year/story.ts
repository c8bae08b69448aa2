import type { Payer } from './payer'
import type { Time } from './time'
import type { Vendor } from './vendor'

/** What a story may touch. */
export interface Life {
  readonly payer: Payer
  readonly vendor: Vendor
  readonly time: Time
  /** From 0 up to 1. */
  readonly random: () => number
  /** Goes on so many days later, before the app is started that day. */
  after(days: number, then: () => unknown): void
}

/** A circumstance of somebody's life, with what it may cost them. */
export interface Story {
  readonly name: string
  /** What happens, and what the person does about it. */
  readonly says: string
  /** How long somebody who paid may be without a usable license for it, in days. */
  readonly boundDays: number
  /** How often it happens to somebody in a year. */
  readonly perYear: number
  /** False where somebody's circumstances do not allow it. */
  fits?(payer: Payer): boolean
  play(life: Life): unknown
}
