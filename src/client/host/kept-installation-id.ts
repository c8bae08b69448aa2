import path from 'node:path'
import { readSmallFile } from '../files/read-small-file'

const FILE = 'installation-id'
const PATTERN = /^[0-9a-f]{32}\n?$/

/** Reads the installation id; undefined when there is none, or its file is damaged. */
export async function readInstallationId(dataDir: string): Promise<string | undefined> {
  const text = await readSmallFile(installationIdFile(dataDir)).catch(() => '')
  return PATTERN.test(text) ? text.trim() : undefined
}

export function installationIdFile(dataDir: string): string {
  return path.join(dataDir, FILE)
}
