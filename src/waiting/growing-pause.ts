/** A pause that doubles with every attempt, from the first one up to the longest, in milliseconds. */
export function growingPauseMs(attempt: number, firstMs: number, longestMs: number): number {
  return Math.min(longestMs, firstMs * 2 ** (attempt - 1))
}
