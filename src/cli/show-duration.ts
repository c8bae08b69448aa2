const UNITS = [
  [86_400, 'day'],
  [3_600, 'hour'],
  [60, 'minute'],
] as const

/** A length of time in the largest unit that fits evenly: `14 days`. */
export function showSeconds(seconds: number): string {
  const [size, unit] = UNITS.find(([length]) => seconds >= length && seconds % length === 0) ?? [1, 'second']
  const amount = seconds / size
  return `${amount} ${unit}${amount === 1 ? '' : 's'}`
}
