import { setImmediate } from 'node:timers/promises'

/** Does work in the order it comes, one piece at a time, each in a turn of the event loop of its own. */
export type OneByOne = <T>(work: () => Promise<T>) => Promise<T>

export function createOneByOne(): OneByOne {
  let last: Promise<unknown> = Promise.resolve()
  return (work) => {
    const mine = last.then(async () => {
      await setImmediate()
      return await work()
    })
    last = mine.catch(() => undefined)
    return mine
  }
}
