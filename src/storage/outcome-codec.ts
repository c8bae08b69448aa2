/**
 * A step's outcome as JSON text, for an idempotency record. Instants are kept to the millisecond; objects of a
 * vendor's that happen to use our tags come back as they were.
 */
export function encodeOutcome(outcome: object): string {
  return JSON.stringify(outcome, function (this: Record<string, unknown>, name, value: unknown) {
    // JSON.stringify calls toJSON before the replacer; the holder still has the Date.
    const original = this[name]
    if (original instanceof Date) return { $date: original.getTime() }
    return isTagged(value) ? { $entries: Object.entries(value) } : value
  })
}

/** The outcome {@link encodeOutcome} was given. */
export function decodeOutcome<O extends object>(text: string): O {
  return JSON.parse(text, (_name, value: unknown) => {
    if (!isTagged(value)) return value
    if (Array.isArray(value.$entries)) return Object.fromEntries(value.$entries as [string, unknown][])
    return new Date(value.$date as number)
  }) as O
}

function isTagged(value: unknown): value is { readonly $date?: unknown; readonly $entries?: unknown } {
  return (
    typeof value === 'object' && value !== null && (Object.hasOwn(value, '$date') || Object.hasOwn(value, '$entries'))
  )
}
