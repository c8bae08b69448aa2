/** An instant as answers carry it: ISO 8601 with milliseconds and `Z`. */
export function toInstant(date: Date): string {
  return date.toISOString()
}

/** Null where it never comes. */
export function toExpiry(date: Date | null): string | null {
  return date && toInstant(date)
}
