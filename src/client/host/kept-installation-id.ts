import { readFile } from 'node:fs/promises'
import path from 'node:path'

const FILE = 'installation-id'
const PATTERN = /^[0-9a-f]{32}\n?$/

/** Reads the installation id; undefined when there is none, or its file is damaged. */
export async function readInstallationId(dataDir: string): Promise<string | undefined> {
  const text = await readFile(installationIdFile(dataDir), 'utf8').catch(() => '')
  return PATTERN.test(text) ? text.trim() : undefined
}

export function installationIdFile(dataDir: string): string {
  return path.join(dataDir, FILE)
}
