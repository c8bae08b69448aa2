/**
 * Lists as sets: on two handles, and where several batches are under way, rows of one instant come in the order in which
 * they were decided, which need not be that of their steps.
 */
export function looseOrder(value: unknown): unknown {
  if (Array.isArray(value)) {
    return value.map((item) => JSON.stringify(looseOrder(item))).sort()
  }
  if (typeof value !== 'object' || value === null || value instanceof Date) return value
  const fields = Object.entries(value).map(([name, field]) => [name, looseOrder(field)] as const)
  return Object.fromEntries(fields.sort(([one], [other]) => (one < other ? -1 : 1)))
}
