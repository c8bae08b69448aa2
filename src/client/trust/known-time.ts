/** Both clocks of this computer at one moment, in seconds: the wall clock since 1970, and the uptime, sleep included. */
export interface Reading {
  readonly wall: number
  readonly uptime: number
  /** Names the boot, where the system does. Where it does not, a boot is told from another by its clocks. */
  readonly boot?: string | undefined
}

/** A moment whose time was judged. Within one boot, the time of every other moment follows by uptime. */
export interface Anchor extends Reading {
  /** The judged time, Unix seconds. */
  readonly time: number
}

/** What a host remembers of its clocks, beside the highest time seen. Instants are Unix seconds. */
export interface ClockMarks {
  /** The highest time signed, or the time that was told last, when the server took back an earlier one. */
  readonly signed: number
  /** The `kid`s of the keys that all of this comes from. When one of them is revoked, all of this falls. */
  readonly by: readonly string[]
  /** What to add to the wall clock, in seconds, as the server told it last. Absent where it never told the time. */
  readonly correction?: number
  readonly anchor?: Anchor
  /** Whether the server has told the time since the computer has started. */
  readonly told?: boolean | undefined
  /** Whether the time of the anchor was behind. */
  readonly behind?: boolean | undefined
  /** How much of the budget for being behind was spent, in seconds. */
  readonly spent?: number
}

/** What is known before the clocks are read. */
export interface KnownTime {
  readonly marks: ClockMarks
  readonly highestTimeSeen: number
  /** How long the license token lasts, in seconds; the budget is a part of it. */
  readonly lifeSeconds: number
  /** From when on the license is not usable, Unix seconds. */
  readonly end: number
  /** See `startOf`, of the boot of this process, where it is known. */
  readonly startedAt?: number | undefined
}
