import type { Rider } from './rider'

/** How somebody uses more than was paid for, without changing the program. */
export interface Trick {
  readonly name: string
  /** What the person does. */
  readonly says: string
  /**
   * - `spread`: a license that is paid for is used on further computers.
   * - `end`: one computer goes on beyond the end of what was paid for.
   * - `alone`: the same, of something that does not meet other tricks.
   */
  readonly kind: 'spread' | 'end' | 'alone'
  /**
   * What is gained at most, in days of use of one computer: in the first 30 days, and in each 30 days after. By the
   * documents, not by a measurement. Of `end`: for each computer that holds the license.
   */
  readonly boundDaysPerMonth: readonly [first: number, later: number]
  /** Where that is stated, and how it follows. */
  readonly stated: string
  /** Of `spread`: how many further computers hold the license when it ends. */
  readonly carries?: number
  /** Of `end`: what is set back. Clock and folder together are an earlier moment of the whole computer. */
  readonly setsBack?: 'clock' | 'folder'
  play(rider: Rider): unknown
}

/** For how long a license token is good without contact, grace included, in days: 14 and 7 by default. */
export const TOKEN_DAYS = 21
/** A license token is renewed, where there is a network, when half of its life is over. */
export const RENEWAL_DAYS = 7
/** How often a slot changes hands in 30 days while its tokens live: five times, and once for the one slot. */
export const MOVES = 6
/**
 * On how many days the app is started by a clock that is behind what it said itself, once: the budget for that is a tenth of the
 * token's life, 33.6 hours, of which each start of the computer costs four.
 */
export const BUDGET_DAYS = 8
