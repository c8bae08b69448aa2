/**
 * The highest time that this process has seen while it checked one license token, to the second. The cache file holds the
 * same time in larger steps.
 */
export interface TimeMark {
  /** @returns the mark for that token. A new token starts at 0: that is how contact heals a clock that ran ahead. */
  current(licenseToken: string): number
  raise(licenseToken: string, seconds: number): void
  /** Starts at 0 again, for contact that has proven the time without bringing a new token. */
  reset(): void
}

export function createTimeMark(): TimeMark {
  let token: string | undefined
  let mark = 0
  return {
    current: (licenseToken) => (licenseToken === token ? mark : 0),
    raise(licenseToken, seconds) {
      mark = licenseToken === token ? Math.max(mark, seconds) : seconds
      token = licenseToken
    },
    reset() {
      token = undefined
    },
  }
}
