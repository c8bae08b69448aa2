/** Where in a log the power is cut. */
import type { Event } from './events'

/**
 * How many events happen before each cut: some just after a promise, some just before a sync, when most is unsynced, some
 * while the store is made, the others spread over the whole log.
 */
export function cutPoints(events: readonly Event[], count: number): readonly number[] {
  const afterPromises = [...events.keys()].filter((index) => events[index - 1]?.kind === 'promise')
  const beforeSyncs = [...events.keys()].filter((index) => events[index]?.kind.startsWith('sync') === true)
  const beforePromises = [...events.keys()].slice(1, events.findIndex(({ kind }) => kind === 'promise') + 1)
  const points = new Set([
    ...spread(beforePromises, Math.round(count * 0.1)),
    ...spread(afterPromises, Math.round(count * 0.4)),
    ...spread(beforeSyncs, Math.round(count * 0.3)),
  ])
  const others = [...events.keys()].filter((index) => index > 0 && !points.has(index))
  return [...points, ...spread(others, count - points.size)].toSorted((a, b) => a - b)
}

/** So many of the values, evenly, the last among them. */
function spread(values: readonly number[], count: number): readonly number[] {
  return Array.from({ length: count }, (_, index) => values[Math.ceil(((index + 1) * values.length) / count) - 1] ?? 0)
}
