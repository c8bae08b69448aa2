import path from 'node:path'
import { readSmallFileIfAny } from '../files/read-small-file'

const FILE = 'installation-id'
const PATTERN = /^[0-9a-f]{32}\n?$/

/**
 * Reads the installation id; undefined when there is none, or its file is damaged.
 * @throws the system's error when the file cannot be read at present
 */
export async function readInstallationId(dataDir: string): Promise<string | undefined> {
  const text = await readSmallFileIfAny(installationIdFile(dataDir))
  return PATTERN.test(text) ? text.trim() : undefined
}

export function installationIdFile(dataDir: string): string {
  return path.join(dataDir, FILE)
}
