import { rm } from 'node:fs/promises'
import path from 'node:path'

const FILE = 'proof-key.json'

/** The file with the key that this folder's host shows when it activates. */
export function keptKeyFile(dataDir: string): string {
  return path.join(dataDir, FILE)
}

/** The name of a damaged one. */
export function asideName(file: string): string {
  return `${file}.bad`
}

/** Forgets the key of this folder. Never throws. */
export async function forgetKeptKey(dataDir: string | undefined): Promise<void> {
  if (dataDir === undefined) return
  const file = keptKeyFile(dataDir)
  for (const name of [file, asideName(file)]) await rm(name, { force: true }).catch(() => undefined)
}
