import { describe, expect, it } from 'vitest'
import { growingPauseMs } from '../../src/waiting/growing-pause'
import { retry } from '../../src/waiting/retry'

/** Throws so many times, then returns the number of the attempt. */
function failing(times: number): () => number {
  let attempts = 0
  return () => {
    attempts++
    if (attempts <= times) throw new Error(`attempt ${attempts}`)
    return attempts
  }
}

describe('retry', () => {
  it('does the work once where no rule asks for more', async () => {
    expect(await retry(failing(0), {})).toBe(1)
    await expect(retry(failing(1), {})).rejects.toThrow('attempt 1')
  })

  it('goes on while the rule for errors gives a pause, and passes on the last error', async () => {
    const afterError = (_: unknown, attempt: number) => (attempt < 3 ? 0 : undefined)
    expect(await retry(failing(2), { afterError })).toBe(3)
    await expect(retry(failing(9), { afterError })).rejects.toThrow('attempt 3')
  })

  it('goes on while the rule for values gives a pause, and returns the last value', async () => {
    const seen: number[] = []
    const afterValue = (value: number, attempt: number) => {
      seen.push(value, attempt)
      return attempt < 3 ? 1 : undefined
    }
    expect(await retry(failing(0), { afterValue })).toBe(3)
    expect(seen).toEqual([1, 1, 2, 2, 3, 3])
  })
})

describe('growingPauseMs', () => {
  it('doubles up to the longest', () => {
    expect([1, 2, 3, 4, 5].map((attempt) => growingPauseMs(attempt, 250, 2_000))).toEqual([250, 500, 1000, 2000, 2000])
  })
})
