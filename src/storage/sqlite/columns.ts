/** How columns that hold JSON or an instant are written and read. */
export function instant(ms: number | null): Date | null {
  return ms === null ? null : new Date(ms)
}

export function json(value: object | null): string | null {
  return value === null ? null : JSON.stringify(value)
}

export function parsed<T>(text: string | null): T | null {
  return text === null ? null : JSON.parse(text)
}
