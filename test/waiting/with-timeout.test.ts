import { setTimeout as sleep } from 'node:timers/promises'
import { describe, expect, it } from 'vitest'
import { isTimeout, withTimeout } from '../../src/waiting/with-timeout'

const errorOf = (work: Promise<unknown>) =>
  work.then(
    () => undefined,
    (error: unknown) => error,
  )

describe('withTimeout', () => {
  it('passes on the value and the error of work that ends in time', async () => {
    expect(await withTimeout(async () => 7, 1_000)).toBe(7)
    const failure = new Error('of the work')
    expect(await errorOf(withTimeout(() => Promise.reject(failure), 1_000))).toBe(failure)
    expect(isTimeout(failure)).toBe(false)
  })

  it('ends on time when the work does not heed its signal', async () => {
    const error = await errorOf(withTimeout(() => new Promise(() => undefined), 20))
    expect(isTimeout(error)).toBe(true)
  })

  it('aborts the signal, and still says that the time was up', async () => {
    let aborted = false
    const error = await errorOf(
      withTimeout(
        (signal) =>
          new Promise((_, reject) => {
            signal.addEventListener('abort', () => {
              aborted = true
              reject(signal.reason)
            })
          }),
        20,
      ),
    )
    expect(aborted).toBe(true)
    expect(isTimeout(error)).toBe(true)
  })

  it('leaves the signal alone when the work ends in time', async () => {
    let seen: AbortSignal | undefined
    await withTimeout(async (signal) => {
      seen = signal
    }, 20)
    await sleep(40)
    expect(seen?.aborted).toBe(false)
  })
})
