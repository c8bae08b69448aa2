/** The highest time this process has seen while checking one license token, to the second; the file has it in steps. */
export interface TimeMark {
  /** @returns the mark for that token; a new token starts anew, which is how contact heals a clock that ran ahead */
  current(licenseToken: string): number
  raise(licenseToken: string, seconds: number): void
  /** Begins anew, where contact has proven the time without bringing a new token. */
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
