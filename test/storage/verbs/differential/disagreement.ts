import { isDeepStrictEqual } from 'node:util'
import { ask, type Call } from './calls'
import { plainModel } from './model/plain-model'
import type { MakePlace } from './places'

/** A call that was made, and when. */
export interface Logged {
  readonly call: Call
  readonly now: Date
}

/** A storage that answered otherwise than the model: the last call of the log. */
export class Disagreement extends Error {
  readonly log: readonly Logged[]

  constructor(
    { seed, log }: { readonly seed: number; readonly log: readonly Logged[] },
    storage: string,
    { answer, expected }: { readonly answer: unknown; readonly expected: unknown },
  ) {
    super(
      [
        `Seed ${seed}, call ${log.length}: ${storage} and the model say otherwise of ${show(log.at(-1)?.call)}`,
        differ(answer, expected),
      ].join('\n'),
    )
    this.name = 'Disagreement'
    this.log = [...log]
  }
}

/** What a storage says, and what the model says. */
export function differ(answer: unknown, expected: unknown): string {
  return `the storage: ${show(besides(answer, expected))}\nthe model: ${show(besides(expected, answer))}`
}

/** Of lists only what the other has not, or has elsewhere. */
function besides(one: unknown, other: unknown): unknown {
  if (!Array.isArray(one) || !Array.isArray(other)) return one
  const own = one.filter((item) => !other.some((same) => isDeepStrictEqual(item, same)))
  if (own.length > 0 || one.length !== other.length) return own
  return one.filter((item, index) => !isDeepStrictEqual(item, other[index]))
}

const MOST_ATTEMPTS = 1_500

/** The fewest calls found of a log after which a storage still disagrees with the model on the last of them. */
export async function shrink(log: readonly Logged[], makePlace: MakePlace): Promise<readonly Logged[]> {
  const last = log.slice(-1)
  let left = log.slice(0, -1)
  let attempts = 0
  for (let stretch = Math.ceil(left.length / 2); stretch >= 1 && attempts < MOST_ATTEMPTS; ) {
    const before = left.length
    for (let start = 0; start < left.length && attempts < MOST_ATTEMPTS; ) {
      const without = left.filter((_, index) => index < start || index >= start + stretch)
      attempts += 1
      if (await disagrees([...without, ...last], makePlace)) left = without
      else start += stretch
    }
    if (stretch === 1 && left.length === before) break
    stretch = Math.max(1, Math.floor(stretch / 2))
  }
  return [...left, ...last]
}

async function disagrees(log: readonly Logged[], makePlace: MakePlace): Promise<boolean> {
  const place = await makePlace()
  const storage = await place.open()
  const { storage: model } = plainModel()
  await model.open()
  try {
    for (const [index, { call, now }] of log.entries()) {
      const isSame = isDeepStrictEqual(await ask(storage, call, now), await ask(model, call, now))
      if (!isSame) return index === log.length - 1
    }
    return false
  } finally {
    await place.leave()
  }
}

/** A log as it can be read. */
export function showLog(log: readonly Logged[]): string {
  return log.map(({ call, now }) => `${now.toISOString()} ${show(call)}`).join('\n')
}

function show(value: unknown): string {
  return JSON.stringify(value) ?? String(value)
}
