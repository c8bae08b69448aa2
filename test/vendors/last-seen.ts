import { readFileSync, writeFileSync } from 'node:fs'

const FILE = new URL('last-seen.json', import.meta.url)

/** When each client, by its id, was last played without a stumble: `YYYY-MM-DD`. */
export type LastSeen = Readonly<Record<string, string>>

export function lastSeen(): LastSeen {
  return JSON.parse(readFileSync(FILE, 'utf8'))
}

export function keepLastSeen(seen: LastSeen): void {
  writeFileSync(FILE, `${JSON.stringify(seen, null, 2)}\n`)
}
